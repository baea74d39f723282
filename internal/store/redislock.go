package store

import (
	"context"
	cryptorand "crypto/rand"
	"math/rand/v2"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// leaseMargin is how long a lock outlives its holder's deadline: for clocks that run differently, and for a last
	// command that is on its way.
	leaseMargin = 2 * time.Second
	// longestLease is for holders without a deadline.
	longestLease = 30 * time.Second
	// releaseTimeout bounds giving a lock back. Where that fails the lease ends by itself.
	releaseTimeout = time.Second
	// shortestWait and longestWait are between two attempts to get a lock that another process holds.
	shortestWait = 5 * time.Millisecond
	longestWait  = 100 * time.Millisecond
)

// Lock implements [Store]. The lock is a key in Redis that ends by itself a little after ctx's deadline, when its holder
// has given up whatever it guards: a process that was killed keeps nobody waiting for longer. Requests of one process
// queue among themselves first, and only the one in front asks Redis.
//
// It saves work, and nothing depends on it: where Redis loses the lock two replicas renew the same token, and the later
// one's is kept.
func (r *Redis) Lock(ctx context.Context, key string) (unlock func(), err error) {
	leave, err := r.locks.lock(ctx, key)
	if err != nil {
		return nil, err
	}
	name, holder := r.prefix+"lock:"+key, cryptorand.Text()
	for wait := shortestWait; ; wait = min(2*wait, longestWait) {
		held, err := r.acquire(ctx, name, holder)
		if held {
			return func() { r.release(ctx, name, holder); leave() }, nil
		}
		if err == nil {
			select {
			case <-time.After(wait/2 + rand.N(wait/2)): // in step, replicas would ask at the same moments again and again
				continue
			case <-ctx.Done():
				err = ctx.Err()
			}
		}
		leave()
		return nil, err
	}
}

// acquire takes the lock where it is free.
func (r *Redis) acquire(ctx context.Context, name, holder string) (bool, error) {
	lease := longestLease
	if deadline, ok := ctx.Deadline(); ok {
		lease = min(max(time.Until(deadline), 0)+leaseMargin, longestLease)
	}
	return r.setNew(ctx, name, holder, lease)
}

// releaseScript deletes the lock where it still is the caller's own: its lease may have ended, and another have it.
var releaseScript = redis.NewScript(`if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end return 0`)

func (r *Redis) release(ctx context.Context, name, holder string) {
	// Others wait for the lock, whether or not the holder's own time is over.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	_ = releaseScript.Run(ctx, r.client, []string{name}, holder).Err()
}
