// Package challenge reads and writes the WWW-Authenticate challenges of the scheme Bearer, and the claims requests in them.
// Header values and JSON come in; a [Challenge] or checked claims go out. It never looks at a token.
//
// It is the one reader for both tiers and for every form that Entra, Resource Manager and Graph use on the wire: a claims
// request that one tier accepts and the next one drops is a user who is signed in again for nothing.
package challenge

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
)

// MaxHeader bounds one WWW-Authenticate value that is read, in bytes: room for [MaxClaims] in base64, and the rest.
const MaxHeader = 16 << 10

// The values of error (RFC 6750, section 3.1, and "Claims challenges, claims requests and client capabilities").
const (
	InvalidRequest     = "invalid_request"
	InvalidToken       = "invalid_token"
	InsufficientScope  = "insufficient_scope"
	InsufficientClaims = "insufficient_claims"
)

// Challenge is one challenge of the scheme Bearer. The zero value has no attributes, for a request without a token: RFC 6750
// section 3.1 wants no error code there.
type Challenge struct {
	Error            string
	Description      string
	Scope            string
	Claims           string // the claims request, JSON; "" for none
	AuthorizationURI string // where the user can sign in
	ResourceMetadata string // where the API describes itself (RFC 9728, section 5.1)
	ClaimsError      error  // why Claims is empty although the header had some; only read
}

// WantsSignIn reports whether the resource asks for a token that meets claims. Graph says insufficient_claims; Resource
// Manager says invalid_token for a revoked session, and only the claims beside it tell that a new sign-in helps.
func (c Challenge) WantsSignIn() bool {
	return c.Error == InsufficientClaims || c.Claims != ""
}

// String returns the header's value. Azure SDKs and MSAL read it only in this form: every value quoted, the claims in
// standard base64 with its padding.
func (c Challenge) String() string {
	var parameters []string
	add := func(name, value string) {
		if value != "" {
			parameters = append(parameters, name+`="`+quoted.Replace(value)+`"`)
		}
	}
	if c.Error == InsufficientClaims {
		parameters = append(parameters, `realm=""`)
	}
	add("authorization_uri", c.AuthorizationURI)
	add("error", c.Error)
	add("error_description", c.Description)
	add("scope", c.Scope)
	if c.Claims != "" {
		add("claims", base64.StdEncoding.EncodeToString([]byte(c.Claims)))
	}
	add("resource_metadata", c.ResourceMetadata)
	return strings.TrimSpace("Bearer " + strings.Join(parameters, ", "))
}

// quoted makes text fit for a quoted string (RFC 9110, section 5.6.4). A line break would end the header.
var quoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", " ", "\n", " ")

var word = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// Read returns the challenge of the scheme Bearer in a response's header, the one with claims where there are several, and
// false where there is none that can be read. Of the texts in it only error, where it is a word, and the claims are kept:
// the rest is written by whoever answered.
func Read(header http.Header) (Challenge, bool) {
	var found Challenge
	ok := false
	for _, value := range header.Values("WWW-Authenticate") {
		if len(value) > MaxHeader {
			found.ClaimsError = cmp.Or(found.ClaimsError, ErrTooLong)
			continue
		}
		for _, one := range split(value) {
			if !strings.EqualFold(one.scheme, "Bearer") {
				continue
			}
			read := Challenge{}
			if word.MatchString(one.parameters["error"]) {
				read.Error = one.parameters["error"]
			}
			if encoded, there := one.parameters["claims"]; there {
				read.Claims, read.ClaimsError = DecodeClaims(encoded)
			}
			if !ok || (found.Claims == "" && read.Claims != "") {
				found, ok = read, true
			}
		}
	}
	return found, ok || found.ClaimsError != nil
}
