// Package storetest checks that an implementation of store.Store keeps the contract.
package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/onbehalfof/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// Harness is a store under test and the clock that it goes by.
type Harness struct {
	Store store.Store
	// Advance moves the store's clock: a test of lifetimes that sleeps is slow and fails on a busy machine.
	Advance func(time.Duration)
}

// Run checks the contract. open returns an empty store each time it is called.
func Run(t *testing.T, open func(t *testing.T) Harness) {
	tests := []struct {
		name string
		run  func(t *testing.T, h Harness)
	}{
		{"what was saved is loaded", func(t *testing.T, h Harness) {
			save(t, h, key("a"), "one", time.Hour)
			wantValue(t, h, key("a"), "one")
			wantAbsent(t, h, key("b"))
			if err := h.Store.Ready(t.Context()); err != nil {
				t.Errorf("Ready: %v", err)
			}
		}},
		{"a value of any bytes comes back whole", func(t *testing.T, h Harness) {
			value := make([]byte, 256)
			for i := range value {
				value[i] = byte(i)
			}
			save(t, h, key("a"), string(value), time.Hour)
			wantValue(t, h, key("a"), string(value))
		}},
		{"a later save wins", func(t *testing.T, h Harness) {
			save(t, h, key("a"), "one", time.Hour)
			save(t, h, key("a"), "two", 2*time.Hour)
			wantValue(t, h, key("a"), "two")
			h.Advance(90 * time.Minute)
			wantValue(t, h, key("a"), "two")
		}},
		{"nothing outlives its lifetime", func(t *testing.T, h Harness) {
			save(t, h, key("short"), "one", time.Minute)
			save(t, h, key("long"), "two", time.Hour)
			h.Advance(time.Minute + time.Second)
			wantAbsent(t, h, key("short"))
			wantValue(t, h, key("long"), "two")
		}},
		{"loading doesn't lengthen a lifetime", func(t *testing.T, h Harness) {
			save(t, h, key("a"), "one", time.Minute)
			h.Advance(40 * time.Second)
			wantValue(t, h, key("a"), "one")
			h.Advance(40 * time.Second)
			wantAbsent(t, h, key("a"))
		}},
		{"no lifetime keeps nothing and removes what was there", func(t *testing.T, h Harness) {
			save(t, h, key("a"), "one", time.Hour)
			save(t, h, key("a"), "two", 0)
			wantAbsent(t, h, key("a"))
			save(t, h, key("b"), "three", -time.Second)
			wantAbsent(t, h, key("b"))
		}},
		{"deleted is gone", func(t *testing.T, h Harness) {
			save(t, h, key("a"), "one", time.Hour)
			for range 2 { // the second finds nothing, which is no error
				if err := h.Store.Delete(t.Context(), key("a")); err != nil {
					t.Fatal(err)
				}
			}
			wantAbsent(t, h, key("a"))
		}},
		{"the store has a copy of its own", func(t *testing.T, h Harness) {
			value := []byte("one")
			if err := h.Store.Save(t.Context(), key("a"), value, time.Hour); err != nil {
				t.Fatal(err)
			}
			copy(value, "XXX")
			wantValue(t, h, key("a"), "one")
		}},
		{"many at once", manyAtOnce},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

// manyAtOnce has writers and readers on shared keys: each read finds nothing or a whole value of that key.
func manyAtOnce(t *testing.T, h Harness) {
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for i := range 50 {
				user := fmt.Sprintf("user-%d", i%5)
				if worker%2 == 0 {
					save(t, h, key(user), user, time.Hour)
					continue
				}
				value, found, err := h.Store.Load(t.Context(), key(user))
				if err != nil || (found && string(value) != user) {
					t.Errorf("%s got %q, %v", user, value, err)
				}
			}
		})
	}
	group.Wait()
}

func key(assertion string) store.Key {
	return store.KeyOf(secret.New(assertion).Digest(), []string{"scope"}, "")
}

func save(t *testing.T, h Harness, k store.Key, value string, lifetime time.Duration) {
	t.Helper()
	if err := h.Store.Save(t.Context(), k, []byte(value), lifetime); err != nil {
		t.Errorf("saving: %v", err)
	}
}

func wantValue(t *testing.T, h Harness, k store.Key, want string) {
	t.Helper()
	value, found, err := h.Store.Load(t.Context(), k)
	if err != nil || !found || string(value) != want {
		t.Errorf("got %q, %v, %v; want %q", value, found, err, want)
	}
}

func wantAbsent(t *testing.T, h Harness, k store.Key) {
	t.Helper()
	value, found, err := h.Store.Load(t.Context(), k)
	if err != nil || found {
		t.Errorf("got %q, %v, %v; want nothing", value, found, err)
	}
}
