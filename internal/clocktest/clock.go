// Package clocktest has a clock that tests move by hand, so that none of them waits.
package clocktest

import (
	"sync"
	"time"
)

// Clock stands still until it is moved. It may be used by several goroutines at once.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// New returns a clock that shows a time.
func New(now time.Time) *Clock { return &Clock{now: now} }

// Now is what programs take in place of [time.Now].
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
