package store_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/onbehalfof/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/onbehalfof/store/storetest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/clocktest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) storetest.Harness {
		c := clocktest.New(time.Unix(1_700_000_000, 0))
		return storetest.Harness{Store: store.NewMemory(1<<20, c.Now), Advance: c.Advance}
	})
}

func keyOf(assertion string) store.Key {
	return store.KeyOf(secret.New(assertion).Digest(), []string{"scope"}, "")
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	const limit = 10_000
	store := store.NewMemory(limit, nil)
	value := make([]byte, 1000)
	for i := range 100 {
		_ = store.Save(t.Context(), keyOf(fmt.Sprint(i)), value, time.Hour)
		// The first stays in use and must survive all others.
		if _, found, _ := store.Load(t.Context(), keyOf("0")); !found {
			t.Fatalf("after %d saves the entry in use is gone", i+1)
		}
		if _, bytes := store.Size(); bytes > limit {
			t.Fatalf("%d bytes are kept, the limit is %d", bytes, limit)
		}
	}
	if _, found, _ := store.Load(t.Context(), keyOf("1")); found {
		t.Error("the least recently used entry is still there")
	}
	if entries, _ := store.Size(); entries < 7 {
		t.Errorf("%d entries are kept, want the store to be used to its limit", entries)
	}

	if err := store.Save(t.Context(), keyOf("huge"), make([]byte, limit), time.Hour); err != nil {
		t.Fatal(err)
	}
	if entries, _ := store.Size(); entries < 7 {
		t.Error("a value larger than the store drove the others out")
	}
}

func TestADayOfRenewalsDoesNotAddUp(t *testing.T) {
	t.Parallel()
	const users = 200
	c := clocktest.New(time.Unix(1_700_000_000, 0))
	store := store.NewMemory(1<<30, c.Now)
	most := 0
	for hour := range 24 {
		for user := range users { // a renewed assertion is a new key
			_ = store.Save(t.Context(), keyOf(fmt.Sprint(hour, user)), make([]byte, 100), time.Hour)
			c.Advance(time.Hour / users)
		}
		entries, _ := store.Size()
		most = max(most, entries)
	}
	if most > 2*users {
		t.Errorf("%d entries for %d users", most, users)
	}
}

func TestKeysDiffer(t *testing.T) {
	t.Parallel()
	keys := map[store.Key]string{}
	for name, key := range map[string]store.Key{
		"plain":                 store.KeyOf(secret.New("a").Digest(), []string{"s"}, ""),
		"another assertion":     store.KeyOf(secret.New("b").Digest(), []string{"s"}, ""),
		"another scope":         store.KeyOf(secret.New("a").Digest(), []string{"t"}, ""),
		"two scopes":            store.KeyOf(secret.New("a").Digest(), []string{"s", "t"}, ""),
		"one scope with a gap":  store.KeyOf(secret.New("a").Digest(), []string{"s t"}, ""),
		"claims":                store.KeyOf(secret.New("a").Digest(), []string{"s"}, "c"),
		"claims, no scope":      store.KeyOf(secret.New("a").Digest(), nil, "c"),
		"shifted into claims":   store.KeyOf(secret.New("").Digest(), []string{"s"}, "a"),
		"shifted into the next": store.KeyOf(secret.New("as").Digest(), nil, ""),
	} {
		if other, taken := keys[key]; taken {
			t.Errorf("%q and %q have one key", name, other)
		}
		keys[key] = name
	}
}

// TestMemoryPerUser holds what a user with a cached result costs: with a token of 2 kB less than 4 kB.
func TestMemoryPerUser(t *testing.T) {
	const users, tokenLength, limit = 20_000, 2048, 4096
	store := store.NewMemory(1<<30, nil)
	before := heap()
	for user := range users {
		_ = store.Save(t.Context(), keyOf(fmt.Sprint(user)), make([]byte, tokenLength), time.Hour)
	}
	perUser := int(heap()-before) / users
	_, counted := store.Size()
	t.Logf("%d bytes of heap a user, %d counted", perUser, counted/users)
	if perUser > limit {
		t.Errorf("a user costs %d bytes, want at most %d", perUser, limit)
	}
	if counted/users < perUser*9/10 {
		t.Errorf("the store counts %d bytes a user and uses %d: its limit isn't one", counted/users, perUser)
	}
	runtime.KeepAlive(store)
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
