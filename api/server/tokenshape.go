package server

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	josejson "github.com/go-jose/go-jose/v4/json"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// The first two steps at the door: the Authorization header and the token's own shape. They cost next to nothing, so
// that rubbish is turned away before any cryptography, and before anything is fetched.

const (
	// maxTokenLength bounds a token, in bytes. Entra's are below 4 kB; beyond 200 groups they name none ("groups overage").
	maxTokenLength = 16 << 10
	// maxHeaderLength bounds the token's own header, encoded. Entra's is some 150 bytes.
	maxHeaderLength = 4 << 10
)

// bearerToken takes the token from the Authorization header (RFC 6750, section 2.1). The other two places that the RFC
// knows, the query and the body, are ignored: what stands in a URL ends up in logs and histories.
func bearerToken(header http.Header) (secret.String, error) {
	values := header.Values("Authorization")
	if len(values) > 1 {
		// A proxy may have looked at the one and this API at the other.
		return secret.String{}, malformedRequest("The request has more than one Authorization header.")
	}
	if len(values) == 0 {
		return secret.String{}, &problem{code: apperror.NoToken, challenge: bareChallenge}
	}
	end := strings.IndexAny(values[0], " \t")
	if end < 0 {
		end = len(values[0])
	}
	scheme, token := values[0][:end], values[0][end:]
	if !strings.EqualFold(scheme, "Bearer") { // RFC 9110, section 11.1: in any case
		return secret.String{}, &problem{code: apperror.NoToken, challenge: bareChallenge}
	}
	if len(token) < 2 || token[0] != ' ' || token[1] == ' ' || token[1] == '\t' {
		return secret.String{}, malformedRequest("The Authorization header is not of the form: Bearer, one space, the token.")
	}
	return secret.New(token[1:]), nil
}

func malformedRequest(what string) *problem {
	return &problem{code: apperror.MalformedRequest, detail: what, challenge: refusalChallenge("invalid_request", what)}
}

// refuse is the answer to a token that failed a check: the name of the check, why, and nothing of the token.
func refuse(check, why string) *problem {
	return refuseAs(apperror.InvalidToken, check, why)
}

// refuseAs is refuse for a failure that internal/apperror knows more about than that the token is invalid. For the caller
// it is all the same (RFC 6750, section 3.1): get another token.
func refuseAs(code, check, why string) *problem {
	return &problem{
		code:      code,
		check:     check,
		detail:    "The access token was refused at the check of " + check + ": " + why + ".",
		challenge: refusalChallenge("invalid_token", check+": "+why),
	}
}

// checkShape looks at the token's form and at its header (RFC 7515). go-oidc and go-jose accept more than an access
// token of Entra can be; each check here says what would come in without it.
func checkShape(token secret.String) error {
	raw := token.Reveal()
	if len(raw) > maxTokenLength {
		return refuse("size", "it is longer than any access token of Entra")
	}
	// go-jose also reads JWS in JSON form, in which one text can hold several signatures and unsigned headers, and it
	// skips white space, so that one token would have many texts.
	if strings.ContainsFunc(raw, func(r rune) bool { return r != '.' && !base64URL(r) }) {
		return refuse("form", "it holds characters that a JWT in compact form does not have")
	}
	encoded, rest, _ := strings.Cut(raw, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	if encoded == "" || payload == "" || signature == "" || strings.Contains(signature, ".") {
		return refuse("form", "a signed JWT has three parts, and an encrypted one is not expected")
	}
	if len(encoded) > maxHeaderLength {
		return refuse("header", "it is longer than any header of Entra")
	}
	header, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return refuse("header", "it is not base64url")
	}
	members, ok := strictObject(header)
	if !ok {
		return refuse("header", "it is not a JSON object with each name once")
	}
	return checkHeader(members)
}

func base64URL(r rune) bool {
	return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_'
}

// forbiddenHeaders must not stand in the token's header, whatever they hold.
var forbiddenHeaders = []struct{ name, why string }{
	{"jwk", "a token can not bring the key that verifies it"},
	{"jku", "a token can not say where the key that verifies it is"},
	{"x5u", "a token can not say where the certificate that verifies it is"},
	{"x5c", "a token can not bring the certificate that verifies it"},
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
	if alg, _ := text(members, "alg"); alg != "RS256" {
		return refuse("alg", "it is not RS256")
	}
	// Without a kid go-oidc tries every key that the tenant has.
	if kid, ok := text(members, "kid"); !ok || kid == "" || len(kid) > 128 {
		return refuse("kid", "it names no signing key")
	}
	// A logout token, say, is signed by the same keys, and its typ is what tells it from an access token (RFC 8725,
	// section 3.11).
	if _, there := members["typ"]; there {
		typ, _ := text(members, "typ")
		if !slices.Contains([]string{"jwt", "at+jwt"}, strings.ToLower(typ)) {
			return refuse("typ", "it is not the type of an access token")
		}
	}
	return nil
}

// strictObject reads a JSON object and refuses what parsers disagree about, since the signature is over bytes and two
// readers of the same bytes must not see two tokens: the same name twice (encoding/json takes the last, others the
// first), and text that isn't UTF-8 (encoding/json mends it).
func strictObject(data []byte) (map[string]json.RawMessage, bool) {
	if !utf8.Valid(data) {
		return nil, false
	}
	var members map[string]json.RawMessage
	// go-jose's fork of encoding/json differs in just this: it refuses duplicate names.
	if err := josejson.Unmarshal(data, &members); err != nil || members == nil {
		return nil, false
	}
	return members, true
}

// text returns a member that is a string.
func text(members map[string]json.RawMessage, name string) (string, bool) {
	raw := members[name]
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	var value string
	err := json.Unmarshal(raw, &value)
	return value, err == nil
}
