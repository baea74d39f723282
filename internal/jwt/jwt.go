// Package jwt takes a signed JSON Web Token apart, strictly, so that one token has one text.
//
// encoding/base64 decodes more than RFC 4648 encodes: it skips line breaks and ignores bits that the last character has to
// spare. With it a token of three segments has some sixty texts that all verify, and each is another token to a cache,
// to a list of what was seen and to whoever compares. This package verifies nothing.
package jwt

import (
	"encoding/base64"
	"errors"
	"slices"
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
	segments := strings.SplitN(token, ".", 4)
	if len(segments) != 3 || slices.Contains(segments, "") {
		return Token{}, ErrSegments
	}
	var decoded [3][]byte
	strict := base64.RawURLEncoding.Strict()
	for i, segment := range segments {
		var err error
		decoded[i], err = strict.DecodeString(segment)
		// Strict refuses bits that nothing uses (RFC 4648, section 3.5). Line breaks it skips, and the segment is too long for its bytes.
		if err != nil || len(segment) != strict.EncodedLen(len(decoded[i])) {
			return Token{}, ErrEncoding // the library's error tells where, which is something of the token
		}
	}
	return Token{Header: decoded[0], Payload: decoded[1], Signature: decoded[2]}, nil
}
