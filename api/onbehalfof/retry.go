package onbehalfof

import (
	"context"
	"errors"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
)

const (
	// retryPause is before the second attempt at an exchange, where Entra names no other time.
	retryPause = 250 * time.Millisecond
	// maxRetryAfter is the longest time that Entra may ask this API to wait while its caller waits, too. Beyond that the caller is
	// told to come back.
	maxRetryAfter = 2 * time.Second
)

// retry exchanges once more where Entra was busy or had a fault for a moment.
type retry struct{ Exchanger }

// WithRetry wraps an exchanger in a second attempt.
func WithRetry(next Exchanger) Exchanger { return retry{next} }

// Exchange implements [Exchanger].
func (r retry) Exchange(ctx context.Context, request Request) (Result, error) {
	result, err := r.Exchanger.Exchange(ctx, request)
	pause, again := retryAfter(err)
	if !again {
		return result, err
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return result, err
	case <-timer.C:
		return r.Exchanger.Exchange(ctx, request)
	}
}

// retryAfter tells whether a second attempt has a chance, and when.
func retryAfter(err error) (time.Duration, bool) {
	refused, ok := errors.AsType[*entra.TokenError](err)
	switch {
	case !ok || (refused.Kind != entra.Throttled && refused.Kind != entra.Unavailable):
		return 0, false
	case refused.Network == outbound.ConnectionReset: // as of a kept connection that Entra closed at that moment
		return retryPause, true
	case refused.Status == 0:
		return 0, false // a connection that can't be made or timed out has used up the caller's patience
	}
	if refused.RetryAfter == 0 {
		return retryPause, refused.Kind == entra.Unavailable
	}
	return refused.RetryAfter, refused.RetryAfter <= maxRetryAfter
}
