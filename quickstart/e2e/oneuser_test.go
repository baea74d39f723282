package e2e

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
)

// TestFieldCase34OneUserInALoop and TestFieldCase35OneThrottledUser: what one user meets costs nobody else anything, in the whole
// chain. One user calls in a loop and is refused each time; fifty others call meanwhile, each of them for the first time.
func TestFieldCase34OneUserInALoop(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *stack.Options) {
		o.Tenant = func(options *devtenant.Options) { options.Directory = crowd(t, 50) }
	})
	carol := s.Tenant.AccessToken("carol")
	loop(t, s, carol, http.StatusUnauthorized, 2000, func() { others(t, s) })
	if exchanges := s.Tenant.Count("token:on_behalf_of"); exchanges > 50+20 {
		t.Errorf("%d exchanges for 50 users and one in a loop", exchanges)
	} else {
		t.Logf("%d exchanges: 50 for the others, the rest for 2,000 calls of one who is refused", exchanges)
	}
}

func TestFieldCase35OneThrottledUser(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *stack.Options) {
		o.Tenant = func(options *devtenant.Options) { options.Directory = crowd(t, 50) }
	})
	if err := s.Tenant.Switch("token-throttled", devtenant.For("carol")); err != nil {
		t.Fatal(err)
	}
	carol := s.Tenant.AccessToken("carol", devtenant.WithSecondFactor)
	loop(t, s, carol, http.StatusServiceUnavailable, 2000, func() { others(t, s) })
	t.Logf("%d exchanges", s.Tenant.Count("token:on_behalf_of"))
}

// loop calls the API with one token, at least so many times and until meanwhile has ended.
func loop(t *testing.T, s *stack.Stack, token string, want, calls int, meanwhile func()) {
	t.Helper()
	sender := &http.Client{Timeout: 30 * time.Second}
	if got := status(t, sender, s.API.URL, token); got != want {
		t.Fatalf("the user in the loop gets %d, want %d", got, want)
	}
	var done atomic.Bool
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for n := 0; n < calls/4 || !done.Load(); n++ {
				if got := status(t, sender, s.API.URL, token); got != want {
					t.Errorf("the user in the loop gets %d, want %d", got, want)
					return
				}
			}
		})
	}
	meanwhile()
	done.Store(true)
	group.Wait()
}

// others has fifty users call for the first time, ten at once.
func others(t *testing.T, s *stack.Stack) {
	t.Helper()
	var group sync.WaitGroup
	var served atomic.Int32
	began, slots := time.Now(), make(chan struct{}, 10)
	for n := range 50 {
		group.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if names, err := callAPI(t.Context(), s, s.Tenant.AccessToken(fmt.Sprintf("user%02d", n+1))); err != nil || len(names) == 0 {
				t.Errorf("%s: %d subscriptions, %v", fmt.Sprintf("user%02d", n+1), len(names), err)
				return
			}
			served.Add(1)
		})
	}
	group.Wait()
	t.Logf("%d of 50 others were served in %s", served.Load(), time.Since(began).Round(time.Millisecond))
}
