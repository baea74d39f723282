package apply

import (
	"context"
	"fmt"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
)

// Clock is where waiting comes from, so that a test doesn't.
type Clock interface {
	Now() time.Time
	// Sleep returns after d, or earlier with the context's error.
	Sleep(ctx context.Context, d time.Duration) error
}

// SystemClock is the machine's.
type SystemClock struct{}

// Now implements [Clock].
func (SystemClock) Now() time.Time { return time.Now() }

// Sleep implements [Clock].
func (SystemClock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// How long a new object may take to be everywhere. Entra's documentation names no bound; a minute is rare.
const (
	firstPause = 250 * time.Millisecond
	longPause  = 8 * time.Second
	patience   = 2 * time.Minute
)

// untilThere calls try again, with growing pauses, as long as it says that something isn't there: Graph answers from
// several replicas, and after a create one or the other doesn't know the new object yet.
func untilThere(ctx context.Context, clock Clock, try func() error) error {
	return until(ctx, clock, func() (bool, error) {
		err := try()
		if graph.IsNotThere(err) {
			return false, err
		}
		return true, err
	})
}

// until calls try with growing pauses until it is done or the patience is used up; then the result is try's last error.
func until(ctx context.Context, clock Clock, try func() (done bool, err error)) error {
	deadline := clock.Now().Add(patience)
	for pause := firstPause; ; pause = min(2*pause, longPause) {
		done, err := try()
		if done {
			return err
		}
		if clock.Now().Add(pause).After(deadline) {
			if err == nil {
				err = fmt.Errorf("it is not there after %s", patience)
			}
			return err
		}
		if err := clock.Sleep(ctx, pause); err != nil {
			return err
		}
	}
}
