package entra_test

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
)

// lines is a log whose lines a test waits for.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

func TestWarmUp(t *testing.T) {
	t.Parallel()
	good := newSigner(t, "good")
	t.Run("the tenant is there", func(t *testing.T) {
		t.Parallel()
		fake, log := startTenant(t), make(lines, 10)
		fake.keys = set(good.jwk(t, nil))
		provider := fake.provider(t, entra.ProviderOptions{})
		stop := provider.WarmUp(t.Context(), 10*time.Second, slog.New(slog.NewTextHandler(log, nil)))
		defer stop()
		if err := provider.Ready(); err != nil || len(log) != 0 {
			t.Errorf("%v, %d lines of log", err, len(log))
		}
	})
	t.Run("it comes later", func(t *testing.T) {
		t.Parallel()
		fake, log := startTenant(t), make(lines, 10)
		fake.keys = set(good.jwk(t, nil))
		fake.status = http.StatusServiceUnavailable
		provider := fake.provider(t, entra.ProviderOptions{})
		stop := provider.WarmUp(t.Context(), 10*time.Second, slog.New(slog.NewTextHandler(log, nil)))
		defer stop()
		if err := provider.Ready(); !errors.Is(err, entra.ErrKeysUnavailable) {
			t.Errorf("ready without keys: %v", err)
		}
		if line := <-log; !strings.Contains(line, "can't be reached") {
			t.Errorf("the log says %q", line)
		}
		fake.set(func() { fake.status = http.StatusOK })
		if line := <-log; !strings.Contains(line, "can be reached") {
			t.Errorf("the log says %q", line)
		}
		if err := provider.Ready(); err != nil {
			t.Error(err)
		}
	})
	t.Run("it never comes", func(t *testing.T) {
		t.Parallel()
		fake, log := startTenant(t), make(lines, 10)
		fake.status = http.StatusServiceUnavailable
		stop := fake.provider(t, entra.ProviderOptions{}).WarmUp(t.Context(), 10*time.Second, slog.New(slog.NewTextHandler(log, nil)))
		stop() // and returns
		if len(log) != 1 {
			t.Errorf("%d lines of log, want one", len(log))
		}
	})
}
