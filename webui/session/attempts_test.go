package session_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/clocktest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

func newAttempts(t *testing.T) (*session.Attempts, *store.Memory, *clocktest.Clock) {
	t.Helper()
	now := clocktest.New(time.Unix(1_800_000_000, 0))
	backend := store.NewMemory(store.MemoryOptions{Now: now.Now})
	attempts, err := session.NewAttempts(backend, session.Options{Key: key, Now: now.Now})
	if err != nil {
		t.Fatal(err)
	}
	return attempts, backend, now
}

func begin(t *testing.T, a *session.Attempts, b *browser, name string) (state string) {
	t.Helper()
	w := httptest.NewRecorder()
	state, err := a.Begin(w, b.request(t), session.Attempt{Nonce: "nonce of " + name, ReturnTo: "/"})
	if err != nil {
		t.Fatal(err)
	}
	b.take(w)
	return state
}

func take(t *testing.T, a *session.Attempts, b *browser, state string) (session.Attempt, error) {
	t.Helper()
	w := httptest.NewRecorder()
	attempt, err := a.Take(w, b.request(t), state)
	b.take(w)
	return attempt, err
}

func TestAttempts(t *testing.T) {
	t.Parallel()
	t.Run("33 two tabs at the same moment", func(t *testing.T) {
		t.Parallel()
		a, _, _ := newAttempts(t)
		b := &browser{}
		var states []string
		var answers []*httptest.ResponseRecorder
		for range 2 {
			w := httptest.NewRecorder()
			state, err := a.Begin(w, (&browser{}).request(t), session.Attempt{}) // neither request has the other's cookie yet
			if err != nil {
				t.Fatal(err)
			}
			states, answers = append(states, state), append(answers, w)
		}
		for _, w := range answers {
			b.take(w)
		}
		for _, state := range states {
			if _, err := take(t, a, b, state); err != nil {
				t.Errorf("%s: %v", state, err)
			}
		}
		if len(b.cookies) != 0 {
			t.Errorf("cookies are left: %v", b.cookies)
		}
	})
	t.Run("used once", func(t *testing.T) {
		t.Parallel()
		a, _, _ := newAttempts(t)
		b := &browser{}
		state := begin(t, a, b, "first")
		replay := &browser{cookies: map[string]string{}}
		for name, value := range b.cookies {
			replay.cookies[name] = value
		}
		attempt, err := take(t, a, b, state)
		if err != nil || attempt.Nonce != "nonce of first" {
			t.Fatalf("%+v, %v", attempt, err)
		}
		if _, err := take(t, a, replay, state); !errors.Is(err, session.ErrNoAttempt) {
			t.Errorf("the second time: %v", err)
		}
	})
	t.Run("another browser can neither use nor spoil it", func(t *testing.T) {
		t.Parallel()
		a, _, _ := newAttempts(t)
		b, thief := &browser{}, &browser{}
		state := begin(t, a, b, "owner's")
		begin(t, a, thief, "thief's")
		if _, err := take(t, a, thief, state); !errors.Is(err, session.ErrOtherBrowser) {
			t.Errorf("the thief gets %v", err)
		}
		if _, err := take(t, a, b, state); err != nil {
			t.Errorf("the owner gets %v", err)
		}
	})
	t.Run("unknown", func(t *testing.T) {
		t.Parallel()
		a, _, _ := newAttempts(t)
		for _, state := range []string{"", "never begun"} {
			if _, err := take(t, a, &browser{}, state); !errors.Is(err, session.ErrNoAttempt) {
				t.Errorf("%q: %v", state, err)
			}
		}
	})
	t.Run("48 ten minutes", func(t *testing.T) {
		t.Parallel()
		a, _, now := newAttempts(t)
		b := &browser{}
		state := begin(t, a, b, "late")
		now.Advance(10 * time.Minute)
		if _, err := take(t, a, b, state); !errors.Is(err, session.ErrNoAttempt) {
			t.Errorf("after ten minutes: %v", err)
		}
	})
	t.Run("ten a browser", func(t *testing.T) {
		t.Parallel()
		a, backend, now := newAttempts(t)
		b := &browser{}
		var states []string
		for i := range 13 {
			states = append(states, begin(t, a, b, fmt.Sprint(i)))
			now.Advance(time.Second)
		}
		if entries, _ := backend.Usage(); entries != 0 || len(b.cookies) != 10 {
			t.Errorf("%d entries and %d cookies", entries, len(b.cookies))
		}
		if _, err := take(t, a, b, states[2]); !errors.Is(err, session.ErrOtherBrowser) {
			t.Errorf("the oldest: %v", err)
		}
		if _, err := take(t, a, b, states[12]); err != nil {
			t.Errorf("the newest: %v", err)
		}
	})
}

// TestFieldCase40ASlowClock: a state that was used stays used at a replica whose clock is behind.
func TestFieldCase40ASlowClock(t *testing.T) {
	t.Parallel()
	now, slow := clocktest.New(time.Unix(1_800_000_000, 0)), clocktest.New(time.Unix(1_800_000_000, 0))
	used := store.NewMemory(store.MemoryOptions{Now: now.Now})
	var replicas []*session.Attempts
	for _, clock := range []*clocktest.Clock{now, slow} {
		made, err := session.NewAttempts(used, session.Options{Key: key, Now: clock.Now})
		if err != nil {
			t.Fatal(err)
		}
		replicas = append(replicas, made)
	}
	b := &browser{}
	state := begin(t, replicas[0], b, "once")
	copied := &browser{cookies: maps.Clone(b.cookies)}
	if _, err := take(t, replicas[0], b, state); err != nil {
		t.Fatal(err)
	}
	now.Advance(10*time.Minute + time.Second) // over, by its own clock
	slow.Advance(9*time.Minute + 30*time.Second)
	if _, err := take(t, replicas[1], copied, state); !errors.Is(err, session.ErrNoAttempt) {
		t.Errorf("the copy's error is %v", err)
	}
}
