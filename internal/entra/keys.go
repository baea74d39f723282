package entra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/jwt"
)

var (
	// ErrKeysUnavailable: there are no keys to verify anything with, because the tenant has not been reached yet.
	// The token may be good; the caller should come back (503).
	ErrKeysUnavailable = errors.New("the tenant's signing keys are not available")
	// ErrUnknownKey: the token names no key, or one that the tenant doesn't have.
	ErrUnknownKey = errors.New("the token's signing key is not one of the tenant's")
	// ErrSignature: the signature doesn't belong to the token's content.
	ErrSignature = errors.New("the token's signature is not valid")
)

const (
	keyMaxAge          = time.Hour // how long a key is believed without being seen again
	keyFetchTimeout    = 5 * time.Second
	defaultKeyInterval = 5 * time.Second
	coldInterval       = time.Second // between attempts while there are no keys at all
)

// SignatureCheck implements go-oidc's KeySet for one token, and remembers what became of its signature: go-oidc keeps an error's
// text alone, and a tier that can't reach its tenant (503) must not tell everybody that their tokens are bad (401).
type SignatureCheck struct {
	Provider *Provider
	Payload  []byte // of a token whose signature is good
	Err      error  // as [Provider.VerifySignature] has it
}

// VerifySignature implements go-oidc's KeySet.
func (s *SignatureCheck) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	s.Payload, s.Err = s.Provider.VerifySignature(ctx, token)
	return s.Payload, s.Err
}

// VerifySignature implements go-oidc's KeySet: it returns the payload of a JWT that one of the tenant's keys signed with
// RS256.
//
// go-oidc's RemoteKeySet fetches the keys again for every signature that fails, which lets anyone with a bad token make
// this tier hammer its tenant; it loses all keys to one answer that is empty or has one malformed key; and it believes a
// withdrawn key until something fails. Here fetches have a shortest interval, the last good set is kept, and a set has
// an age.
//
// A token has one text: go-jose and go-oidc decode each of its segments from several, see internal/jwt.
func (p *Provider) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	if _, err := jwt.Decode(token); err != nil {
		return nil, ErrSignature
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil || len(signed.Signatures) != 1 {
		return nil, ErrSignature
	}
	key, err := p.keys.lookup(ctx, signed.Signatures[0].Protected.KeyID)
	if err != nil {
		return nil, err
	}
	payload, err := signed.Verify(key.key)
	if err != nil || !p.vouched(ctx, key, payload) {
		return nil, ErrSignature
	}
	return payload, nil
}

// vouched reports whether the key that signed a payload is one for the issuer in it. What is no issuer of the authority's at all is
// for the caller to refuse.
func (p *Provider) vouched(ctx context.Context, key signingKey, payload []byte) bool {
	if !p.authority.Several() {
		return true // the key set has been read for the one issuer
	}
	var origin struct {
		Issuer   string `json:"iss"`
		TenantID string `json:"tid"`
	}
	issuers, err := p.Issuers(ctx)
	if err != nil || json.Unmarshal(payload, &origin) != nil {
		return false
	}
	return !issuers.Is(origin.Issuer) || key.vouchesFor(origin.TenantID, origin.Issuer)
}

// KeysVersion returns a number that differs whenever the tenant's keys have changed, and 0 while there are none that may
// be believed without asking the tenant first. What was found out about a signature holds only as long as it stays.
func (p *Provider) KeysVersion() uint64 { return p.keys.current() }

// keySet keeps the last good set of keys by their ids.
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

// current returns the version of the keys, and 0 where there are none or they have not been seen for too long.
func (k *keySet) current() uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.keys) == 0 || k.now().Sub(k.fetched) >= keyMaxAge {
		return 0
	}
	return k.version
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
