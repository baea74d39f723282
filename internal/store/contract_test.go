package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
)

// subject is a store under test.
type subject struct {
	Store store.Store
	// Second is the same store as another replica sees it: for memory, which has no other, Store itself.
	Second store.Store
	// Advance lets time pass for the store.
	Advance func(time.Duration)
}

const lifetime = 10 * time.Minute

// testContract tests what every store must keep to. start returns an empty one.
func testContract(t *testing.T, start func(t *testing.T) subject) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s subject)
	}{
		{"what was created is found, also by another replica", testFound},
		{"a lifetime ends, and begins anew where that is asked for", testLifetime},
		{"replace changes what is there and nothing else", testReplace},
		{"replace doesn't bring back what was deleted", testNoResurrection},
		{"of many that delete one does", testDeleteOnce},
		{"of many that mark one is the first", testMarkOnce},
		{"an index finds its keys", testIndex},
		{"a lock is held by one at a time", testLock},
		{"who waits for a lock can give up", testLockGivesUp},
		{"concurrent writers under the lock lose nothing", testConcurrentWriters},
		{"values are the caller's own", testNoSharing},
		{"a later value takes the place of the one before", testCreateAgain},
		{"no lifetime keeps nothing", testNoLifetime},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, start(t)) })
	}
}

func create(t *testing.T, b store.Store, key, value string) {
	t.Helper()
	if err := b.Put(t.Context(), key, []byte(value), lifetime, ""); err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, b store.Store, key, want string) {
	t.Helper()
	got, err := b.Get(t.Context(), key, 0)
	if err != nil || string(got) != want {
		t.Errorf("%q holds %q, %v; want %q", key, got, err, want)
	}
}

func expectNothing(t *testing.T, b store.Store, key string) {
	t.Helper()
	if got, err := b.Get(t.Context(), key, 0); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%q holds %q, %v; want ErrNotFound", key, got, err)
	}
}

func testFound(t *testing.T, s subject) {
	create(t, s.Store, "key \x00\xff", "value \x00\xff")
	expect(t, s.Store, "key \x00\xff", "value \x00\xff")
	expect(t, s.Second, "key \x00\xff", "value \x00\xff")
	expectNothing(t, s.Store, "another")
	if _, err := s.Second.Delete(t.Context(), "key \x00\xff"); err != nil {
		t.Fatal(err)
	}
	expectNothing(t, s.Store, "key \x00\xff")
	if _, err := s.Store.Delete(t.Context(), "key \x00\xff"); err != nil {
		t.Errorf("deleting what isn't there: %v", err)
	}
	if err := s.Store.Ping(t.Context()); err != nil {
		t.Errorf("Ping: %v", err)
	}
}

func testLifetime(t *testing.T, s subject) {
	create(t, s.Store, "idle", "1")
	create(t, s.Store, "used", "2")
	s.Advance(lifetime - time.Minute)
	if _, err := s.Store.Get(t.Context(), "used", lifetime); err != nil {
		t.Fatal(err)
	}
	s.Advance(2 * time.Minute)
	expectNothing(t, s.Store, "idle")
	expect(t, s.Store, "used", "2")
	if deleted, err := s.Store.Delete(t.Context(), "idle"); err != nil || deleted != 0 {
		t.Errorf("deleting what has expired: %d, %v", deleted, err)
	}
	if err := s.Store.Replace(t.Context(), "used", []byte("3")); err != nil {
		t.Fatal(err)
	}
	s.Advance(lifetime)
	expectNothing(t, s.Store, "used") // Replace didn't let the lifetime begin anew
}

func testReplace(t *testing.T, s subject) {
	create(t, s.Store, "a", "1")
	create(t, s.Store, "b", "2")
	if err := s.Second.Replace(t.Context(), "a", []byte("longer than before")); err != nil {
		t.Fatal(err)
	}
	expect(t, s.Store, "a", "longer than before")
	expect(t, s.Store, "b", "2")
}

func testNoResurrection(t *testing.T, s subject) {
	create(t, s.Store, "a", "1")
	if _, err := s.Store.Delete(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if err := s.Second.Replace(t.Context(), "a", []byte("2")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a late save: %v, want ErrNotFound", err)
	}
	expectNothing(t, s.Store, "a")
}

func testDeleteOnce(t *testing.T, s subject) {
	create(t, s.Store, "a", "1")
	var group sync.WaitGroup
	var got atomic.Int32
	for i := range 20 {
		group.Go(func() {
			backend := []store.Store{s.Store, s.Second}[i%2]
			deleted, err := backend.Delete(t.Context(), "a", "another")
			if err != nil {
				t.Error(err)
			}
			got.Add(int32(deleted))
		})
	}
	group.Wait()
	if got.Load() != 1 {
		t.Errorf("%d of 20 deleted the value", got.Load())
	}
}

func testMarkOnce(t *testing.T, s subject) {
	var group sync.WaitGroup
	var first atomic.Int32
	for i := range 20 {
		group.Go(func() {
			backend := []store.Store{s.Store, s.Second}[i%2]
			if marked, err := backend.Mark(t.Context(), "a", lifetime); err != nil {
				t.Error(err)
			} else if marked {
				first.Add(1)
			}
		})
	}
	group.Wait()
	if first.Load() != 1 {
		t.Errorf("%d of 20 were the first", first.Load())
	}
	if _, err := s.Second.Get(t.Context(), "a", 0); err != nil {
		t.Errorf("what is marked isn't found: %v", err)
	}
	s.Advance(lifetime)
	if marked, err := s.Store.Mark(t.Context(), "a", lifetime); err != nil || !marked {
		t.Errorf("once the lifetime is over: %t, %v", marked, err)
	}
}

func testIndex(t *testing.T, s subject) {
	for _, key := range []string{"a", "b", "c"} {
		index := "sid 1"
		if key == "c" {
			index = "sid 2"
		}
		if err := s.Store.Put(t.Context(), key, []byte("x"), lifetime, index, "all"); err != nil {
			t.Fatal(err)
		}
		s.Advance(time.Second)
	}
	keys, err := s.Second.Indexed(t.Context(), "sid 1")
	if err != nil || !slices.Equal(keys, []string{"a", "b"}) {
		t.Errorf("the index has %q, %v", keys, err)
	}
	if keys, err := s.Store.Indexed(t.Context(), "all"); err != nil || !slices.Equal(keys, []string{"a", "b", "c"}) {
		t.Errorf("the index of all has %q, %v", keys, err)
	}
	if _, err := s.Second.Delete(t.Context(), "a", "c"); err != nil {
		t.Fatal(err)
	}
	if keys, err := s.Store.Indexed(t.Context(), "all"); err != nil || !slices.Equal(keys, []string{"b"}) {
		t.Errorf("with two deleted the index has %q, %v", keys, err)
	}
	s.Advance(lifetime)
	if keys, err := s.Store.Indexed(t.Context(), "all"); err != nil || len(keys) != 0 {
		t.Errorf("when all have ended the index has %q, %v", keys, err)
	}
	if keys, err := s.Store.Indexed(t.Context(), "unknown"); err != nil || len(keys) != 0 {
		t.Errorf("an unknown index has %q, %v", keys, err)
	}
}

func testLock(t *testing.T, s subject) {
	var inside atomic.Int32
	var group sync.WaitGroup
	for i := range 10 {
		group.Go(func() {
			backend := []store.Store{s.Store, s.Second}[i%2]
			unlock, err := backend.Lock(t.Context(), "a")
			if err != nil {
				t.Error(err)
				return
			}
			if inside.Add(1) != 1 {
				t.Error("two hold the lock at once")
			}
			inside.Add(-1)
			unlock()
		})
	}
	group.Wait()
	unlock, err := s.Store.Lock(t.Context(), "another")
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	other, err := s.Store.Lock(t.Context(), "a third")
	if err != nil {
		t.Fatalf("the lock of another key is held: %v", err)
	}
	other()
}

func testLockGivesUp(t *testing.T, s subject) {
	unlock, err := s.Store.Lock(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Second.Lock(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v, want the context's", err)
	}
}

func testConcurrentWriters(t *testing.T, s subject) {
	create(t, s.Store, "counter", "0")
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			backend := []store.Store{s.Store, s.Second}[i%2]
			unlock, err := backend.Lock(t.Context(), "counter")
			if err != nil {
				t.Error(err)
				return
			}
			defer unlock()
			value, err := backend.Get(t.Context(), "counter", 0)
			if err != nil {
				t.Error(err)
				return
			}
			var n int
			_, _ = fmt.Sscan(string(value), &n)
			if err := backend.Replace(t.Context(), "counter", fmt.Append(nil, n+1)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	expect(t, s.Store, "counter", "20")
}

func testNoSharing(t *testing.T, s subject) {
	value := []byte("original")
	if err := s.Store.Put(t.Context(), "a", value, lifetime, ""); err != nil {
		t.Fatal(err)
	}
	copy(value, "changed!")
	expect(t, s.Store, "a", "original")
}

func testCreateAgain(t *testing.T, s subject) {
	create(t, s.Store, "a", "1")
	if err := s.Second.Put(t.Context(), "a", []byte("2"), 2*lifetime); err != nil {
		t.Fatal(err)
	}
	expect(t, s.Store, "a", "2")
	s.Advance(lifetime + time.Minute)
	expect(t, s.Store, "a", "2")
}

func testNoLifetime(t *testing.T, s subject) {
	for _, none := range []time.Duration{0, -time.Second} {
		create(t, s.Store, "a", "1")
		if err := s.Store.Put(t.Context(), "a", []byte("2"), none); err != nil {
			t.Fatal(err)
		}
		expectNothing(t, s.Second, "a")
		if marked, err := s.Store.Mark(t.Context(), "mark", none); err != nil || !marked {
			t.Errorf("a mark without a lifetime: %t, %v", marked, err)
		}
		s.Advance(time.Second)
		expectNothing(t, s.Second, "mark")
	}
}
