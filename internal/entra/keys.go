package entra

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	keyMaxAge          = time.Hour // how long a key is believed without being seen again
	keyFetchTimeout    = 5 * time.Second
	defaultKeyInterval = 5 * time.Second
	coldInterval       = time.Second // between attempts while there are no keys at all
)

// KeysVersion returns a number that differs whenever the tenant's keys have changed, and 0 while there are none that may
// be believed without asking the tenant first. What was found out about a signature holds only as long as it stays.
func (p *Provider) KeysVersion() uint64 {
	k := p.keys
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.keys) == 0 || k.now().Sub(k.fetched) >= keyMaxAge {
		return 0
	}
	return k.version
}

// keySet keeps the last good set of keys by their ids.
//
// go-oidc's RemoteKeySet fetches the keys again for every signature that fails, which lets anyone with a bad token make
// this tier hammer its tenant; it loses all keys to one answer that is empty or has one malformed key; and it believes a
// withdrawn key until something fails. Here fetches have a shortest interval, the last good set is kept, and a set has
// an age.
type keySet struct {
	fetch    func(context.Context) (map[string]signingKey, error)
	interval time.Duration
	now      func() time.Time
	flights  singleflight.Group

	mu        sync.Mutex
	keys      map[string]signingKey
	version   uint64    // of keys; it grows when they change
	fetched   time.Time // when keys were last seen
	attempted time.Time // when they were last asked for
}

func (k *keySet) any() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.keys) > 0
}

// lookup returns the key with an id. It asks the tenant where the key is unknown or was not seen for too long, and
// where the last attempt is an interval away.
func (k *keySet) lookup(ctx context.Context, id string) (signingKey, error) {
	if id == "" {
		return signingKey{}, ErrUnknownKey // without a kid any key would do, and the tenant always sends one
	}
	key, known, age, mayFetch := k.find(id)
	if known && (age < keyMaxAge || !mayFetch) { // where the tenant was asked in vain a moment ago, the last good set goes on serving
		if mayFetch && age >= keyMaxAge/2 {
			k.start(ctx) // nobody waits: the key is good for the other half of its time
		}
		return key, nil
	}
	// Whoever comes while a fetch is under way waits for it: after a rotation all callers come with the new key at once.
	if err := k.refresh(ctx); err != nil && ctx.Err() != nil {
		return signingKey{}, fmt.Errorf("%w: %w", ErrKeysUnavailable, ctx.Err())
	}
	key, known, _, _ = k.find(id)
	switch {
	case known:
		return key, nil
	case k.any():
		return signingKey{}, ErrUnknownKey
	}
	return signingKey{}, ErrKeysUnavailable
}

// find returns the key with an id, how long ago the keys were last seen, and whether they may be asked for.
func (k *keySet) find(id string) (key signingKey, known bool, age time.Duration, mayFetch bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key, known = k.keys[id]
	return key, known, k.now().Sub(k.fetched), k.mayFetchLocked()
}

func (k *keySet) mayFetchLocked() bool {
	interval := k.interval
	if len(k.keys) == 0 {
		interval = min(interval, coldInterval)
	}
	since := k.now().Sub(k.attempted)
	return k.attempted.IsZero() || since >= interval || since < 0 // below zero: the clock was set back
}

// refresh asks the tenant now, once for all that wait, and waits for the answer or for ctx.
func (k *keySet) refresh(ctx context.Context) error {
	select {
	case result := <-k.start(ctx):
		return result.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// start asks the tenant in the background. The fetch outlives the caller: others wait for it, too.
func (k *keySet) start(ctx context.Context) <-chan singleflight.Result {
	return k.flights.DoChan("keys", func() (any, error) {
		if !k.mayAttempt() {
			return nil, nil // a flight that ended a moment ago has asked already
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keyFetchTimeout)
		defer cancel()
		keys, err := k.fetch(ctx)
		if err != nil {
			return nil, err
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		if !maps.EqualFunc(k.keys, keys, signingKey.equal) {
			k.version++
		}
		k.keys, k.fetched = keys, k.now()
		return nil, nil
	})
}

func (k *keySet) mayAttempt() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.mayFetchLocked() {
		return false
	}
	k.attempted = k.now()
	return true
}
