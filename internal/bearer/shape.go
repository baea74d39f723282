package bearer

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	josejson "github.com/go-jose/go-jose/v4/json"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/jwt"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

const (
	// maxTokenLength bounds a token, in bytes. Most of Entra's are below 4 kB; one that names 200 groups by name has 20. The
	// server reads headers of 32 KiB.
	maxTokenLength = 24 << 10
	// maxHeaderLength bounds the token's own header, encoded. Entra's is some 150 bytes.
	maxHeaderLength = 4 << 10
)

// checkShape looks at the token's form and at its header (RFC 7515). go-oidc and go-jose accept more than an access
// token of Entra can be; each check here says what would come in without it.
func checkShape(token secret.String) error {
	raw := token.Reveal()
	if len(raw) > maxTokenLength {
		return refuse("size", "it is longer than the 24 KiB that this API reads; fewer groups in the token make it shorter")
	}
	if encoded, _, _ := strings.Cut(raw, "."); len(encoded) > maxHeaderLength {
		return refuse("header", "it is longer than any header of Entra")
	}
	// One text for one token. go-jose also reads JWS in JSON form, in which one text can hold several signatures, and skips white
	// space; with spare bits one signature has sixteen texts. Each would be verified and exchanged for itself.
	decoded, err := jwt.Decode(raw)
	switch {
	case errors.Is(err, jwt.ErrSegments):
		return refuse("form", "a signed JWT has three parts, and an encrypted one is not expected")
	case err != nil:
		return refuse("form", "a part is not base64url in its one form")
	}
	members, ok := strictObject(decoded.Header)
	if !ok {
		return refuse("header", "it is not a JSON object with each name once")
	}
	return checkHeader(members)
}

// forbiddenHeaders must not stand in the token's header, whatever they hold.
var forbiddenHeaders = []struct{ name, why string }{
	{"jwk", "a token cannot bring the key that verifies it"},
	{"jku", "a token cannot say where the key that verifies it is"},
	{"x5u", "a token cannot say where the certificate that verifies it is"},
	{"x5c", "a token cannot bring the certificate that verifies it"},
	{"crit", "it demands extensions that this API does not have"},
	{"b64", "an unencoded payload is not expected"},
	{"zip", "a compressed payload is not expected"},
	{"enc", "an encrypted token is not expected"},
	{"cty", "a token inside a token is not expected"},
	// Microsoft Graph's own tokens have it, and only Graph knows how to verify them: their signature is over the hash
	// of this value ("Access tokens in the Microsoft identity platform").
	{"nonce", "it is a token for Microsoft Graph; the client must ask for this API's scope"},
}

func checkHeader(members map[string]json.RawMessage) error {
	for _, forbidden := range forbiddenHeaders {
		if _, there := members[forbidden.name]; there {
			return refuse(forbidden.name, forbidden.why)
		}
	}
	// One algorithm, to the letter: with a choice, the token's author chooses (RFC 8725, section 3.1).
	if text(members, "alg") != "RS256" {
		return refuse("alg", "it is not RS256")
	}
	// Without a kid go-oidc tries every key that the tenant has.
	if kid := text(members, "kid"); kid == "" || len(kid) > 128 {
		return refuse("kid", "it names no signing key")
	}
	// A logout token, say, is signed by the same keys, and its typ is what tells it from an access token (RFC 8725,
	// section 3.11).
	if _, there := members["typ"]; there && !slices.Contains([]string{"jwt", "at+jwt"}, strings.ToLower(text(members, "typ"))) {
		return refuse("typ", "it is not the type of an access token")
	}
	return nil
}

// strictObject reads a JSON object and refuses what parsers disagree about, since the signature is over bytes and two
// readers of the same bytes must not see two tokens: the same name twice (encoding/json takes the last, others the
// first), and text that isn't UTF-8 (encoding/json mends it).
func strictObject(data []byte) (map[string]json.RawMessage, bool) {
	var members map[string]json.RawMessage
	// go-jose's fork of encoding/json differs in just this: it refuses duplicate names.
	if !utf8.Valid(data) || josejson.Unmarshal(data, &members) != nil || members == nil {
		return nil, false
	}
	return members, true
}

// text returns a member that is a string, and "" for any other.
func text(members map[string]json.RawMessage, name string) string {
	var value string
	if json.Unmarshal(members[name], &value) != nil {
		return ""
	}
	return value
}
