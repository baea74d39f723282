package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/clocktest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	testContract(t, func(*testing.T) subject {
		now := clocktest.New(time.Unix(1_800_000_000, 0))
		memory := store.NewMemory(store.MemoryOptions{Now: now.Now})
		return subject{Store: memory, Second: memory, Advance: now.Advance}
	})
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	for name, bounds := range map[string]store.MemoryOptions{
		"entries": {MaxEntries: 10},
		"bytes":   {MaxBytes: 10 * 450},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			memory := store.NewMemory(bounds)
			for i := range 1000 {
				if err := memory.Put(t.Context(), fmt.Sprintf("key %04d", i), make([]byte, 100), time.Hour, fmt.Sprint("sid ", i)); err != nil {
					t.Fatal(err)
				}
				// The first one is used all the time, so it stays.
				if _, err := memory.Get(t.Context(), "key 0000", time.Hour); err != nil {
					t.Fatalf("what is used most was forgotten after %d others", i)
				}
			}
			if entries, bytes := memory.Usage(); entries > 10 || bytes > 10*450 {
				t.Errorf("%d entries, %d bytes", entries, bytes)
			}
			if _, err := memory.Get(t.Context(), "key 0500", 0); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("an old entry: %v", err)
			}
			if keys, err := memory.Indexed(context.Background(), "sid 500"); err != nil || len(keys) != 0 {
				t.Errorf("the index of a forgotten entry has %q", keys)
			}
		})
	}
}

// TestMemoryDropsWhatHasEnded: the tokens of users who never came back don't stay.
func TestMemoryDropsWhatHasEnded(t *testing.T) {
	t.Parallel()
	now := clocktest.New(time.Unix(1_800_000_000, 0))
	memory := store.NewMemory(store.MemoryOptions{Now: now.Now})
	create := func(i int) {
		t.Helper()
		if err := memory.Put(t.Context(), fmt.Sprint("key ", i), []byte("value"), time.Hour, ""); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 80 {
		create(i)
	}
	now.Advance(time.Hour)
	for i := range 10 {
		create(100 + i)
	}
	if entries, _ := memory.Usage(); entries != 10 {
		t.Errorf("%d entries, want the 10 that have not ended", entries)
	}
}

func TestAValueLargerThanAllIsNotKept(t *testing.T) {
	t.Parallel()
	memory := store.NewMemory(store.MemoryOptions{MaxBytes: 10_000})
	for i := range 7 {
		if err := memory.Put(t.Context(), fmt.Sprint(i), make([]byte, 1000), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if err := memory.Put(t.Context(), "huge", make([]byte, 10_000), time.Hour); err != nil {
		t.Fatal(err)
	}
	if entries, bytes := memory.Usage(); entries != 7 || bytes > 10_000 {
		t.Errorf("%d entries, %d bytes; want the 7 from before", entries, bytes)
	}
	if err := memory.Replace(t.Context(), "0", make([]byte, 10_000)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("one that has become huge: %v", err)
	}
	if entries, bytes := memory.Usage(); entries != 6 || bytes > 10_000 {
		t.Errorf("%d entries, %d bytes; want the 6 others", entries, bytes)
	}
}

// TestADayOfRenewalsDoesNotAddUp: each renewed token has a key of its own.
func TestADayOfRenewalsDoesNotAddUp(t *testing.T) {
	t.Parallel()
	const users = 200
	now := clocktest.New(time.Unix(1_700_000_000, 0))
	memory := store.NewMemory(store.MemoryOptions{Now: now.Now})
	most := 0
	for hour := range 24 {
		for user := range users {
			if err := memory.Put(t.Context(), fmt.Sprint(hour, user), make([]byte, 100), time.Hour); err != nil {
				t.Fatal(err)
			}
			now.Advance(time.Hour / users)
		}
		entries, _ := memory.Usage()
		most = max(most, entries)
	}
	if most > 2*users {
		t.Errorf("%d entries for %d users", most, users)
	}
}
