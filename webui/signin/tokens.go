package signin

import (
	"context"
	"net/http"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// Token is token A: the user's access token for the API.
type Token struct {
	Value  secret.String
	Cached bool // it was there already
}

// tokens gets token A for a user who has signed in. It is all that it takes; [renewing] saves work and waiting.
type tokens struct {
	msal  *msalClients
	scope string
}

// silent asks MSAL: for the token in the user's cache, or for a new one by the refresh token in it. Where the token in the
// cache is due for renewal and Entra fails, MSAL returns the one it has as long as it is valid. Its error is an
// [entra.TokenError].
func (t *tokens) silent(ctx context.Context, own *userCache, user session.User, homeAccountID string) (confidential.AuthResult, error) {
	client, err := t.msal.of(user.TenantID).withCache(own)
	if err != nil {
		return confidential.AuthResult{}, entra.AsTokenError(err)
	}
	account, err := client.Account(ctx, homeAccountID)
	if err != nil || account.IsZero() {
		return confidential.AuthResult{}, &entra.TokenError{Kind: entra.Interaction} // nothing of this user is in the cache
	}
	result, err := client.AcquireTokenSilent(ctx, []string{t.scope}, confidential.WithSilentAccount(account))
	if err != nil {
		return confidential.AuthResult{}, entra.AsTokenError(err)
	}
	return result, nil
}

// msalClients makes an MSAL client for each call, over one user's own cache.
//
// One client for all users with a partitioned cache looks cheaper and isn't safe: MSAL replaces the whole of its memory with the
// partition that was loaded last, so that concurrent users miss their tokens, and write one another's into their partitions. A
// client costs some microseconds; connections and the discovery document are in the HTTP client, which they share.
type msalClients struct {
	credential entra.Credential
	authority  entra.Authority
	clientID   string
	client     *http.Client
}

// of returns the clients for users of a tenant: where several organizations sign in, each user's tokens are renewed at their own.
func (m msalClients) of(tenantID string) *msalClients {
	m.authority = m.authority.For(tenantID)
	return &m
}

// withCache returns a client that sees one user's tokens and nothing else: own is all the cache that it has.
func (m *msalClients) withCache(own *userCache) (confidential.Client, error) {
	return m.credential.NewClient(m.authority, m.clientID, m.client, confidential.WithCache(own))
}
