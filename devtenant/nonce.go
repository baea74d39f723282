package devtenant

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// Access tokens for Microsoft Graph have a nonce in their header, and the signature is over a header that holds the
// nonce's SHA-256 in its place. Whoever doesn't know that finds the signature wrong: the token is Graph's alone to
// check, and an API that takes it for its own fails at once, as at Entra.

// signWithNonce makes such a token.
func signWithNonce(key signingKey, claims map[string]any) string {
	nonce := randomText(32)
	return replaceNonce(signWith(key, claims, header{"nonce", hashedNonce(nonce)}), nonce)
}

// withHashedNonce is a token as it was signed, and says whether it has a nonce. Any other token is returned as it is.
func withHashedNonce(raw string) (string, bool) {
	nonce, ok := headerOf(raw)["nonce"].(string)
	if !ok {
		return raw, false
	}
	return replaceNonce(raw, hashedNonce(nonce)), true
}

func hashedNonce(nonce string) string {
	sum := sha256.Sum256([]byte(nonce))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// replaceNonce puts another nonce into a token's header. The signature is over the header's text, so it has to be
// written as the signer writes it: encoding/json sorts the members of a map, for both.
func replaceNonce(raw, nonce string) string {
	members := headerOf(raw)
	members["nonce"] = nonce
	encoded, err := json.Marshal(members)
	if err != nil {
		panic("devtenant: encoding the header of a token: " + err.Error()) // decoded from JSON a moment ago
	}
	_, rest, _ := strings.Cut(raw, ".")
	return base64.RawURLEncoding.EncodeToString(encoded) + "." + rest
}

// headerOf is a token's header; nil for what has none.
func headerOf(raw string) map[string]any {
	encoded, _, _ := strings.Cut(raw, ".")
	decoded, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return nil
	}
	var members map[string]any
	if json.Unmarshal(decoded, &members) != nil {
		return nil
	}
	return members
}
