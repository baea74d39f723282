package command_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/command"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/graph"
)

func certificate(o *command.Options) { v := true; o.Certificate = &v }

// TestKilledAfterEachRequest: whatever the moment at which a run is killed, the next one comes to the same end, with no
// second application and no secret left over.
func TestKilledAfterEachRequest(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*command.Options){
		"secrets":      adminConsent,
		"certificates": func(o *command.Options) { adminConsent(o); certificate(o) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := newFixture(t)
			whole.configure(change)
			want, total, first := whole.view(), len(whole.requests), 0
			if name == "certificates" { // until the first certificate it is the same
				first = slices.IndexFunc(whole.requests, func(r request) bool { return bytes.Contains(r.body, []byte("keyCredentials")) })
			}
			for kill := first; kill < total; kill++ {
				f := newFixture(t)
				if name == "certificates" { // key pairs take their time to make
					f.write("api.pem", whole.read("api.pem"))
					f.write("webui.pem", whole.read("webui.pem"))
				}
				ctx, cancel := context.WithCancel(t.Context())
				count := 0
				f.after = func(*http.Request) error { // answered by the tenant, and never seen here
					if count++; count > kill {
						cancel()
						return context.Canceled
					}
					return nil
				}
				_, err := command.Configure(ctx, f.run(change))
				cancel()
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("killed after request %d of %d: %v", kill+1, total, err)
				}
				f.after = nil
				f.configure(change)
				wantView(t, fmt.Sprintf("killed after request %d of %d, then run again", kill+1, total), f.view(), want)
				f.configure(change)
				if writes := f.writes(); len(writes) > 0 {
					t.Fatalf("killed after request %d of %d: the third run wrote %v", kill+1, total, writes)
				}
			}
			t.Logf("killed after each of %d requests", total-first)
		})
	}
}

// TestEachAnswerLostOnce: the network fails after the tenant did what was asked. azcore sends the request again.
func TestEachAnswerLostOnce(t *testing.T) {
	t.Parallel()
	whole := newFixture(t)
	whole.configure(adminConsent)
	f := newFixture(t)
	lost := map[string]bool{}
	f.after = func(r *http.Request) error {
		if call := r.Method + r.URL.Path; !lost[call] {
			lost[call] = true
			return errors.New("connection reset by peer")
		}
		return nil
	}
	f.configure(adminConsent)
	wantView(t, "each answer lost once", f.view(), whole.view())
	f.after = nil
	f.configure(adminConsent)
	if writes := f.writes(); len(writes) > 0 {
		t.Errorf("the second run wrote %v", writes)
	}
}

// TestEventualConsistency: each kind of call to a new object misses it several times.
func TestEventualConsistency(t *testing.T) {
	t.Parallel()
	whole := newFixture(t)
	whole.configure(adminConsent)
	for _, misses := range []int{1, 3, 6} {
		t.Run(fmt.Sprint(misses), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, func(o *graph.Options) { o.Lag = graph.Lag{Misses: misses, Window: time.Minute} })
			began := f.clock.Now()
			f.configure(adminConsent)
			t.Logf("%d requests, %s of waiting", len(f.requests), f.clock.Now().Sub(began))
			wantView(t, "at the end", f.view(), whole.view())
			f.clock.add(2 * time.Minute)
			f.configure(adminConsent)
			if writes := f.writes(); len(writes) > 0 {
				t.Errorf("the second run wrote %v", writes)
			}
		})
	}
}

// TestNeverConsistent: patience has an end.
func TestNeverConsistent(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *graph.Options) { o.Lag = graph.Lag{Misses: 1 << 30, Window: 24 * time.Hour} })
	_, err := command.Configure(t.Context(), f.run())
	if err == nil {
		t.Fatal("it succeeded")
	}
	if !strings.Contains(err.Error(), "does not exist") && !strings.Contains(err.Error(), "cannot be found") {
		t.Errorf("the error is %v", err)
	}
}

// TestThrottledAtEachCall: each call is sent away once, with ten seconds to wait. Time is synctest's.
func TestThrottledAtEachCall(t *testing.T) {
	t.Parallel()
	whole := newFixture(t)
	whole.configure(adminConsent)
	want := whole.view()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		throttled := map[string]bool{}
		f := newFixture(t, func(o *graph.Options) {
			o.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
				mu.Lock()
				defer mu.Unlock()
				call := r.Method + r.URL.Path
				if throttled[call] {
					return false
				}
				throttled[call] = true
				graph.Throttle(w, r, 10*time.Second)
				return true
			}
		})
		began := time.Now()
		f.configure(adminConsent)
		if waited, least := time.Since(began), time.Duration(len(throttled))*10*time.Second; waited < least || waited > least+time.Minute {
			t.Errorf("%d calls were throttled, and it took %s", len(throttled), waited)
		}
		wantView(t, "throttled", f.view(), want)
		t.Logf("%d calls throttled, %s", len(throttled), time.Since(began))
	})
}

// TestThrottledForTooLong: nobody waits for an hour in front of a silent terminal.
func TestThrottledForTooLong(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *graph.Options) {
		o.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
			graph.Throttle(w, r, time.Hour)
			return true
		}
	})
	_, err := command.Configure(t.Context(), f.run())
	help, _ := errors.AsType[interface {
		error
		Help() string
	}](err)
	if help == nil || !strings.Contains(help.Help(), "1h0m0s") {
		t.Errorf("the error is %v", err)
	}
	if len(f.requests) != 1 {
		t.Errorf("%d requests were sent", len(f.requests))
	}
}
