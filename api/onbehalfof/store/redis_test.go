package store_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/onbehalfof/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/onbehalfof/store/storetest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redistest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

var storeKey = secret.New(strings.Repeat("k", 32))

func newRedis(t *testing.T, server *redistest.Server, key secret.String) *store.Redis {
	t.Helper()
	store, err := store.NewRedis(server.Client(t), key)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestRedisKeepsTheContract(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	own := server.Client(t)
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		redistest.Clear(t, own)
		return storetest.Harness{
			Store:   newRedis(t, server, storeKey),
			Advance: func(d time.Duration) { redistest.Advance(t, own, d) },
		}
	})
}

func TestReplicasShareWhatTheyExchanged(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	one, two := newRedis(t, server, storeKey), newRedis(t, server, storeKey)
	if err := one.Save(t.Context(), keyOf("a"), []byte("token B"), time.Hour); err != nil {
		t.Fatal(err)
	}
	if value, found, err := two.Load(t.Context(), keyOf("a")); err != nil || !found || string(value) != "token B" {
		t.Errorf("the other replica has %q, %v, %v", value, found, err)
	}
	stranger := newRedis(t, server, secret.New(strings.Repeat("x", 32)))
	if value, found, err := stranger.Load(t.Context(), keyOf("a")); err != nil || found {
		t.Errorf("a replica with another key has %q, %v, %v; want nothing", value, found, err)
	}
}

// TestValuesStayWhereTheyBelong: whoever can write to Redis can't pass one user's token off as another's.
func TestValuesStayWhereTheyBelong(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	store, own := newRedis(t, server, storeKey), server.Client(t)
	if err := store.Save(t.Context(), keyOf("alice"), []byte("alice's token"), time.Hour); err != nil {
		t.Fatal(err)
	}
	const prefix = "obo:api:exchange:v2:"
	alices, bobs := prefix+keyOf("alice").String(), prefix+keyOf("bob").String()
	if err := own.Copy(t.Context(), alices, bobs, 0, true).Err(); err != nil {
		t.Fatal(err)
	}
	if value, found, err := store.Load(t.Context(), keyOf("bob")); err != nil || found {
		t.Errorf("bob gets %q, %v, %v", value, found, err)
	}
	for name, values := range redistest.Dump(t, own) {
		if !strings.HasPrefix(name, prefix) || bytes.Contains([]byte(values[0]), []byte("alice")) {
			t.Errorf("%s holds %q", name, values[0])
		}
		if left := own.PTTL(t.Context(), name).Val(); left <= 0 || left > time.Hour {
			t.Errorf("%s ends in %s", name, left)
		}
	}
}

func TestRedisIsAway(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	store := newRedis(t, server, storeKey)
	if err := store.Save(t.Context(), keyOf("a"), []byte("token B"), time.Hour); err != nil {
		t.Fatal(err)
	}
	server.Kill()
	if _, found, err := store.Load(t.Context(), keyOf("a")); err == nil || found {
		t.Errorf("without Redis: found %v, %v; want an error", found, err)
	}
	if err := store.Save(t.Context(), keyOf("a"), []byte("token B"), time.Hour); err == nil {
		t.Error("without Redis a value could be saved")
	}
	if err := store.Ready(t.Context()); err == nil {
		t.Error("without Redis Ready has no error")
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, found, err := store.Load(t.Context(), keyOf("a")); err != nil || found {
		t.Errorf("after an empty restart: found %v, %v; want nothing", found, err)
	}
}
