package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// Hop 3: a user's token for this API (token A) becomes the same user's token for another one (token B).

const (
	// retryPause is before the second attempt at an exchange, where Entra names no other time.
	retryPause = 250 * time.Millisecond
	// maxRetryAfter is the longest time that Entra may ask this API to wait while its caller waits, too. Beyond that the
	// caller is told to come back.
	maxRetryAfter = 2 * time.Second
)

// onBehalfOf returns a credential with which any client of the Azure SDK acts for the user:
//
//	client, err := armresources.NewClient(subscriptionID, exchanger.onBehalfOf(user, nil), options)
//
// One credential and one SDK client for each request: the SDK's clients keep one token each, whatever user the context
// of a call names, so that a shared one would send the second user's call with the first user's token.
func (e *exchanger) onBehalfOf(user caller, trail *trail) *userCredential {
	return &userCredential{exchanger: e, user: user, trail: trail}
}

var _ azcore.TokenCredential = (*userCredential)(nil)

// userCredential is one user's credential, for one request.
type userCredential struct {
	exchanger *exchanger
	user      caller
	trail     *trail
	scopes    []string // that were asked for last
}

// GetToken implements [azcore.TokenCredential]. The SDK calls it with the scopes of the service, and once more with
// claims where the service answered with a claims challenge.
func (u *userCredential) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	started := time.Now()
	if options.TenantID != "" && options.TenantID != u.user.tenantID {
		return azcore.AccessToken{}, &problem{code: apperror.Internal, cause: errors.New("a token of another tenant was asked for")}
	}
	u.scopes = options.Scopes
	token, cached, err := u.exchanger.token(ctx, u.user, options.Scopes, options.Claims)
	u.trail.add(step{Name: "exchange", Took: time.Since(started), Cached: cached})
	if err != nil {
		return azcore.AccessToken{}, err
	}
	u.trail.show(token.token)
	return azcore.AccessToken{Token: token.token.Reveal(), ExpiresOn: token.expires}, nil
}

// forget makes the next request exchange anew, after a service refused the token.
func (u *userCredential) forget(ctx context.Context) { u.exchanger.forget(ctx, u.user, u.scopes) }

// onBehalfOfClient exchanges tokens at Entra ("Microsoft identity platform and OAuth 2.0 On-Behalf-Of flow", a
// profile of RFC 7523).
type onBehalfOfClient struct {
	credential entra.Credential
	authority  entra.Authority
	clientID   string
	client     *http.Client
}

// exchangeOnce is the exchange itself. Errors are [*entra.TokenError], or say that the result was not the user's.
func (o *onBehalfOfClient) exchangeOnce(ctx context.Context, user caller, scopes []string, claims string) (exchanged, error) {
	// A client for each exchange. MSAL keeps every on-behalf-of result in its client and evicts none (8 kB each), and it
	// would answer a renewal from there. The HTTP client is what is shared: connections and the discovery document.
	client, err := o.credential.NewClient(o.authority, o.clientID, o.client)
	if err != nil {
		return exchanged{}, err
	}
	var options []confidential.AcquireOnBehalfOfOption
	if claims != "" {
		options = append(options, confidential.WithClaims(claims))
	}
	result, err := client.AcquireTokenOnBehalfOf(ctx, user.token.Reveal(), scopes, options...)
	if err != nil {
		return exchanged{}, entra.AsTokenError(err) // MSAL's own text holds the whole answer, tokens included
	}
	token := secret.New(result.AccessToken)
	if err := checkOwner(token, user); err != nil {
		return exchanged{}, err
	}
	return exchanged{token: token, expires: result.ExpiresOn, renewAt: result.Metadata.RefreshOn}, nil
}

// checkOwner refuses a token that doesn't act for the user who asked. It should never happen, and it has: a library's
// renewal by client_credentials hands out the application's own token, and with it the API would show each user what the
// application may see.
func checkOwner(token secret.String, user caller) error {
	claims, err := entra.DecodeClaims(token)
	switch {
	case err != nil:
		return &problem{code: apperror.TokenNotTheUsers, cause: err}
	case claims.AppOnly():
		return &problem{code: apperror.TokenNotTheUsers, cause: errors.New("the exchange's result is app-only")}
	case claims.ObjectID != user.objectID || claims.TenantID != user.tenantID:
		return &problem{code: apperror.TokenNotTheUsers, cause: errors.New("the exchange's result is another user's")}
	}
	return nil
}

// exchange exchanges a user's token once, and once more where Entra was busy or had a fault for a moment. Errors are
// [*entra.TokenError], or say that the result was not the user's.
func (o *onBehalfOfClient) exchange(ctx context.Context, user caller, scopes []string, claims string) (exchanged, error) {
	result, err := o.exchangeOnce(ctx, user, scopes, claims)
	pause, again := retryAfter(err)
	if !again {
		return result, err
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return result, err
	case <-timer.C:
		return o.exchangeOnce(ctx, user, scopes, claims)
	}
}

// retryAfter tells whether a second attempt has a chance, and when.
func retryAfter(err error) (time.Duration, bool) {
	refused, ok := errors.AsType[*entra.TokenError](err)
	if !ok || refused.Status == 0 || (refused.Kind != entra.Throttled && refused.Kind != entra.Unavailable) {
		return 0, false // a connection that failed or timed out has used up the caller's patience
	}
	if refused.RetryAfter == 0 {
		return retryPause, refused.Kind == entra.Unavailable
	}
	return refused.RetryAfter, refused.RetryAfter <= maxRetryAfter
}
