package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/tokenstore"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
)

// storeTimeout bounds a change of the store.
const storeTimeout = 2 * time.Second

// storeContext is for changes of the store. They have a time of their own: an exchange that timed out has spent its own,
// and unless its failure is stored, each request asks Entra again.
func storeContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
}

// exchanger stands in front of the exchange and remembers its results until they end. However many requests wait for the
// same token, Entra is asked once.
type exchanger struct {
	client   *onBehalfOfClient
	provider *entra.Provider
	results  tokenstore.Store
	backoff  *backoff
	timeout  time.Duration
	now      func() time.Time
	log      *slog.Logger

	flights singleflight.Group
}

// token returns the user's token for the scopes, and whether it came from the store.
func (e *exchanger) token(ctx context.Context, user caller, scopes []string, claims string) (token exchanged, cached bool, err error) {
	key := tokenstore.KeyOf(user.digest, scopes, claims)
	token, found, err := e.load(ctx, key)
	if err != nil {
		return exchanged{}, false, err
	}
	if !found {
		token, err = e.exchange(ctx, key, user, scopes, claims)
		return token, false, err
	}
	if !e.now().Before(token.renewAt) {
		// Nobody waits for the new one while the old one serves, and where Entra can't be reached nobody notices.
		e.start(ctx, key, user, scopes, claims)
	}
	return token, true, nil
}

// load returns what the store has. A store that can't be reached is an error: without it each request would ask Entra, which
// would then throttle all of them.
func (e *exchanger) load(ctx context.Context, key tokenstore.Key) (exchanged, bool, error) {
	form, found, err := e.results.Load(ctx, key)
	if err != nil {
		return exchanged{}, false, &problem{code: apperror.StoreUnavailable, retryAfter: providerRetryAfter, cause: err}
	}
	if !found {
		return exchanged{}, false, nil
	}
	token, err := decodeExchanged(form)
	if err != nil {
		e.log.WarnContext(ctx, "a stored token can't be read and is exchanged anew", "error", err)
		return exchanged{}, false, nil
	}
	return token, true, nil
}

// exchange asks Entra, together with everybody else who waits for the same token, and returns with the answer or when
// ctx is done, whichever comes first.
func (e *exchanger) exchange(ctx context.Context, key tokenstore.Key, user caller, scopes []string, claims string) (exchanged, error) {
	select {
	case result := <-e.start(ctx, key, user, scopes, claims):
		if result.Err != nil {
			return exchanged{}, e.explain(ctx, result.Err, claims)
		}
		return result.Val.(exchanged), nil
	case <-ctx.Done():
		return exchanged{}, e.explain(ctx, ctx.Err(), claims)
	}
}

// start begins an exchange that outlives the request that began it: others wait for it, too. Where the store has a token
// by now that needs no renewal, that is the result; where it has one and Entra can't be reached, that one goes on serving. The
// channel gets one result, and nobody has to take it.
func (e *exchanger) start(ctx context.Context, key tokenstore.Key, user caller, scopes []string, claims string) <-chan singleflight.Result {
	return e.flights.DoChan(string(key[:]), func() (token any, err error) {
		defer func() {
			// singleflight would end the process with a panic that happens where no handler can recover it.
			if reason := recover(); reason != nil {
				token, err = exchanged{}, fmt.Errorf("the exchange ended in a panic of type %T", reason)
			}
		}()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.timeout)
		defer cancel()
		stored, found, _ := e.load(ctx, key) // a store that has gone away in the meantime costs an exchange at most
		if found && e.now().Before(stored.renewAt) {
			return stored, nil
		}
		got, err := e.ask(ctx, key, user, scopes, claims)
		switch {
		case err != nil && found && definite(err):
			e.drop(ctx, key)
			e.log.WarnContext(ctx, "a token's renewal was refused; the old one serves no longer", "cause", err)
			return exchanged{}, err
		case err != nil && found:
			e.log.WarnContext(ctx, "a token was not renewed; the old one serves until it ends", "cause", err)
			e.save(ctx, key, user, &stored) // which schedules the next attempt
			return stored, nil
		case err != nil:
			return exchanged{}, err
		}
		e.save(ctx, key, user, &got)
		if claims != "" {
			// A token that meets the claims serves where none are asked for, too. Without this each request would first
			// be refused with the token from before the challenge.
			e.save(ctx, tokenstore.KeyOf(user.digest, scopes, ""), user, &got)
		}
		return got, nil
	})
}

// ask asks Entra, unless it is not to be asked yet.
func (e *exchanger) ask(ctx context.Context, key tokenstore.Key, user caller, scopes []string, claims string) (exchanged, error) {
	if err := e.backoff.check(key, e.now()); err != nil {
		return exchanged{}, err
	}
	got, err := e.client.exchange(ctx, user, scopes, claims)
	return got, e.backoff.note(key, e.now(), err)
}

// definite tells a refusal, such as that of a user who was disabled, from an outage, in which the old token goes on serving.
func definite(err error) bool {
	refused, ok := errors.AsType[*entra.TokenError](err)
	return ok && (refused.Kind == entra.Interaction || refused.Kind == entra.Rejected)
}

func (e *exchanger) save(ctx context.Context, key tokenstore.Key, user caller, token *exchanged) {
	ctx, cancel := storeContext(ctx)
	defer cancel()
	lifetime := token.schedule(e.now(), user.expires)
	if err := e.results.Save(ctx, key, token.encode(), lifetime); err != nil {
		e.log.WarnContext(ctx, "an exchanged token was not stored", "error", err)
	}
}

// forget drops what the store has for the user: the service that it is for has refused it.
func (e *exchanger) forget(ctx context.Context, user caller, scopes []string) {
	e.drop(ctx, tokenstore.KeyOf(user.digest, scopes, ""))
}

func (e *exchanger) drop(ctx context.Context, key tokenstore.Key) {
	ctx, cancel := storeContext(ctx)
	defer cancel()
	if err := e.results.Delete(ctx, key); err != nil {
		e.log.WarnContext(ctx, "a refused token was not removed from the store", "error", err)
	}
}
