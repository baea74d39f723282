package entra

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/go-jose/go-jose/v4"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/jwt"
)

var (
	// ErrKeysUnavailable: there are no keys to verify anything with, because the tenant has not been reached yet.
	// The token may be good; the caller should come back (503).
	ErrKeysUnavailable = errors.New("the tenant's signing keys are not available")
	// ErrUnknownKey: the token names no key, or one that the tenant doesn't have.
	ErrUnknownKey = errors.New("the token's signing key is not one of the tenant's")
	// ErrSignature: the signature doesn't belong to the token's content.
	ErrSignature = errors.New("the token's signature is not valid")
)

// SignatureCheck implements go-oidc's KeySet for one token, and remembers what became of its signature: go-oidc keeps an error's
// text alone, and a tier that can't reach its tenant (503) must not tell everybody that their tokens are bad (401).
type SignatureCheck struct {
	Provider *Provider
	Payload  []byte // of a token whose signature is good
	Err      error  // as [Provider.VerifySignature] has it
}

// VerifySignature implements go-oidc's KeySet.
func (s *SignatureCheck) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	s.Payload, s.Err = s.Provider.VerifySignature(ctx, token)
	return s.Payload, s.Err
}

// VerifySignature implements go-oidc's KeySet: it returns the payload of a JWT that one of the tenant's keys signed with
// RS256. A token has one text: go-jose and go-oidc decode each of its segments from several, see internal/jwt.
func (p *Provider) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	if _, err := jwt.Decode(token); err != nil {
		return nil, ErrSignature
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil || len(signed.Signatures) != 1 {
		return nil, ErrSignature
	}
	key, err := p.keys.lookup(ctx, signed.Signatures[0].Protected.KeyID)
	if err != nil {
		return nil, err
	}
	payload, err := signed.Verify(key.key)
	if err != nil || !p.vouched(ctx, key, payload) {
		return nil, ErrSignature
	}
	return payload, nil
}

// vouched reports whether the key that signed a payload is one for the issuer in it. What is no issuer of the authority's at all is
// for the caller to refuse.
func (p *Provider) vouched(ctx context.Context, key signingKey, payload []byte) bool {
	if !p.authority.Several() {
		return true // the key set has been read for the one issuer
	}
	var origin struct {
		Issuer   string `json:"iss"`
		TenantID string `json:"tid"`
	}
	issuers, err := p.Issuers(ctx)
	if err != nil || json.Unmarshal(payload, &origin) != nil {
		return false
	}
	return !issuers.Is(origin.Issuer) || key.vouchesFor(origin.TenantID, origin.Issuer)
}
