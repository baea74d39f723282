package server

import (
	"errors"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/tokenstore"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
)

const (
	// maxBackoff is the longest Retry-After that is believed. One answer, from Entra or from a proxy in its place, could
	// otherwise keep the API from all exchanges for a day.
	maxBackoff = 5 * time.Minute
	// maxBackoffs bounds for how many exchanges a time is kept. One takes some 150 bytes.
	maxBackoffs = 10_000
)

// backoff keeps the times before which Entra doesn't want to be asked again (Retry-After, RFC 9110 section 10.2.3). Callers
// that don't wait would otherwise have the API go on asking, and Entra throttles those who do for longer. Each replica
// learns the time from an answer of its own.
type backoff struct {
	mu          sync.Mutex
	application time.Time // for all exchanges: a 429 counts requests of the application, whichever user they were for
	exchanges   *simplelru.LRU[tokenstore.Key, time.Time]
}

func newBackoff() *backoff {
	exchanges, _ := simplelru.NewLRU[tokenstore.Key, time.Time](maxBackoffs, nil) // fails for a size below one
	return &backoff{exchanges: exchanges}
}

// check returns nil where the exchange may be asked for, and otherwise a throttled [*entra.TokenError] with the time that
// is left.
func (b *backoff) check(key tokenstore.Key, now time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	until, _ := b.exchanges.Get(key)
	if b.application.After(until) {
		until = b.application
	}
	if !now.Before(until) {
		return nil
	}
	return &entra.TokenError{Kind: entra.Throttled, RetryAfter: until.Sub(now)}
}

// note takes the time out of an exchange's error, if it names one, and returns the error with the time that is believed.
func (b *backoff) note(key tokenstore.Key, now time.Time, err error) error {
	refused, ok := errors.AsType[*entra.TokenError](err)
	if !ok || refused.RetryAfter <= 0 {
		return err
	}
	believed := *refused
	believed.RetryAfter = min(refused.RetryAfter, maxBackoff)
	until := now.Add(believed.RetryAfter)
	b.mu.Lock()
	defer b.mu.Unlock()
	if refused.Kind != entra.Throttled {
		b.exchanges.Add(key, until)
	} else if until.After(b.application) { // of several answers that arrive together, the longest counts
		b.application = until
	}
	return &believed
}
