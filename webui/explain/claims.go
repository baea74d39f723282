package explain

import (
	"cmp"
	"fmt"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
)

// claimsTable is what the exchange makes of token A's claims, in three groups, and the claims that tell nothing of on-behalf-of.
type claimsTable struct {
	Groups    []claimsGroup
	Technical []claim
	HasB      bool // the API tells of token B in development only
}

// claimsGroup is the claims that the exchange treats alike.
type claimsGroup struct {
	Name, Meaning string
	Class         string // of its rows' style
	Claims        []claim
}

// claim is a claim of token A and, where the API tells, of token B.
type claim struct {
	Name    string
	Meaning string
	Values  []value
}

// value is a claim's value, and who that is where this side knows.
type value struct{ Text, Who string }

// newClaimsTable puts what the two tokens say side by side.
func newClaimsTable(s *figures, now time.Time) claimsTable {
	a, err := entra.DecodeClaims(s.page.Token.Value)
	if err != nil {
		return claimsTable{} // the form of an access token is the API's business, and nothing depends on it here
	}
	var b entra.Claims
	table := claimsTable{HasB: s.answer != nil && s.answer.Token != nil}
	if table.HasB {
		b = *s.answer.Token
	}
	user := s.page.Session.User
	named := func(id string) value {
		switch id {
		case "":
			return value{}
		case a.Audience, b.Client():
			return value{id, "the API"}
		case a.Client():
			return value{id, "the web UI"}
		case b.Audience:
			return value{id, s.about.TokenFor}
		case user.ObjectID:
			return value{id, cmp.Or(user.Name, user.Username)}
		case user.TenantID:
			return value{id, "your tenant"}
		}
		return value{Text: id}
	}
	row := func(name, meaning string, a, b value) claim {
		if !table.HasB {
			return claim{name, meaning, []value{a}}
		}
		return claim{name, meaning, []value{a, b}}
	}
	stays := claimsGroup{Name: "Stays", Meaning: "the user, on whose behalf it is", Class: "stays", Claims: []claim{
		row("oid", "which user", named(a.ObjectID), named(b.ObjectID)),
		row("tid", "of which tenant", named(a.TenantID), named(b.TenantID)),
	}}
	audience := row("aud", "for which API", named(a.Audience), named(b.Audience))
	client := row("azp / appid", "given to which application", named(a.Client()), named(b.Client()))
	scope := row("scp", "to do what", value{Text: a.Scope}, value{Text: b.Scope})
	if table.HasB {
		table.Groups = []claimsGroup{
			stays,
			{Name: "Moves on", Meaning: "whom token A is for is who got token B: this is on-behalf-of", Class: "moves", Claims: []claim{
				row("aud → "+clientClaim(b), "the API in between", named(a.Audience), named(b.Client())),
			}},
			{Name: "Changes", Meaning: "another API, and what may be done there", Class: "changes", Claims: []claim{audience, scope, client}},
		}
	} else {
		table.Groups = []claimsGroup{{Claims: append([]claim{audience, scope, client}, stays.Claims...)}}
	}
	table.Technical = []claim{
		row("iss", "from whom", value{Text: a.Issuer}, value{Text: b.Issuer}),
		row("ver", "in which format", value{Text: a.Version}, value{Text: b.Version}),
		row("exp", "until when", value{Text: expiry(a, now)}, value{Text: expiry(b, now)}),
	}
	return table
}

// clientClaim names the claim that says who got the token: azp in v2.0 tokens, appid in v1.0.
func clientClaim(c entra.Claims) string {
	if c.AZP != "" {
		return "azp"
	}
	return "appid"
}

// expiry says the time, and how far away it is.
func expiry(c entra.Claims, now time.Time) string {
	if c.Expires == 0 {
		return ""
	}
	left := c.ExpiresAt().Sub(now).Round(time.Minute)
	text := c.ExpiresAt().Format("2 January 2006, 15:04") + " UTC"
	switch {
	case left <= 0:
		return text + " (over)"
	case left < time.Hour:
		return text + fmt.Sprintf(" (in %d minutes)", int(left.Minutes()))
	}
	return text + fmt.Sprintf(" (in %d h %d min)", int(left.Hours()), int(left.Minutes())%60)
}
