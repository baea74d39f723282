package session_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/clocktest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session/sessiontest"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	sessiontest.TestBackend(t, func(*testing.T) sessiontest.Subject {
		now := clocktest.New(time.Unix(1_800_000_000, 0))
		memory := session.NewMemory(session.MemoryOptions{Now: now.Now})
		return sessiontest.Subject{Backend: memory, Second: memory, Advance: now.Advance}
	})
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	for name, bounds := range map[string]session.MemoryOptions{
		"entries": {MaxEntries: 10},
		"bytes":   {MaxBytes: 10 * 450},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			memory := session.NewMemory(bounds)
			for i := range 1000 {
				if err := memory.Create(t.Context(), fmt.Sprintf("key %04d", i), make([]byte, 100), time.Hour, fmt.Sprint("sid ", i)); err != nil {
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
			if _, err := memory.Get(t.Context(), "key 0500", 0); !errors.Is(err, session.ErrNotFound) {
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
	memory := session.NewMemory(session.MemoryOptions{Now: now.Now})
	create := func(i int) {
		t.Helper()
		if err := memory.Create(t.Context(), fmt.Sprint("key ", i), []byte("value"), time.Hour, ""); err != nil {
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
