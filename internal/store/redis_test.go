package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redistest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
)

func newRedis(t *testing.T, server *redistest.Server, space string) *store.Redis {
	t.Helper()
	return store.NewRedis(server.Client(t), store.RedisOptions{Space: space, IndexLifetime: 12 * time.Hour})
}

func TestRedis(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	own := server.Client(t)
	testContract(t, func(t *testing.T) subject {
		redistest.Clear(t, own)
		return subject{
			Store:   newRedis(t, server, "session"),
			Second:  newRedis(t, server, "session"),
			Advance: func(d time.Duration) { redistest.Advance(t, own, d) },
		}
	})
}

// TestRights: sessions have indexes, and those take scripts.
func TestRights(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		rights   []any
		sessions bool
		results  bool // exchanged tokens, which have no indexes
	}{
		{"all that is documented", []any{"+@read", "+@write", "+@connection", "+@scripting"}, true, true},
		{"no scripts", []any{"+@read", "+@write", "+@connection", "-@scripting"}, false, true},
		{"reading alone", []any{"+@read", "+@connection", "+@scripting"}, false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			if err := server.Client(t).Do(t.Context(), append([]any{"ACL", "SETUSER", "default", "resetkeys", "~obo:*", "-@all"}, test.rights...)...).Err(); err != nil {
				t.Fatal(err)
			}
			sessions, results := newRedis(t, server, "session"), store.NewRedis(server.Client(t), store.RedisOptions{Space: "exchange"})
			if err := sessions.Ping(t.Context()); (err == nil) != test.sessions || test.results && err != nil && !strings.Contains(err.Error(), "+@scripting") {
				t.Errorf("for sessions: %v", err)
			}
			if err := results.Ping(t.Context()); (err == nil) != test.results {
				t.Errorf("for exchanged tokens: %v", err)
			}
			if err := sessions.Put(t.Context(), "a", []byte("x"), time.Hour, "user"); (err == nil) != test.sessions {
				t.Errorf("creating a session: %v", err)
			}
		})
	}
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

// TestShards: behind the one address of a clustered Redis (in Azure, the clustering policy Enterprise) a command may touch one hash slot
// alone, and a script that looks elsewhere finds nothing there or is refused. A node that has all slots goes by the same rules.
func TestShards(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "--cluster-enabled", "yes")
	client := server.Client(t)
	if err := client.Do(t.Context(), "CLUSTER", "ADDSLOTSRANGE", 0, 16383).Err(); err != nil {
		t.Fatal(err)
	}
	sessions := newRedis(t, server, "session")
	create := func(key string) error {
		return sessions.Put(t.Context(), key, []byte("x"), time.Hour, "sid 1", "user 1")
	}
	for deadline := time.Now().Add(20 * time.Second); ; { // a new node takes no writes at first
		err := create("0")
		if err == nil {
			break
		}
		if !strings.Contains(err.Error(), "CLUSTERDOWN") || time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	want := []string{"0"}
	for i := 1; i < 10; i++ {
		if err := create(fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
		want = append(want, fmt.Sprint(i))
	}
	if keys, err := sessions.Indexed(t.Context(), "sid 1"); err != nil || !slices.Equal(keys, want) {
		t.Errorf("the index has %q, %v", keys, err)
	}
	if deleted, err := sessions.Delete(t.Context(), want...); err != nil || deleted != len(want) {
		t.Errorf("%d of %d are deleted, %v", deleted, len(want), err)
	}
	unlock, err := sessions.Lock(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}

// TestAnIndexLosesNoneThatIsBeingCreated: whoever reads an index drops keys without a value from it. A value that is on its way, larger
// than what Redis reads at once, must not count as one of those: no sign-out elsewhere would find its session.
func TestAnIndexLosesNoneThatIsBeingCreated(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	writer, reader := newRedis(t, server, "session"), newRedis(t, server, "session")
	ctx, stop := context.WithCancel(t.Context())
	var reading sync.WaitGroup
	defer reading.Wait()
	defer stop()
	reading.Go(func() {
		for ctx.Err() == nil {
			_, _ = reader.Indexed(ctx, "sid 1")
		}
	})
	value := make([]byte, 1<<20)
	for i := range 50 {
		if err := writer.Put(t.Context(), fmt.Sprint(i), value, time.Hour, "sid 1"); err != nil {
			t.Fatal(err)
		}
		if keys, err := writer.Indexed(t.Context(), "sid 1"); err != nil || len(keys) != i+1 {
			t.Fatalf("of %d keys the index has %d, %v", i+1, len(keys), err)
		}
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
		if err := sessions.Put(t.Context(), fmt.Sprint(i), value, 2*time.Hour, ""); err != nil {
			t.Fatal(err)
		}
	}
	for i := range flood {
		if err := attempts.Put(t.Context(), fmt.Sprint(i), value[:2000], 10*time.Minute, ""); err != nil {
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
