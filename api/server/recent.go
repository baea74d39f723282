package server

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

const (
	// recentlyVerified is how long the door believes what it found out about a token. A client sends the same token for an
	// hour, and to check it anew each time takes longer than all else that this API does.
	recentlyVerified = time.Minute
	// maxRecent bounds how many tokens are remembered. One takes some 500 bytes.
	maxRecent = 50_000
)

// recentCallers remembers who showed which token a moment ago, for the very same token shown again: one that differs in a
// bit has another digest. Nothing is remembered of a token that was refused.
//
// What is remembered holds no longer than the token, and not at all once the tenant's keys have changed or have not been
// seen for too long, so that a withdrawn key opens nothing that it wouldn't open without this memory.
type recentCallers struct {
	mu      sync.Mutex
	callers *simplelru.LRU[secret.Digest, recentCaller]
}

type recentCaller struct {
	caller   caller // without the token: there is no reason to keep users' tokens
	keys     uint64 // the version of the tenant's keys that the token was verified with
	verified time.Time
}

func newRecentCallers() *recentCallers {
	callers, _ := simplelru.NewLRU[secret.Digest, recentCaller](maxRecent, nil) // fails for a size below one
	return &recentCallers{callers: callers}
}

// find returns who showed the token with the digest a moment ago, without the token. keys is the version of the tenant's
// keys now, and 0 where there are none to be believed.
func (r *recentCallers) find(digest secret.Digest, keys uint64, now time.Time) (caller, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, ok := r.callers.Get(digest)
	if !ok {
		return caller{}, false
	}
	age := now.Sub(found.verified)
	// Below zero: the clock was set back, perhaps to before the token's time.
	if keys == 0 || found.keys != keys || age < 0 || age >= recentlyVerified || !now.Before(found.caller.expires) {
		r.callers.Remove(digest)
		return caller{}, false
	}
	return found.caller, true
}

// keep remembers who showed a token that passed every check at the given time, with keys of the given version.
func (r *recentCallers) keep(user caller, keys uint64, verified time.Time) {
	if keys == 0 {
		return
	}
	user.token = secret.String{}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.callers.Add(user.digest, recentCaller{caller: user, keys: keys, verified: verified})
}
