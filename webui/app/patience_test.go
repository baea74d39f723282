package app_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
)

// flaky is a backend that is away for so many more calls of each kind.
type flaky struct {
	store.Store
	gets, marks, creates atomic.Int64
	lost                 atomic.Int64 // of so many more marks the answer doesn't arrive
	asked                atomic.Int64 // gets so far
}

func (f *flaky) Get(ctx context.Context, key string, extend time.Duration) ([]byte, error) {
	f.asked.Add(1)
	if f.gets.Add(-1) >= 0 {
		return nil, errAway
	}
	return f.Store.Get(ctx, key, extend)
}

func (f *flaky) Mark(ctx context.Context, key string, lifetime time.Duration) (bool, error) {
	if f.marks.Add(-1) >= 0 {
		return false, errAway
	}
	first, err := f.Store.Mark(ctx, key, lifetime)
	if f.lost.Add(-1) >= 0 {
		return false, errAway
	}
	return first, err
}

func (f *flaky) Put(ctx context.Context, key string, value []byte, lifetime time.Duration, indexes ...string) error {
	if f.creates.Add(-1) >= 0 {
		return errAway
	}
	return f.Store.Put(ctx, key, value, lifetime, indexes...)
}

// TestCallbackWaitsForTheStore: what comes back from Entra can't be sent again from there, so that a store that is away for a
// moment must not cost the sign-in.
func TestCallbackWaitsForTheStore(t *testing.T) {
	t.Parallel()
	const forGood = 1 << 40
	for _, test := range []struct {
		name  string
		away  func(attempts, sessions *flaky)
		fails bool
		again bool // once the store is back, the same callback works
	}{
		{"away while the sign-in is ended", func(attempts, _ *flaky) { attempts.marks.Store(2) }, false, false},
		{"away for longer, before the sign-in is ended", func(attempts, _ *flaky) { attempts.marks.Store(forGood) }, true, true},
		{"away once the code is redeemed", func(_, sessions *flaky) { sessions.creates.Store(1) }, true, false},
		{"the answer that ended the sign-in is lost", func(attempts, _ *flaky) { attempts.lost.Store(1) }, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			attempts := &flaky{Store: store.NewMemory(store.MemoryOptions{})}
			sessions := &flaky{Store: store.NewMemory(store.MemoryOptions{})}
			s := startStack(t, options{config: func(cfg *app.Config) { cfg.Attempts, cfg.Sessions = attempts, sessions }})
			alice := s.visitor(t)
			callback := "/account/callback?" + alice.codeFor("alice", alice.begin("/account/login")).Encode()
			test.away(attempts, sessions)
			got := alice.get(callback)
			if !test.fails {
				if got.status != http.StatusSeeOther {
					t.Fatalf("the callback answers %d %s", got.status, got.code())
				}
			} else {
				got.want(t, http.StatusServiceUnavailable, "store_unavailable")
				if test.again && !strings.Contains(got.body, `<a class="button" href="">Try again</a>`) {
					t.Error("the page has no button that sends the callback again")
				}
				attempts.marks.Store(0)
				sessions.creates.Store(0)
				if got := alice.get(callback); (got.status == http.StatusSeeOther) != test.again {
					t.Fatalf("the same callback later answers %d %s", got.status, got.code())
				}
				if !test.again {
					return // the code has been redeemed
				}
			}
			if got := alice.get("/"); got.rows() != 3 {
				t.Errorf("%d %s, want the list", got.status, got.code())
			}
		})
	}
}

// TestStrangersDoNotWait: a callback that no browser of ours began costs the store one question at most, however it is.
func TestStrangersDoNotWait(t *testing.T) {
	t.Parallel()
	attempts := &flaky{Store: store.NewMemory(store.MemoryOptions{})}
	s := startStack(t, options{config: func(cfg *app.Config) { cfg.Attempts = attempts }})
	attempts.gets.Store(1 << 40)
	s.visitor(t).get("/account/callback?code=x&state=y").want(t, http.StatusBadRequest, "sign_in_expired")
	if asked := attempts.asked.Load(); asked != 0 {
		t.Errorf("for a state that isn't ours the store was asked %d times", asked)
	}
	state := s.visitor(t).begin("/account/login").Get("state")
	s.visitor(t).get("/account/callback?code=x&state="+state).want(t, http.StatusServiceUnavailable, "store_unavailable")
	if asked := attempts.asked.Load(); asked != 1 {
		t.Errorf("for another browser's state the store was asked %d times", asked)
	}
}
