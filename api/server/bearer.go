package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// keysRetryAfter is what a caller is told to wait while there are no keys to verify tokens with.
const keysRetryAfter = 5 * time.Second

// door lets in who carries an access token that this API's tenant issued for it, to an application that may call, on
// behalf of a user, with the scope that it takes.
type door struct {
	provider *entra.Provider
	clientID string // this API's, which is the audience of its tokens
	rules    callerRules
	recent   *recentCallers
	now      func() time.Time
}

// admit is the middleware in front of every route that acts for a user.
func (d *door) admit(c *gin.Context) {
	started := time.Now()
	user, err := d.check(c.Request.Context(), c.Request.Header)
	if err != nil {
		asProblem(err).answer(c)
		return
	}
	setCaller(c, user)
	trailOf(c).add(step{Name: "door", Took: time.Since(started)})
	c.Next()
}

// check returns who shows the token in the header. A token that passed all checks a moment ago passes, see recent.go.
func (d *door) check(ctx context.Context, header http.Header) (caller, error) {
	token, err := bearerToken(header)
	if err != nil {
		return caller{}, err
	}
	// The version is read before verifying: if the keys change meanwhile, what is remembered is not believed.
	digest, keys, now := token.Digest(), d.provider.KeysVersion(), d.now()
	user, verified := d.recent.find(digest, keys, now)
	if !verified {
		if user, err = d.checkToken(ctx, token); err != nil {
			return caller{}, err
		}
		user.digest = digest
		d.recent.keep(user, keys, now)
	}
	user.token = token
	return user, nil
}

// checkToken goes from what costs nothing to what costs a request to Entra, and from whether the token is real to whether
// its bearer may call: an answer never says more about a token than its bearer has shown to know.
func (d *door) checkToken(ctx context.Context, token secret.String) (caller, error) {
	if err := checkShape(token); err != nil {
		return caller{}, err
	}
	if err := d.provider.Ready(); err != nil {
		return caller{}, &problem{code: apperror.KeysUnavailable, retryAfter: keysRetryAfter, cause: err}
	}
	metadata, err := d.provider.Metadata(ctx)
	if err != nil {
		return caller{}, &problem{code: apperror.KeysUnavailable, retryAfter: keysRetryAfter, cause: err}
	}
	payload, refusal, err := d.verify(ctx, metadata.Issuer, token)
	if err != nil {
		return caller{}, err
	}
	claims, err := readClaims(payload)
	if err != nil {
		return caller{}, err
	}
	expires, err := claims.checkTimes(d.now())
	if err != nil {
		return caller{}, err
	}
	if err := claims.checkOrigin(metadata.Issuer, metadata.TenantID(), d.clientID); err != nil {
		return caller{}, err
	}
	if refusal != nil {
		// go-oidc's refusals are text. Our own checks come first, so that a refusal has a name; go-oidc's verdict is the
		// safety net behind them.
		return caller{}, refuse("claims", "a claim has a form that is not expected")
	}
	user, err := claims.checkCaller(d.rules)
	if err != nil {
		return caller{}, err
	}
	user.expires = expires
	return user, nil
}

// verify has go-oidc check signature, issuer, audience and times. It returns the payload of a token whose signature is
// good, with go-oidc's refusal where something else is wrong with it.
func (d *door) verify(ctx context.Context, issuer string, token secret.String) (payload []byte, refusal, err error) {
	keys := &observedKeys{keys: d.provider}
	verifier := oidc.NewVerifier(issuer, keys, &oidc.Config{
		ClientID:             d.clientID,
		SupportedSigningAlgs: []string{oidc.RS256},
		Now:                  d.now,
	})
	_, refusal = verifier.Verify(ctx, token.Reveal())
	switch {
	case errors.Is(keys.err, entra.ErrKeysUnavailable):
		return nil, nil, &problem{code: apperror.KeysUnavailable, retryAfter: keysRetryAfter, cause: keys.err}
	case errors.Is(keys.err, entra.ErrUnknownKey):
		return nil, nil, refuse("kid", "it is not one of the tenant's signing keys")
	case keys.payload == nil:
		return nil, nil, refuse("signature", "it is not valid")
	}
	return keys.payload, refusal, nil
}

// observedKeys remembers what became of the signature. go-oidc turns every error into text, and an API that can't reach
// its tenant (503) must not say to the whole world that their tokens are bad (401).
type observedKeys struct {
	keys    oidc.KeySet
	payload []byte
	err     error
}

// VerifySignature implements [oidc.KeySet].
func (o *observedKeys) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	o.payload, o.err = o.keys.VerifySignature(ctx, jwt)
	return o.payload, o.err
}
