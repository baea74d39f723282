package bearer

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// Caller is who a valid token was issued to: a user and the application that they used, or an application alone.
type Caller struct {
	TenantID    string   // tid and oid together name a user for good; email, upn and preferred_username change owners
	ObjectID    string   // oid
	ClientID    string   // azp: the application that the token was issued to
	Scopes      []string // scp: what the application may do for the user
	Roles       []string // roles: what the application, or the user, may do by itself
	Application bool     // there is no user: the application signed in as itself
	Expires     time.Time

	Token  secret.String // the token itself, which on-behalf-of sends to Entra as its assertion
	Digest secret.Digest // of the token: the key of what is remembered about it
}

// Validator validates the tokens that one API is called with. It is safe for concurrent use.
type Validator struct {
	provider   *entra.Provider
	audience   string
	now        func() time.Time
	remembered *remembered
}

// NewValidator returns a validator of tokens that the provider's tenant issued for an API with this client id. now is the clock.
func NewValidator(provider *entra.Provider, clientID string, now func() time.Time) *Validator {
	return &Validator{provider: provider, audience: clientID, now: now, remembered: newRemembered()}
}

// Validate returns who sends the token in the header. Its errors are [apperror.Error]: 401 where the token is refused, 400 where
// the header is malformed, and 503 where the tenant's keys can't be had.
func (v *Validator) Validate(ctx context.Context, header http.Header) (Caller, error) {
	token, err := tokenFrom(header)
	if err != nil {
		return Caller{}, err
	}
	// The version is read before verifying: if the keys change meanwhile, what is remembered is not believed.
	digest, keys, now := token.Digest(), v.provider.KeysVersion(), v.now()
	caller, known := v.remembered.find(digest, keys, now)
	if !known {
		if caller, err = v.verify(ctx, token); err != nil {
			return Caller{}, err
		}
		caller.Digest = digest
		v.remembered.keep(caller, keys, now)
	}
	caller.Token = token
	return caller, nil
}

// verify makes all the checks of a token.
func (v *Validator) verify(ctx context.Context, token secret.String) (Caller, error) {
	if err := checkShape(token); err != nil {
		return Caller{}, err
	}
	if err := v.provider.Ready(); err != nil {
		return Caller{}, apperror.New(apperror.KeysUnavailable, err)
	}
	issuers, err := v.provider.Issuers(ctx)
	if err != nil {
		return Caller{}, apperror.New(apperror.KeysUnavailable, err)
	}
	payload, verdict, err := v.verifySignature(ctx, token)
	if err != nil {
		return Caller{}, err
	}
	claims, err := readClaims(payload)
	if err != nil {
		return Caller{}, err
	}
	expires, err := claims.checkTimes(v.now())
	if err != nil {
		return Caller{}, err
	}
	if err := claims.checkOrigin(issuers, v.audience); err != nil {
		return Caller{}, err
	}
	if verdict != nil {
		// go-oidc's refusals are text. Our own checks come first, so that a refusal has a name; go-oidc's verdict is the
		// safety net behind them.
		return Caller{}, refuse("claims", "a claim has a form that is not expected")
	}
	return claims.identify(expires)
}

// verifySignature has go-oidc check signature, audience and times, in this order: where the signature is not valid there is no payload.
// Which issuer a token must have depends on its tenant, so that is checked by claims.go. It returns the payload of a token whose
// signature is good, with go-oidc's own verdict: nil where it has no objection.
func (v *Validator) verifySignature(ctx context.Context, token secret.String) (payload []byte, verdict, err error) {
	signature := &entra.SignatureCheck{Provider: v.provider}
	verifier := oidc.NewVerifier("", signature, &oidc.Config{
		ClientID: v.audience, SupportedSigningAlgs: []string{oidc.RS256}, Now: v.now, SkipIssuerCheck: true,
	})
	_, verdict = verifier.Verify(ctx, token.Reveal())
	switch {
	case errors.Is(signature.Err, entra.ErrKeysUnavailable):
		return nil, nil, apperror.New(apperror.KeysUnavailable, signature.Err)
	case errors.Is(signature.Err, entra.ErrUnknownKey):
		return nil, nil, refuse("kid", "it is not one of the tenant's signing keys")
	case signature.Payload == nil:
		return nil, nil, refuse("signature", "it is not valid")
	}
	return signature.Payload, verdict, nil
}
