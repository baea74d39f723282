package signin

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

const (
	// expiryMargin is how long before its end MSAL no longer hands a token out.
	expiryMargin = 5 * time.Minute
	// tripMargin is how long before its end a token is no longer sent: the API's exchange has to reach Entra with it.
	tripMargin = time.Minute
	// renewalPause is how long a renewal that failed is not tried again, while the token is still good: each request
	// would wait for a provider that hangs.
	renewalPause = 30 * time.Second
)

// forAPI returns the user's token for the API. Until it is time to renew, that is the one in the record, which the request has loaded
// already. From then on the requests of one session go one by one (Session.Update locks, across replicas): the first renews, those
// behind it find its token. Where Entra or the store is slow or away, the token that the record has serves to its end.
//
// Its errors are an [entra.TokenError] where Entra gives none, [session.ErrGone] where the user
// has signed out meanwhile, and anything else where the session store is away.
func (f *Flow) forAPI(ctx context.Context, current *session.Session) (Token, error) {
	if f.fresh(current.Record) {
		return Token{Value: current.AccessToken, Cached: true}, nil
	}
	// A browser that goes away doesn't end a renewal: the next request would have to begin it anew. The deadline counts
	// for the waiting, too.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), f.o.Timeout)
	defer cancel()
	var got Token
	err := current.Update(ctx, func(record *session.Record) (err error) {
		got, err = f.renew(ctx, record)
		return err
	})
	switch {
	case err == nil:
		return got, nil
	case transient(err) && f.valid(current.Record):
		return Token{Value: current.AccessToken, Cached: true}, nil
	case errors.Is(err, context.DeadlineExceeded):
		return Token{}, &entra.TokenError{Kind: entra.Unavailable} // another request's renewal has used up our time
	}
	return Token{}, err
}

// renew puts a new token into the record, which no other request changes meanwhile.
func (f *Flow) renew(ctx context.Context, record *session.Record) (Token, error) {
	if f.fresh(*record) { // the request that had the lock before this one has renewed it, or has put it off
		return Token{Value: record.AccessToken, Cached: true}, nil
	}
	// MSAL gets less time than there is. Otherwise nothing would be left to note that Entra hangs, and those who wait for
	// the lock would come to their own end before they have it.
	asking, cancel := context.WithTimeout(ctx, f.o.Timeout*3/4)
	defer cancel()
	own := &userCache{content: record.Cache}
	result, err := f.silent(asking, own, record.User, record.HomeAccountID)
	if err != nil && transient(err) && f.valid(*record) {
		record.RenewAt = earlier(f.o.Now().Add(renewalPause), record.ExpiresAt.Add(-tripMargin))
		return Token{Value: record.AccessToken, Cached: true}, nil
	}
	if err != nil {
		return Token{}, err
	}
	keep(record, result, own, f.o.Now())
	return Token{Value: record.AccessToken, Cached: result.Metadata.TokenSource == confidential.TokenSourceCache}, nil
}

// keep puts what MSAL returned into a record.
func keep(record *session.Record, result confidential.AuthResult, own *userCache, now time.Time) {
	token := secret.New(result.AccessToken)
	record.Cache, record.AccessToken, record.Scopes = keepOnly(own.content, token), token, result.GrantedScopes
	record.RenewAt, record.ExpiresAt = renewAt(result, now), result.ExpiresOn
}

// fresh reports whether a record's token needs no renewal.
func (f *Flow) fresh(record session.Record) bool {
	return f.holdsToken(record) && f.o.Now().Before(record.RenewAt)
}

// valid reports whether a record's token is still valid, whether or not it is time to renew it.
func (f *Flow) valid(record session.Record) bool {
	return f.holdsToken(record) && f.o.Now().Before(record.ExpiresAt.Add(-tripMargin))
}

// holdsToken reports whether a record holds a token for the API. The one from signing in was asked for under another scope
// (<App ID URI>/.default), and MSAL compares what was granted, in any case of letters, too.
func (f *Flow) holdsToken(record session.Record) bool {
	forAPI := func(scope string) bool { return strings.EqualFold(scope, f.o.APIScope) }
	return !record.AccessToken.IsZero() && slices.ContainsFunc(record.Scopes, forAPI)
}

// transient reports whether an error is about the moment, Entra's or the store's, and says nothing about the user: one who has
// signed out, or whom Entra wants to see, must not go on with a token that is merely still valid.
func transient(err error) bool {
	if refused, ok := errors.AsType[*entra.TokenError](err); ok {
		return slices.Contains([]entra.Kind{entra.Unavailable, entra.Throttled, entra.Malformed, entra.NoCredential}, refused.Kind)
	}
	return !errors.Is(err, session.ErrGone)
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
