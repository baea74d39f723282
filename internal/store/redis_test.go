package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redistest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store/storetest"
)

func newRedis(t *testing.T, server *redistest.Server, space string) *store.Redis {
	t.Helper()
	return store.NewRedis(server.Client(t), store.RedisOptions{Space: space, IndexLifetime: 12 * time.Hour})
}

func TestRedis(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	own := server.Client(t)
	storetest.Run(t, func(t *testing.T) storetest.Subject {
		redistest.Clear(t, own)
		return storetest.Subject{
			Store:   newRedis(t, server, "session"),
			Second:  newRedis(t, server, "session"),
			Advance: func(d time.Duration) { redistest.Advance(t, own, d) },
		}
	})
}

func TestALockEndsWithItsHolder(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	own := server.Client(t)
	killed, other := newRedis(t, server, "session"), newRedis(t, server, "session")
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	late, err := killed.Lock(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	short, cancelShort := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancelShort()
	if _, err := other.Lock(short, "a"); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("the lock is not held: %v", err)
	}
	redistest.Advance(t, own, 10*time.Second)
	unlock, err := other.Lock(t.Context(), "a")
	if err != nil {
		t.Fatalf("the lock outlives its holder: %v", err)
	}
	late() // the former holder isn't dead after all, and must not open what is another's
	if keys := redistest.Keys(t, own); len(keys) != 1 {
		t.Errorf("Redis holds %q, want the lock", keys)
	}
	unlock()
	if keys := redistest.Keys(t, own); len(keys) != 0 {
		t.Errorf("Redis holds %q, want nothing", keys)
	}
}

// TestEviction fills a small Redis with sign-ins under way, which anyone can begin. They push out one another, and not the
// sessions of users.
func TestEviction(t *testing.T) {
	t.Parallel()
	const users, flood = 100, 6000
	server := redistest.Start(t, "--maxmemory", "6mb", "--maxmemory-policy", "volatile-ttl")
	sessions, attempts := newRedis(t, server, "session"), newRedis(t, server, "attempt")
	value := bytes.Repeat([]byte("x"), 4000)
	for i := range users {
		if err := sessions.Create(t.Context(), fmt.Sprint(i), value, 2*time.Hour, ""); err != nil {
			t.Fatal(err)
		}
	}
	for i := range flood {
		if err := attempts.Create(t.Context(), fmt.Sprint(i), value[:2000], 10*time.Minute, ""); err != nil {
			t.Fatal(err)
		}
	}
	lost, kept := 0, 0
	for i := range users {
		if _, err := sessions.Get(t.Context(), fmt.Sprint(i), 0); err != nil {
			lost++
		}
	}
	for i := range flood {
		if _, err := attempts.Get(t.Context(), fmt.Sprint(i), 0); err == nil {
			kept++
		}
	}
	t.Logf("of %d sessions %d were evicted, and of %d sign-ins under way %d", users, lost, flood, flood-kept)
	if lost > 0 {
		t.Errorf("%d of %d sessions were evicted by sign-ins under way", lost, users)
	}
	if kept == flood {
		t.Error("nothing was evicted: the test shows nothing")
	}
}

// TestFieldCase33ReadyByAWrite: each of these answers PING, and takes no session.
func TestFieldCase33ReadyByAWrite(t *testing.T) {
	t.Parallel()
	for name, command := range map[string][]any{
		"a replica after a failover": {"REPLICAOF", "localhost", "1"},
		"memory full, noeviction":    {"CONFIG", "SET", "maxmemory", "1"},
		"a user who may only read":   {"ACL", "SETUSER", "default", "-@all", "+@read", "+@connection"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			backend := newRedis(t, server, "session")
			if err := backend.Ping(t.Context()); err != nil {
				t.Fatal(err)
			}
			client := server.Client(t)
			if err := client.Do(t.Context(), command...).Err(); err != nil {
				t.Fatal(err)
			}
			if err := client.Ping(t.Context()).Err(); err != nil {
				t.Fatalf("it doesn't answer PING: %v", err)
			}
			if err := backend.Ping(t.Context()); err == nil {
				t.Error("it is called ready")
			}
		})
	}
}
