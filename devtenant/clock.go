package devtenant

import (
	"sync/atomic"
	"time"
)

// clock is the tenant's time: a source, and how far it was moved. Everything that the tenant issues, checks and shows
// reads it, so that one move makes tokens expire or lie in the future.
type clock struct {
	source func() time.Time
	moved  atomic.Int64 // nanoseconds
}

func (c *clock) now() time.Time { return c.source().Add(time.Duration(c.moved.Load())) }

// Now is the tenant's time.
func (t *Tenant) Now() time.Time { return t.clock.now() }

// MoveClock moves the tenant's clock by d, which may be negative, relative to where it is. Its TLS certificates stay
// valid for a year before and after the start, so the channels can still be reached.
func (t *Tenant) MoveClock(d time.Duration) { t.clock.moved.Add(int64(d)) }
