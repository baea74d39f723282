package store

import (
	"context"
	"sync"
)

// keyedLocks is a lock for each key that somebody holds or waits for. Unlike a sync.Mutex it can be waited for with a
// context: a request that nobody waits for any more doesn't queue.
type keyedLocks struct {
	mu   sync.Mutex
	held map[string]*keyedLock
}

type keyedLock struct {
	held    chan struct{} // has one element while somebody has the lock
	waiting int           // holders and waiters; at zero the lock is dropped
}

func (l *keyedLocks) lock(ctx context.Context, key string) (unlock func(), err error) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[string]*keyedLock{}
	}
	lock := l.held[key]
	if lock == nil {
		lock = &keyedLock{held: make(chan struct{}, 1)}
		l.held[key] = lock
	}
	lock.waiting++
	l.mu.Unlock()

	leave := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if lock.waiting--; lock.waiting == 0 {
			delete(l.held, key)
		}
	}
	select {
	case lock.held <- struct{}{}:
		return func() { <-lock.held; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
