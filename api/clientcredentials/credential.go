// Package clientcredentials gets tokens for other APIs in the name of this API itself ("Microsoft identity platform and the OAuth 2.0
// client credentials flow"; RFC 6749, section 4.4). A tenant comes in; an azcore.TokenCredential goes out, whose tokens open what the
// API's own service principal may see there. It never sees a user's token, and its tokens never answer a user.
package clientcredentials

import (
	"context"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
)

// maxTenants bounds the tenants whose tokens are kept. One more drops the one that was not asked for the longest.
const maxTenants = 1000

// Client gets the API's own tokens, and keeps each until it ends. It is safe for concurrent use.
type Client struct {
	newClient func(tenantID string) (confidential.Client, error)
	known     *lru.Cache[string, confidential.Client] // by tenant: each keeps its tokens
}

// NewClient returns a client for the application with clientID, which the credential proves to be this API.
func NewClient(own entra.Credential, authority entra.Authority, clientID string, client *http.Client) *Client {
	known, _ := lru.New[string, confidential.Client](maxTenants) // fails for a size below one alone
	return &Client{known: known, newClient: func(tenantID string) (confidential.Client, error) {
		return own.NewClient(authority.For(tenantID), clientID, client)
	}}
}

// In returns the credential of the API in a tenant.
func (c *Client) In(tenantID string) azcore.TokenCredential { return credential{c, tenantID} }

type credential struct {
	client   *Client
	tenantID string
}

// GetToken implements [azcore.TokenCredential]. Its errors are [*apperror.Error].
func (c credential) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	msal, err := c.client.of(c.tenantID)
	if err != nil {
		return azcore.AccessToken{}, apperror.New(apperror.Internal, err)
	}
	// MSAL answers from its cache, and asks Entra where there is no token or where claims have to be met.
	got, err := msal.AcquireTokenByCredential(ctx, options.Scopes, confidential.WithClaims(options.Claims))
	if err != nil {
		refused := entra.AsTokenError(err).Explain(apperror.Exchange)
		if refused.Row().Status == http.StatusUnauthorized {
			refused.Status = http.StatusBadGateway // the caller's token is good; it is the API itself that Entra refuses
		}
		return azcore.AccessToken{}, refused
	}
	return azcore.AccessToken{Token: got.AccessToken, ExpiresOn: got.ExpiresOn}, nil
}

// of returns the MSAL client for a tenant.
func (c *Client) of(tenantID string) (confidential.Client, error) {
	if known, ok := c.known.Get(tenantID); ok {
		return known, nil
	}
	made, err := c.newClient(tenantID)
	if err != nil {
		return confidential.Client{}, err
	}
	if first, ok, _ := c.known.PeekOrAdd(tenantID, made); ok {
		return first, nil
	}
	return made, nil
}
