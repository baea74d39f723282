// Package jwt takes a signed JSON Web Token apart, strictly, so that one token has one text.
//
// encoding/base64 decodes more than RFC 4648 encodes: it skips line breaks and ignores bits that the last character has to
// spare. With it a token of three segments has some sixty texts that all verify, and each is another token to a cache,
// to a list of what was seen and to whoever compares. This package verifies nothing.
package jwt

import (
	"encoding/base64"
	"errors"
	"strings"
)

var (
	// ErrSegments is a text that isn't three non-empty segments (RFC 7515, section 7.1). An encrypted token has five.
	ErrSegments = errors.New("the token is not a signed JWT of three segments")
	// ErrEncoding is a segment that isn't base64url in the one form that RFC 7515, section 2, allows.
	ErrEncoding = errors.New("a segment of the token is not base64url in its one form")
)

// Token is the three segments of a JWS in compact serialization, decoded.
type Token struct {
	Header    []byte
	Payload   []byte
	Signature []byte
}

// Decode takes a token apart. The error is [ErrSegments] or [ErrEncoding] and holds nothing of the token.
func Decode(token string) (Token, error) {
	header, rest, _ := strings.Cut(token, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	if header == "" || payload == "" || signature == "" || strings.Contains(signature, ".") {
		return Token{}, ErrSegments
	}
	var decoded Token
	for _, segment := range []struct {
		text string
		into *[]byte
	}{{header, &decoded.Header}, {payload, &decoded.Payload}, {signature, &decoded.Signature}} {
		var err error
		if *segment.into, err = decodeSegment(segment.text); err != nil {
			return Token{}, err
		}
	}
	return decoded, nil
}

// decodeSegment decodes base64url without padding (RFC 7515, section 2), and nothing else: no line breaks, no other
// alphabet, and no last character with bits that nothing uses (RFC 4648, section 3.5). What it takes, it takes in one
// spelling only. Its error is [ErrEncoding].
func decodeSegment(text string) ([]byte, error) {
	// Strict is about spare bits alone: line breaks are skipped all the same.
	if strings.ContainsAny(text, "\r\n") {
		return nil, ErrEncoding
	}
	decoded, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, ErrEncoding // the library's error tells where, which is something of the token
	}
	return decoded, nil
}
