package server

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
)

// challenge is what the API's WWW-Authenticate says (RFC 6750 section 3; "Claims challenges, claims requests and client
// capabilities").
type challenge struct {
	err    string // error: insufficient_claims, invalid_token, insufficient_scope; "" where it names none
	claims string // the claims request, JSON; "" for none
}

const (
	maxChallenge = 8 << 10 // bytes of a header's value that is looked at
	maxClaims    = 2 << 10 // bytes of claims that fit into an address
)

// readChallenge returns the first challenge of the scheme Bearer. What can't be read is none.
func readChallenge(header http.Header) challenge {
	for _, value := range header.Values("WWW-Authenticate") {
		scheme, rest, _ := strings.Cut(value, " ")
		if len(value) > maxChallenge || !strings.EqualFold(scheme, "Bearer") {
			continue
		}
		parameters, ok := authParameters(rest)
		if !ok {
			continue
		}
		found := challenge{claims: decodeClaims(parameters["claims"])}
		if word.MatchString(parameters["error"]) {
			found.err = parameters["error"]
		}
		return found
	}
	return challenge{}
}

// authParameters reads name=value pairs, separated by commas, the values as tokens or quoted strings (RFC 9110, sections
// 5.6.4 and 11.2). A name that comes twice makes the whole challenge void: two readers could take different ones.
func authParameters(text string) (map[string]string, bool) {
	parameters := map[string]string{}
	for {
		text = strings.TrimLeft(text, " \t,")
		if text == "" {
			return parameters, true
		}
		name, rest, found := strings.Cut(text, "=")
		name = strings.ToLower(strings.TrimRight(name, " \t"))
		if !found || !word.MatchString(name) {
			return nil, false
		}
		value, after, ok := authValue(strings.TrimLeft(rest, " \t"))
		if _, twice := parameters[name]; !ok || twice {
			return nil, false
		}
		parameters[name], text = value, after
	}
}

// authValue takes one value from the beginning of text.
func authValue(text string) (value, rest string, ok bool) {
	if !strings.HasPrefix(text, `"`) {
		end := strings.IndexAny(text, ", \t")
		if end < 0 {
			end = len(text)
		}
		return text[:end], text[end:], !strings.Contains(text[:end], `"`)
	}
	var unquoted strings.Builder
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '"':
			return unquoted.String(), text[i+1:], true
		case '\\':
			i++
			if i == len(text) {
				return "", "", false
			}
		}
		unquoted.WriteByte(text[i])
	}
	return "", "", false
}

// decodeClaims returns the claims request in base64, as JSON. What isn't a JSON object is none: it would be sent on to
// Entra in the user's address bar.
func decodeClaims(encoded string) string {
	if encoded == "" || len(encoded) > maxClaims {
		return ""
	}
	claims, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		claims, err = base64.RawURLEncoding.DecodeString(encoded)
	}
	var object map[string]json.RawMessage
	if err != nil || json.Unmarshal(claims, &object) != nil || object == nil {
		return ""
	}
	return string(claims)
}
