package signin

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/guid"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// identity is who an ID token says signed in.
type identity struct {
	TenantID string `json:"tid"`
	ObjectID string `json:"oid"`
	Name     string `json:"name"`
	Username string `json:"preferred_username"` // for showing: it can change, and be given to somebody else
	SID      string `json:"sid"`                // Entra's session, where the registration has it as an optional claim

	LoginHint string `json:"login_hint"` // for signing out, where the registration has it as an optional claim

	AuthorizedParty string `json:"azp"`
}

// verify checks a raw ID token as OpenID Connect Core section 3.1.3.7 wants it: signature, iss, aud and exp with go-oidc,
// and here what it leaves to its caller. MSAL Go decodes ID tokens and checks nothing. nonce is the attempt's. Its error is an
// [apperror.Error].
func (f *Flow) verify(ctx context.Context, raw secret.String, nonce string) (identity, error) {
	issuers, err := f.o.Provider.Issuers(ctx)
	if err != nil {
		return identity{}, apperror.New(apperror.KeysUnavailable, err)
	}
	signature := &entra.SignatureCheck{Provider: f.o.Provider}
	// Which issuer the token must have depends on its tenant, where users of several organizations sign in.
	verifier := oidc.NewVerifier("", signature, &oidc.Config{
		ClientID: f.o.ClientID, SupportedSigningAlgs: []string{oidc.RS256}, Now: f.o.Now, SkipIssuerCheck: true,
	})
	token, err := verifier.Verify(ctx, raw.Reveal())
	if errors.Is(signature.Err, entra.ErrKeysUnavailable) {
		return identity{}, apperror.New(apperror.KeysUnavailable, signature.Err)
	}
	if err != nil {
		return identity{}, rejected(checkOf(err, signature.Err))
	}
	var found identity
	if err := token.Claims(&found); err != nil {
		return identity{}, rejected("payload")
	}
	if check := f.missed(found, token, issuers, nonce); check != "" {
		return identity{}, rejected(check)
	}
	if !issuers.Allow(found.TenantID) {
		return identity{}, notAllowed(found.TenantID)
	}
	return found, nil
}

// missed names the first check that go-oidc doesn't make and the token doesn't pass; "" where it passes all.
func (f *Flow) missed(found identity, token *oidc.IDToken, issuers entra.Issuers, nonce string) string {
	switch {
	// Where several organizations sign in, it is the issuer of the one that tid names.
	case token.Issuer == "" || token.Issuer != issuers.Of(found.TenantID):
		return "iss"
	// A token for another sign-in: replayed, or swapped in by whoever injected the code.
	case nonce == "" || !secret.New(token.Nonce).Equal(secret.New(nonce)):
		return "nonce"
	// Section 3.1.3.7 (3): untrusted audiences beside ours. Entra's ID tokens have one.
	case len(token.Audience) != 1:
		return "aud"
	case found.AuthorizedParty != "" && found.AuthorizedParty != f.o.ClientID:
		return "azp"
	// iss holds the tenant id; a tid that differs means a token that Entra would not issue. Where several organizations sign in, verify
	// checks tid: the user is told that theirs is not let in.
	case !issuers.Several() && !issuers.Allow(found.TenantID):
		return "tid"
	case !guid.ValidLower(found.ObjectID):
		return "oid"
	// go-oidc doesn't look at iat. One that lies ahead tells of a clock that is off, on one side or the other.
	case token.IssuedAt.After(f.o.Now().Add(entra.MaxSkew)):
		return "iat"
	}
	return ""
}

func rejected(check string) error {
	return &apperror.Error{Code: apperror.IDTokenRejected, Hop: apperror.SignIn, Check: check, Cause: fmt.Errorf("the ID token didn't pass the check of %s", check)}
}

// notAllowed is the answer to a user whose token is good, and whose organization isn't one that this application serves.
func notAllowed(tenantID string) error {
	code := apperror.TenantNotAllowed
	if tenantID == entra.PersonalAccounts {
		code = apperror.PersonalAccount
	}
	return &apperror.Error{Code: code, Hop: apperror.SignIn, Check: "tid", Cause: fmt.Errorf("tenant %.36q is not allowed", tenantID)}
}

// checkOf names the check that go-oidc's error tells of. Its text quotes what the token holds and goes nowhere.
func checkOf(err, keyErr error) string {
	if _, expired := errors.AsType[*oidc.TokenExpiredError](err); expired {
		return "exp"
	}
	if keyErr != nil {
		return "signature"
	}
	for prefix, check := range map[string]string{
		"oidc: expected audience": "aud", "oidc: current time": "nbf",
		"oidc: malformed jwt": "form", "oidc: failed to unmarshal": "payload",
	} {
		if strings.HasPrefix(err.Error(), prefix) {
			return check
		}
	}
	return "form"
}
