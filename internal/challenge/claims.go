package challenge

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// MaxClaims bounds a claims request, in bytes of JSON. It is the one bound along the chain: in base64 it is 8 KiB of a header,
// and escaped it fits into the address of the sign-in page. An organization with 38 policies has 1.5 kB.
const MaxClaims = 6 << 10

var (
	// ErrTooLong: the claims request is longer than [MaxClaims].
	ErrTooLong = errors.New("the claims request is longer than 6 KiB")
	// ErrNoClaims: the text is not a claims request.
	ErrNoClaims = errors.New("the claims request is not a JSON object of objects")
)

// DecodeClaims reads a claims request as WWW-Authenticate carries it: in base64, with or without padding, in the standard or
// the URL alphabet, or as the JSON itself. Services send all five.
func DecodeClaims(encoded string) (string, error) {
	encoded = strings.TrimSpace(encoded)
	if strings.HasPrefix(encoded, "{") {
		return ParseClaims(encoded)
	}
	if base64.StdEncoding.DecodedLen(len(encoded)) > MaxClaims+2 {
		return "", ErrTooLong
	}
	plain := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(encoded, "="))
	decoded, err := base64.RawStdEncoding.DecodeString(plain)
	if err != nil {
		return "", ErrNoClaims
	}
	return ParseClaims(string(decoded))
}

// ParseClaims returns a claims request where the text is one (OpenID Connect Core, section 5.5): a JSON object whose members
// are objects. MSAL Go panics on null, and the text goes on to Entra in the user's address bar.
func ParseClaims(text string) (string, error) {
	if len(text) > MaxClaims {
		return "", ErrTooLong
	}
	var members map[string]json.RawMessage
	if !utf8.ValidString(text) || json.Unmarshal([]byte(text), &members) != nil || len(members) == 0 {
		return "", ErrNoClaims
	}
	for _, member := range members {
		if !bytes.HasPrefix(bytes.TrimSpace(member), []byte("{")) {
			return "", ErrNoClaims
		}
	}
	return text, nil
}
