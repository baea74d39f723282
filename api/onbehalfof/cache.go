package onbehalfof

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
)

// CacheOptions are those of [WithCache].
type CacheOptions struct {
	Store   store.Store
	Sealer  *store.Sealer // of what leaves the process; nil where nothing does
	Timeout time.Duration // of one exchange, a retry included
	Now     func() time.Time
	Log     *slog.Logger
}

// storeTimeout bounds a change of the store.
const storeTimeout = 2 * time.Second

// cache remembers the results of exchanges until they end. However many requests wait for the same token, a
// process asks Entra once; of two processes with an empty store each may ask, which costs a request and harms nothing.
type cache struct {
	CacheOptions
	next    Exchanger
	flights singleflight.Group
}

// WithCache wraps an exchanger in a cache of its results.
func WithCache(next Exchanger, o CacheOptions) Exchanger {
	return &cache{CacheOptions: o, next: next}
}

// Exchange implements [Exchanger]. A store that can't be reached is an error: without it each request would ask Entra, which would
// then throttle all of them.
func (c *cache) Exchange(ctx context.Context, request Request) (Result, error) {
	kept, found, err := c.load(ctx, request.key())
	if err != nil {
		return Result{}, apperror.New(apperror.StoreUnavailable, err)
	}
	if found {
		if !c.Now().Before(kept.RefreshOn) {
			// Nobody waits for the new one while the old one serves, and where Entra can't be reached nobody notices.
			c.start(ctx, request)
		}
		kept.Cached = true
		return kept, nil
	}
	select {
	case got := <-c.start(ctx, request):
		if got.Err != nil {
			return Result{}, got.Err
		}
		return got.Val.(Result), nil
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
}

// start begins an exchange that outlives the request that began it: others wait for it, too. Where the store has a token by now
// that needs no renewal, that is the result; where it has one and Entra can't be reached, that one goes on serving. The channel
// gets one result, and nobody has to take it.
func (c *cache) start(ctx context.Context, request Request) <-chan singleflight.Result {
	key := request.key()
	return c.flights.DoChan(key, func() (result any, err error) {
		defer func() {
			// singleflight would end the process with a panic that happens where no handler can recover it.
			if reason := recover(); reason != nil {
				result, err = Result{}, fmt.Errorf("the exchange ended in a panic of type %T", reason)
			}
		}()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.Timeout)
		defer cancel()
		kept, found, _ := c.load(ctx, key) // a store that has gone away in the meantime costs an exchange at most
		if found && c.Now().Before(kept.RefreshOn) {
			return kept, nil
		}
		got, err := c.next.Exchange(ctx, request)
		switch {
		case err != nil && found && definite(err):
			c.drop(ctx, key)
			c.Log.WarnContext(ctx, "a token's renewal was refused; the old one serves no longer", "cause", err)
			return Result{}, err
		case err != nil && found:
			c.Log.WarnContext(ctx, "a token was not renewed; the old one serves until it ends", "cause", err)
			c.save(ctx, key, request, &kept) // and so puts the next attempt off
			return kept, nil
		case err != nil:
			return Result{}, err
		}
		c.save(ctx, key, request, &got)
		if request.Claims != "" {
			// A token that meets the claims serves where none are asked for, too. Without this each request would first be refused
			// with the token from before the challenge.
			c.save(ctx, request.withoutClaims().key(), request, &got)
		}
		return got, nil
	})
}

// load returns what the store has.
func (c *cache) load(ctx context.Context, key string) (Result, bool, error) {
	form, err := c.Store.Get(ctx, key, 0)
	if errors.Is(err, store.ErrNotFound) {
		return Result{}, false, nil
	}
	if err != nil {
		return Result{}, false, err
	}
	if c.Sealer != nil {
		if form, err = c.Sealer.Open(form, key); err != nil {
			return Result{}, false, nil // sealed with a former API_STORE_KEY, or for another exchange
		}
	}
	kept, err := decode(form)
	if err != nil {
		c.Log.WarnContext(ctx, "a stored token can't be read and is exchanged anew", "error", err)
		return Result{}, false, nil
	}
	return kept, true, nil
}

// save notes in a result when to renew it, and stores it. Like drop it has a time of its own: an exchange that timed out has spent
// its own, and where the next attempt isn't put off in the store, each request asks Entra again.
func (c *cache) save(ctx context.Context, key string, request Request, result *Result) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	lifetime := result.schedule(c.Now(), request.Caller.Expires)
	form := result.encode()
	if c.Sealer != nil {
		form = c.Sealer.Seal(form, key)
	}
	if err := c.Store.Put(ctx, key, form, lifetime); err != nil {
		c.Log.WarnContext(ctx, "an exchanged token was not stored", "error", err)
	}
}

func (c *cache) drop(ctx context.Context, key string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	if _, err := c.Store.Delete(ctx, key); err != nil {
		c.Log.WarnContext(ctx, "a refused token was not removed from the store", "error", err)
	}
}

// Forget implements [Exchanger]. A token that met claims is kept twice, see start.
func (c *cache) Forget(ctx context.Context, request Request) {
	c.drop(ctx, request.key())
	if request.Claims != "" {
		c.drop(ctx, request.withoutClaims().key())
	}
	c.next.Forget(ctx, request)
}
