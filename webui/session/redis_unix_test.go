//go:build unix

package session_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redistest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

func TestRedisHangs(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	f, b := newRedisFixture(t, server), &browser{}
	f.signIn(t, b, alice())
	server.Freeze()
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	started := time.Now()
	_, err := f.store.Current(b.request(t).WithContext(ctx))
	if err == nil || errors.Is(err, session.ErrGone) || errors.Is(err, session.ErrNone) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v, want one of the backend", err)
	}
	if took := time.Since(started); took > 6*time.Second {
		t.Errorf("a user waits %s for a Redis that hangs", took)
	}
	server.Thaw()
	if _, err := f.store.Current(b.request(t)); err != nil {
		t.Errorf("Redis is back: %v", err)
	}
}
