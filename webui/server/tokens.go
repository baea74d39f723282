package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/cache"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// msalClients makes an MSAL client for each call, over one user's own cache.
//
// One client for all users with a partitioned cache looks cheaper and isn't safe: MSAL replaces the whole of its memory
// with whatever partition was loaded last, so that concurrent users miss their tokens, and write one another's into
// their partitions. A client costs some microseconds; what is dear, connections and the discovery document, is in the
// HTTP client, which they share.
type msalClients struct {
	credential entra.Credential
	authority  entra.Authority
	clientID   string
	client     *http.Client
}

// withCache returns a client that sees one user's tokens and nothing else: own is all the cache that it has.
func (m *msalClients) withCache(own *userCache) (confidential.Client, error) {
	return m.credential.NewClient(m.authority, m.clientID, m.client, confidential.WithCache(own))
}

// userCache is one user's MSAL cache for the length of a call. It implements MSAL's cache.ExportReplace.
type userCache struct{ content []byte }

// Replace implements [cache.ExportReplace]: MSAL is about to read.
func (u *userCache) Replace(_ context.Context, into cache.Unmarshaler, _ cache.ReplaceHints) error {
	if len(u.content) == 0 {
		return nil
	}
	return into.Unmarshal(u.content)
}

// Export implements [cache.ExportReplace]: MSAL has written.
func (u *userCache) Export(_ context.Context, from cache.Marshaler, _ cache.ExportHints) error {
	content, err := from.Marshal()
	if err != nil {
		return fmt.Errorf("keeping the user's tokens: %w", err)
	}
	u.content = content
	return nil
}

// tokens gets token A, the access token for the API, for the user of a session.
type tokens struct {
	msal    *msalClients
	scope   string
	timeout time.Duration
	now     func() time.Time
}

// accessToken is a token A.
type accessToken struct {
	token  secret.String
	cached bool
}

const (
	// expiryMargin is how long before its end MSAL no longer hands a token out.
	expiryMargin = 5 * time.Minute
	// tripMargin is how long before its end a token is no longer sent: the API's exchange has to reach Entra with it.
	tripMargin = time.Minute
	// renewalPause is how long a renewal that failed is not tried again, while the token is still good: each request
	// would wait for a provider that hangs.
	renewalPause = 30 * time.Second
)

// forAPI returns the user's token. Its errors are a [entra.TokenError] where Entra gives none, [session.ErrGone] where the
// user has signed out meanwhile, and anything else where the session's store is away.
//
// Until it is time to renew, the token comes out of the record that the request has loaded already. From then on the
// requests of one session go one by one (Session.Update locks, across replicas): the first renews, those behind it find
// its token. Where Entra or the store is slow or away, the token that the record has serves to its end.
func (t *tokens) forAPI(ctx context.Context, current *session.Session) (accessToken, error) {
	if t.fresh(current.Record) {
		return accessToken{token: current.AccessToken, cached: true}, nil
	}
	// A browser that goes away doesn't end a renewal: the next request would have to begin it anew. The deadline counts
	// for the waiting, too.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.timeout)
	defer cancel()
	var got accessToken
	err := current.Update(ctx, func(record *session.Record) (err error) {
		got, err = t.renew(ctx, record)
		return err
	})
	switch {
	case err == nil:
		return got, nil
	case passes(err) && t.good(current.Record):
		return accessToken{token: current.AccessToken, cached: true}, nil
	case errors.Is(err, context.DeadlineExceeded):
		return accessToken{}, &entra.TokenError{Kind: entra.Unavailable} // another request's renewal has used up our time
	}
	return accessToken{}, err
}

// renew puts a new token into the record, which no other request changes meanwhile.
func (t *tokens) renew(ctx context.Context, record *session.Record) (accessToken, error) {
	if t.fresh(*record) { // the request that had the lock before this one has renewed it, or has put it off
		return accessToken{token: record.AccessToken, cached: true}, nil
	}
	// MSAL gets less time than there is. Otherwise nothing would be left to note that Entra hangs, and those who wait for
	// the lock would come to their own end before they have it.
	asking, cancel := context.WithTimeout(ctx, t.timeout*3/4)
	defer cancel()
	own := &userCache{content: record.Cache}
	result, err := t.silent(asking, own, record.HomeAccountID)
	if err != nil && passes(err) && t.good(*record) {
		record.RenewAt = earlier(t.now().Add(renewalPause), record.ExpiresAt.Add(-tripMargin))
		return accessToken{token: record.AccessToken, cached: true}, nil
	}
	if err != nil {
		return accessToken{}, err
	}
	token := secret.New(result.AccessToken)
	record.Cache, record.AccessToken, record.Scopes = keepOnly(own.content, token), token, result.GrantedScopes
	record.RenewAt, record.ExpiresAt = renewAt(result, t.now()), result.ExpiresOn
	return accessToken{token: token, cached: result.Metadata.TokenSource == confidential.TokenSourceCache}, nil
}

// fresh reports whether a record's token needs no renewal.
func (t *tokens) fresh(record session.Record) bool {
	return t.has(record) && t.now().Before(record.RenewAt)
}

// good reports whether a record's token is still valid, whether or not it is time to renew it.
func (t *tokens) good(record session.Record) bool {
	return t.has(record) && t.now().Before(record.ExpiresAt.Add(-tripMargin))
}

// passes reports whether an error is about the moment, Entra's or the store's, and says nothing about the user: one who has
// signed out, or whom Entra wants to see, must not go on with a token that is merely still valid.
func passes(err error) bool {
	if refused, ok := errors.AsType[*entra.TokenError](err); ok {
		return slices.Contains([]entra.Kind{entra.Unavailable, entra.Throttled, entra.Malformed, entra.NoCredential}, refused.Kind)
	}
	return !errors.Is(err, session.ErrGone)
}

// has reports whether a record holds a token for the API. The one from signing in was asked for under another scope
// (<App ID URI>/.default), and MSAL compares what was granted, in any case of letters, too.
func (t *tokens) has(record session.Record) bool {
	forAPI := func(scope string) bool { return strings.EqualFold(scope, t.scope) }
	return !record.AccessToken.IsZero() && slices.ContainsFunc(record.Scopes, forAPI)
}

// silent asks MSAL: for the token in the cache, or for a new one by the refresh token in it. Where the token in the cache
// is due for renewal and the provider fails, MSAL returns the one it has as long as it is valid.
func (t *tokens) silent(ctx context.Context, own *userCache, homeAccountID string) (confidential.AuthResult, error) {
	client, err := t.msal.withCache(own)
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

// renewAt says from when on a token should be renewed: at refresh_in where Entra named one, and otherwise when MSAL no
// longer hands it out.
func renewAt(result confidential.AuthResult, now time.Time) time.Time {
	end := result.ExpiresOn.Add(-expiryMargin)
	at := result.Metadata.RefreshOn
	if at.IsZero() {
		return end
	}
	if !at.After(now) {
		at = now.Add(renewalPause) // it was tried just now, in vain
	}
	return earlier(at, end)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
