package explain

import (
	"fmt"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
)

// claimsTable puts what the two tokens say side by side.
type claimsTable struct {
	Rows []claim
	HasB bool // the API tells of token B in development only
}

// claim is a claim of both tokens. Same tells what on-behalf-of leaves as it is: the user and the tenant.
type claim struct {
	Name    string
	Meaning string
	A, B    string
	Same    bool
}

func orDash(value string) string {
	if value == "" {
		return "–"
	}
	return value
}

// newClaimsTable puts what the two tokens say side by side.
func newClaimsTable(s *figures, now time.Time) claimsTable {
	a, err := entra.DecodeClaims(s.visit.Token.Value)
	if err != nil {
		return claimsTable{} // the form of an access token is the API's business, and nothing depends on it here
	}
	table := claimsTable{}
	var b entra.Claims
	if s.answer != nil && s.answer.Token != nil {
		b, table.HasB = *s.answer.Token, true
	}
	for _, row := range []claim{
		{Name: "aud", Meaning: "for whom", A: a.Audience, B: b.Audience},
		{Name: "iss", Meaning: "from whom", A: a.Issuer, B: b.Issuer},
		{Name: "ver", Meaning: "in which format", A: a.Version, B: b.Version},
		{Name: "scp", Meaning: "to do what", A: a.Scope, B: b.Scope},
		{Name: "azp / appid", Meaning: "through which application", A: a.Client(), B: b.Client()},
		{Name: "oid", Meaning: "on behalf of whom", A: a.ObjectID, B: b.ObjectID},
		{Name: "tid", Meaning: "of which tenant", A: a.TenantID, B: b.TenantID},
		{Name: "exp", Meaning: "until when", A: expiry(a, now), B: expiry(b, now)},
	} {
		row.Same = table.HasB && row.Name != "exp" && row.A == row.B
		table.Rows = append(table.Rows, row)
	}
	return table
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
