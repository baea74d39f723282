package server

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"

	"ms-identity-go-on-behalf-of/internal/entra"
	"ms-identity-go-on-behalf-of/internal/failure"
	"ms-identity-go-on-behalf-of/internal/secret"
)

const (
	// retryPause is before the second attempt at an exchange, where Entra names no other time.
	retryPause = 250 * time.Millisecond
	// maxRetryAfter is the longest time that Entra may ask this API to wait while its caller waits, too. Beyond that the
	// caller is told to come back.
	maxRetryAfter = 2 * time.Second
	// expiryMargin is how long before its end a token is not used any more, so that it outlives the call it is for.
	expiryMargin = 30 * time.Second
	// renewalPause is the shortest time between two attempts to renew a token.
	renewalPause = 30 * time.Second
	// renewalLead is how long before its end a token is renewed, where Entra names no other time (refresh_in).
	renewalLead = 5 * time.Minute
)

// asker asks Entra for tokens on behalf of users ("Microsoft identity platform and OAuth 2.0 On-Behalf-Of flow", a
// profile of RFC 7523).
type asker struct {
	credential entra.Credential
	authority  entra.Authority
	clientID   string
	client     *http.Client
}

// ask exchanges a user's token once, and once more where Entra was busy or away for a moment. Errors are
// [*entra.TokenError], or say that the result was not the user's.
func (a *asker) ask(ctx context.Context, user caller, scopes []string, claims string) (exchanged, error) {
	result, err := a.askOnce(ctx, user, scopes, claims)
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
		return a.askOnce(ctx, user, scopes, claims)
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

func (a *asker) askOnce(ctx context.Context, user caller, scopes []string, claims string) (exchanged, error) {
	// A client for each exchange. MSAL keeps every on-behalf-of result in its client and evicts none (8 kB each), and it
	// would answer a renewal from there. The HTTP client is what is shared: connections and the discovery document.
	client, err := a.credential.NewClient(a.authority, a.clientID, a.client)
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
		return &problem{code: failure.TokenNotTheUsers, cause: err}
	case claims.AppOnly():
		return &problem{code: failure.TokenNotTheUsers, cause: errors.New("the exchange's result is app-only")}
	case claims.ObjectID != user.objectID || claims.TenantID != user.tenantID:
		return &problem{code: failure.TokenNotTheUsers, cause: errors.New("the exchange's result is another user's")}
	}
	return nil
}

// exchanged is the result of an exchange: token B.
type exchanged struct {
	token   secret.String
	expires time.Time
	renewAt time.Time // from then on a new one is asked for, while this one still serves
}

// schedule sets when the result is to be renewed, where Entra named no time, and returns how long it may be kept: no
// longer than itself, and no longer than the token that it was exchanged for.
func (e *exchanged) schedule(now, assertionExpires time.Time) time.Duration {
	lifetime := e.expires.Sub(now)
	if e.renewAt.IsZero() {
		e.renewAt = e.expires.Add(-min(renewalLead, lifetime/2))
	}
	if earliest := now.Add(renewalPause); e.renewAt.Before(earliest) {
		// Clocks that differ would otherwise have each request ask for a new one.
		e.renewAt = earliest
	}
	return min(lifetime-expiryMargin, assertionExpires.Sub(now))
}

// encodingVersion is the first byte of the form below. A store may outlive the program that wrote to it.
const encodingVersion = 1

// encode returns the form in which a store keeps the result: version, both times in seconds, the token.
func (e *exchanged) encode() []byte {
	form := make([]byte, 0, 17+len(e.token.Reveal()))
	form = append(form, encodingVersion)
	form = binary.BigEndian.AppendUint64(form, uint64(e.expires.Unix()))
	form = binary.BigEndian.AppendUint64(form, uint64(e.renewAt.Unix()))
	return append(form, e.token.Reveal()...)
}

func decodeExchanged(form []byte) (exchanged, error) {
	if len(form) <= 17 || form[0] != encodingVersion {
		return exchanged{}, fmt.Errorf("reading a stored token: %d bytes of an unknown form", len(form))
	}
	return exchanged{
		expires: time.Unix(int64(binary.BigEndian.Uint64(form[1:])), 0),
		renewAt: time.Unix(int64(binary.BigEndian.Uint64(form[9:])), 0),
		token:   secret.New(string(form[17:])),
	}, nil
}
