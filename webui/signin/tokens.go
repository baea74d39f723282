package signin

import (
	"context"

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

// silent asks MSAL for token A of a user who has signed in: for the one in the user's cache, or for a new one by the refresh token in
// it. Where the token in the cache is due for renewal and Entra fails, MSAL returns the one it has as long as it is valid. Its error
// is an [entra.TokenError].
func (f *Flow) silent(ctx context.Context, own *userCache, user session.User, homeAccountID string) (confidential.AuthResult, error) {
	// Where several organizations sign in, each user's tokens are renewed at their own.
	client, err := f.client(own, f.o.Provider.Authority().For(user.TenantID))
	if err != nil {
		return confidential.AuthResult{}, entra.AsTokenError(err)
	}
	account, err := client.Account(ctx, homeAccountID)
	if err != nil || account.IsZero() {
		return confidential.AuthResult{}, &entra.TokenError{Kind: entra.Interaction} // nothing of this user is in the cache
	}
	result, err := client.AcquireTokenSilent(ctx, []string{f.o.APIScope}, confidential.WithSilentAccount(account))
	if err != nil {
		return confidential.AuthResult{}, entra.AsTokenError(err)
	}
	return result, nil
}

// client returns an MSAL client that sees one user's tokens and nothing else: own is all the cache that it has.
//
// One client for all users with a partitioned cache looks cheaper and isn't safe: MSAL replaces the whole of its memory with the
// partition that was loaded last, so that concurrent users miss their tokens, and write one another's into their partitions. A
// client costs some microseconds; connections and the discovery document are in the HTTP client, which they share.
func (f *Flow) client(own *userCache, authority entra.Authority) (confidential.Client, error) {
	return f.o.Credential.NewClient(authority, f.o.ClientID, f.o.Client, confidential.WithCache(own))
}
