package session_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redistest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

func newRedis(t *testing.T, server *redistest.Server, space string) *store.Redis {
	t.Helper()
	return store.NewRedis(server.Client(t), store.RedisOptions{Space: space, IndexLifetime: 12 * time.Hour})
}

// newRedisFixture is a store as one replica has it.
func newRedisFixture(t *testing.T, server *redistest.Server) fixture {
	t.Helper()
	store, err := session.NewStore(newRedis(t, server, "webui:session"), session.Options{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return fixture{store: store}
}

func TestReplicas(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	one, two := newRedisFixture(t, server), newRedisFixture(t, server)

	t.Run("signed in at one, known at the other, signed out everywhere", func(t *testing.T) {
		b := &browser{}
		one.signIn(t, b, alice())
		former := &browser{cookies: map[string]string{"webui-session": b.cookies["webui-session"]}}
		if found, err := two.store.Current(b.request(t)); err != nil || found.User.Name != "Alice Example" {
			t.Fatalf("the other replica: %v", err)
		}
		two.signIn(t, b, alice())
		if _, err := one.store.Current(former.request(t)); !errors.Is(err, session.ErrGone) {
			t.Errorf("the session from before signing in again: %v", err)
		}
		if _, err := one.store.SignOut(httptest.NewRecorder(), b.request(t)); err != nil {
			t.Fatal(err)
		}
		if _, err := two.store.Current(b.request(t)); !errors.Is(err, session.ErrGone) {
			t.Errorf("signed out at the other replica: %v", err)
		}
	})
	t.Run("31 a save in flight at sign-out", func(t *testing.T) {
		b := &browser{}
		one.signIn(t, b, alice())
		found, err := one.store.Current(b.request(t))
		if err != nil {
			t.Fatal(err)
		}
		err = found.Update(t.Context(), func(r *session.Record) error {
			if _, err := two.store.SignOut(httptest.NewRecorder(), b.request(t)); err != nil {
				t.Error(err)
			}
			r.Cache = []byte("renewed")
			return nil
		})
		if !errors.Is(err, session.ErrGone) {
			t.Errorf("error is %v, want ErrGone", err)
		}
		if _, err := one.store.Current(b.request(t)); !errors.Is(err, session.ErrGone) {
			t.Errorf("the session is back: %v", err)
		}
	})
	t.Run("front-channel sign-out", func(t *testing.T) {
		b := &browser{}
		one.signIn(t, b, alice())
		if _, err := two.store.SignOutSID(t.Context(), "sid-1"); err != nil {
			t.Fatal(err)
		}
		if _, err := one.store.Current(b.request(t)); !errors.Is(err, session.ErrGone) {
			t.Errorf("after sign-out at Entra: %v", err)
		}
	})
	t.Run("a sign-in begun at one and finished at the other, once", func(t *testing.T) {
		b := &browser{}
		var keepers []*session.Attempts
		for range 2 {
			attempts, err := session.NewAttempts(newRedis(t, server, "webui:attempt"), session.Options{Key: key})
			if err != nil {
				t.Fatal(err)
			}
			keepers = append(keepers, attempts)
		}
		state := begin(t, keepers[0], b, "first")
		replay := &browser{cookies: map[string]string{}}
		for name, value := range b.cookies {
			replay.cookies[name] = value
		}
		if attempt, err := take(t, keepers[1], b, state); err != nil || attempt.Nonce != "nonce of first" {
			t.Errorf("the other replica: %+v, %v", attempt, err)
		}
		if _, err := take(t, keepers[0], replay, state); !errors.Is(err, session.ErrNoAttempt) {
			t.Errorf("the second time: %v", err)
		}
	})
}

func TestWhatRedisHolds(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	own := server.Client(t)
	f, b := newRedisFixture(t, server), &browser{}
	f.signIn(t, b, alice())
	attempts, err := session.NewAttempts(newRedis(t, server, "webui:attempt"), session.Options{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	state := begin(t, attempts, b, "first")
	used := begin(t, attempts, b, "second")
	if _, err := take(t, attempts, b, used); err != nil {
		t.Fatal(err)
	}
	found, err := f.store.Current(b.request(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := found.Update(t.Context(), func(*session.Record) error {
		inspect(t, own, b, state, used)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if keys := redistest.Keys(t, own); len(keys) != 4 {
		t.Errorf("afterwards Redis holds %q, want the session, its two indexes and the used state", keys)
	}
}

// inspect looks at everything in Redis while a session is locked.
func inspect(t *testing.T, own *redis.Client, b *browser, states ...string) {
	t.Helper()
	spaces := map[string]int{}
	for name, values := range redistest.Dump(t, own) {
		if left := own.PTTL(t.Context(), name).Val(); left <= 0 || left > 12*time.Hour {
			t.Errorf("%s ends in %s", name, left)
		}
		spaces[name[:strings.LastIndexByte(name, ':')]]++
		for _, value := range append(values, name) {
			for _, hidden := range append(states, "Alice", "the.token.cache", "sid-1", "nonce") {
				if strings.Contains(value, hidden) {
					t.Errorf("%s shows %q", name, hidden)
				}
			}
			for cookie, content := range b.cookies {
				if strings.Contains(value, content) {
					t.Errorf("%s shows the cookie %s", name, cookie)
				}
			}
		}
	}
	if fmt.Sprint(spaces) != "map[obo:{webui:attempt}:v2:value:1 obo:{webui:session}:v2:index:2 obo:{webui:session}:v2:lock:1 obo:{webui:session}:v2:value:1]" {
		t.Errorf("Redis holds %v", spaces)
	}
}

func TestRedisIsAway(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	f, b := newRedisFixture(t, server), &browser{}
	f.signIn(t, b, alice())
	found, err := f.store.Current(b.request(t))
	if err != nil {
		t.Fatal(err)
	}
	server.Kill()
	errs := map[string]error{"Ping": f.store.Ping(t.Context())}
	_, errs["Current"] = f.store.Current(b.request(t))
	_, errs["SignOut"] = f.store.SignOut(httptest.NewRecorder(), b.request(t))
	_, errs["SignOutSID"] = f.store.SignOutSID(t.Context(), "sid-1")
	errs["SignIn"] = f.store.SignIn(httptest.NewRecorder(), b.request(t), alice())
	errs["Update"] = found.Update(t.Context(), func(*session.Record) error { return nil })
	for name, err := range errs {
		if err == nil || errors.Is(err, session.ErrGone) || errors.Is(err, session.ErrNone) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: error is %v, want one of the backend", name, err)
		}
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := f.store.Current(b.request(t)); err != nil {
		t.Errorf("Redis is back: %v", err)
	}
}
