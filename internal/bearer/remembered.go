package bearer

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

const (
	// verifiedFor is how long what was found out about a token is believed. A client sends the same token for an
	// hour, and to check it anew each time takes longer than all else that this API does.
	verifiedFor = time.Minute
	// maxRemembered bounds how many tokens are remembered. One takes some 500 bytes.
	maxRemembered = 50_000
)

// remembered holds the callers whose tokens were verified a moment ago, for the very same token sent again: one that differs in a
// bit has another digest. Only what the token says is remembered. Whether its bearer may use a route is asked each time, since
// routes differ in that. Nothing is remembered of a token that was refused.
//
// What is remembered holds no longer than the token, and not at all once the tenant's keys have changed or have not been
// seen for too long, so that a withdrawn key opens nothing that it wouldn't open without this memory.
type remembered struct {
	mu      sync.Mutex
	callers *simplelru.LRU[secret.Digest, verifiedCaller]
}

type verifiedCaller struct {
	caller   Caller // without the token: there is no reason to keep users' tokens
	keys     uint64 // the version of the tenant's keys that the token was verified with
	verified time.Time
}

func newRemembered() *remembered {
	callers, _ := simplelru.NewLRU[secret.Digest, verifiedCaller](maxRemembered, nil) // fails for a size below one
	return &remembered{callers: callers}
}

// find returns who showed the token with the digest a moment ago, without the token. keys is the version of the tenant's
// keys now, and 0 where there are none to be believed.
func (r *remembered) find(digest secret.Digest, keys uint64, now time.Time) (Caller, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, ok := r.callers.Get(digest)
	if !ok {
		return Caller{}, false
	}
	age := now.Sub(found.verified)
	// Below zero: the clock was set back, perhaps to before the token's time.
	if keys == 0 || found.keys != keys || age < 0 || age >= verifiedFor || !now.Before(found.caller.Expires) {
		r.callers.Remove(digest)
		return Caller{}, false
	}
	return found.caller, true
}

// keep remembers who showed a token that passed every check at the given time, with keys of the given version.
func (r *remembered) keep(caller Caller, keys uint64, verified time.Time) {
	if keys == 0 {
		return
	}
	caller.Token = secret.String{}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.callers.Add(caller.Digest, verifiedCaller{caller: caller, keys: keys, verified: verified})
}
