package onbehalfof

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// Exchanger exchanges a user's token for this API (token A) for the same user's token for another one (token B).
type Exchanger interface {
	// Exchange returns token B. Its errors are [*entra.TokenError], or [*apperror.Error] where there is more to say.
	Exchange(context.Context, Request) (Result, error)
	// Forget drops the token that is remembered for a request, with claims and without: the API that it is for has refused it.
	Forget(context.Context, Request)
}

// Request is one exchange.
type Request struct {
	Caller bearer.Caller
	Scopes []string // of the API that the token is to be for
	Claims string   // the claims request that the token has to meet, JSON; "" for none
}

// Result is token B.
type Result struct {
	Token     secret.String
	ExpiresOn time.Time
	RefreshOn time.Time // from then on a new one should be asked for, while this one still serves; zero where Entra named no time
	Cached    bool      // it was exchanged for an earlier request
}

// Client exchanges tokens at Entra, each time that it is asked.
type Client struct {
	Credential entra.Credential // how this API proves that it is the application with ClientID
	Authority  entra.Authority
	ClientID   string
	HTTP       *http.Client
}

// Exchange implements [Exchanger].
func (c *Client) Exchange(ctx context.Context, r Request) (Result, error) {
	// An MSAL client for each exchange: it keeps every on-behalf-of result and evicts none (8 kB each), and it would answer a
	// renewal from there. The HTTP client is what is shared, with its connections and the discovery document.
	client, err := c.Credential.NewClient(c.Authority.For(r.Caller.TenantID), c.ClientID, c.HTTP)
	if err != nil {
		return Result{}, entra.AsTokenError(err)
	}
	got, err := client.AcquireTokenOnBehalfOf(ctx, r.Caller.Token.Reveal(), r.Scopes, confidential.WithClaims(r.Claims))
	if err != nil {
		return Result{}, entra.AsTokenError(err) // MSAL's own text holds the whole answer, tokens included
	}
	token := secret.New(got.AccessToken)
	if err := checkOwner(token, r.Caller); err != nil {
		return Result{}, err
	}
	return Result{Token: token, ExpiresOn: got.ExpiresOn, RefreshOn: got.Metadata.RefreshOn}, nil
}

// Forget implements [Exchanger]: nothing is kept here.
func (*Client) Forget(context.Context, Request) {}

// checkOwner refuses a token that doesn't act for the caller. It should never happen, and it has: MSAL Go v1.9.0 renewed a user's
// token by client_credentials, which returns the application's own, and with that the API would show each user what the
// application may see.
func checkOwner(token secret.String, caller bearer.Caller) error {
	claims, err := entra.DecodeClaims(token)
	switch {
	case err != nil:
		return apperror.New(apperror.TokenNotTheUsers, err)
	case claims.AppOnly():
		return apperror.New(apperror.TokenNotTheUsers, errors.New("the exchange's result is app-only"))
	case claims.ObjectID != caller.ObjectID || claims.TenantID != caller.TenantID:
		return apperror.New(apperror.TokenNotTheUsers, errors.New("the exchange's result is another user's"))
	}
	return nil
}

// Credential acts for one caller in any client of the Azure SDK:
//
//	client, err := armresources.NewClient(subscriptionID, onbehalfof.NewCredential(exchanger, caller), options)
//
// One credential and one SDK client for each request: the SDK's clients keep one token each, whatever user the context of a call
// names, so that a shared one would send the second user's call with the first user's token.
type Credential struct {
	exchanger Exchanger
	request   Request // the last one
}

var _ azcore.TokenCredential = (*Credential)(nil)

// NewCredential returns the credential of a caller, for one request.
func NewCredential(e Exchanger, caller bearer.Caller) *Credential {
	return &Credential{e, Request{Caller: caller}}
}

// GetToken implements [azcore.TokenCredential]. The SDK calls it with the scopes of the service, and once more with claims where
// the service answered with a claims challenge. Its errors are [*apperror.Error].
func (c *Credential) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	if options.TenantID != "" && options.TenantID != c.request.Caller.TenantID {
		return azcore.AccessToken{}, apperror.New(apperror.Internal, errors.New("a token of another tenant was asked for"))
	}
	c.request.Scopes, c.request.Claims = options.Scopes, options.Claims
	got, err := c.exchanger.Exchange(ctx, c.request)
	if err != nil {
		return azcore.AccessToken{}, explain(ctx, err, options.Claims)
	}
	return azcore.AccessToken{Token: got.Token.Reveal(), ExpiresOn: got.ExpiresOn}, nil
}

// Forget makes the next request exchange anew, after the service refused the token.
func (c *Credential) Forget(ctx context.Context) { c.exchanger.Forget(ctx, c.request) }
