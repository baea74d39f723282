package app_test

import (
	"crypto/rsa"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/clocktest"
)

// Cases 50 to 55: the tenant's keys come, go, and are unreachable.

// longToken is a good token that is good for a day, for tests that move the clock.
func longToken(i *tenant, with map[string]any) string {
	return i.token(maps2(map[string]any{"exp": time.Now().Add(24 * time.Hour).Unix()}, with))
}

func TestCase50WithdrawnKey(t *testing.T) {
	t.Parallel()
	issuer, moved := newTenant(t), clocktest.New(time.Now())
	api := startAPI(t, issuer, func(cfg *app.Config) { cfg.Now = moved.Now })
	token := longToken(issuer, nil)
	api.get(t, "Bearer "+token).list(t)
	issuer.set(func(i *tenant) { i.keys = map[string]*rsa.PrivateKey{"key-2": otherKey()} })

	moved.Advance(61 * time.Minute)
	got := api.get(t, "Bearer "+token)
	if got.status != http.StatusUnauthorized || got.problem(t).Check != "kid" {
		t.Errorf("a token by a key withdrawn an hour ago got %d %s", got.status, got.body)
	}
}

func TestCase51RotationUnderLoad(t *testing.T) {
	t.Parallel()
	issuer, moved := newTenant(t), clocktest.New(time.Now())
	api := startAPI(t, issuer, func(cfg *app.Config) { cfg.Now = moved.Now })
	moved.Advance(10 * time.Second) // the interval since the start's own fetch
	issuer.set(func(i *tenant) { i.keys["key-2"] = otherKey() })
	fetched := issuer.count("keys")
	rotated := forge(maps2(issuer.header(), map[string]any{"kid": "key-2"}), issuer.payload(), otherKey())
	old := issuer.token(nil)

	var group sync.WaitGroup
	for worker := range 20 {
		group.Go(func() {
			for range 5 {
				token := rotated
				if worker%2 == 0 {
					token = old
				}
				if got := api.get(t, "Bearer "+token); got.status != http.StatusOK {
					t.Errorf("status %d while keys rotate: %s", got.status, got.body)
				}
			}
		})
	}
	group.Wait()
	if more := issuer.count("keys") - fetched; more != 1 {
		t.Errorf("%d fetches, want 1", more)
	}
}

func TestCase52FloodOfUnknownKids(t *testing.T) {
	t.Parallel()
	issuer, moved := newTenant(t), clocktest.New(time.Now())
	api := startAPI(t, issuer, func(cfg *app.Config) { cfg.Now = moved.Now })
	good := issuer.token(nil)
	api.get(t, "Bearer "+good).list(t)
	parts := strings.Split(good, ".")
	badSignature := parts[0] + "." + parts[1] + "." + strings.Repeat("A", len(parts[2]))

	for interval := range 3 {
		moved.Advance(6 * time.Second)
		before := issuer.count("keys")
		var group sync.WaitGroup
		for worker := range 8 {
			group.Go(func() {
				for n := range 100 {
					unknown := forgeRaw(fmt.Sprintf(`{"alg":"RS256","kid":"flood-%d-%d-%d"}`, interval, worker, n), `{}`, nil)
					for _, token := range []string{unknown, badSignature} {
						if got := api.get(t, "Bearer "+token); got.status != http.StatusUnauthorized {
							t.Errorf("status %d", got.status)
						}
					}
					if n%10 == 0 && api.get(t, "Bearer "+good).status != http.StatusOK {
						t.Error("a good caller is not served during the flood")
					}
				}
			})
		}
		group.Wait()
		if more := issuer.count("keys") - before; more > 1 {
			t.Errorf("%d fetches in one interval", more)
		}
	}
}

func TestCase53KeysDownAndCold(t *testing.T) {
	t.Parallel()
	coldKeys(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
}

func TestCase54EmptyKeySet(t *testing.T) {
	t.Parallel()
	issuer, moved := newTenant(t), clocktest.New(time.Now())
	api := startAPI(t, issuer, func(cfg *app.Config) { cfg.Now = moved.Now })
	token := longToken(issuer, nil)
	issuer.set(func(i *tenant) {
		i.keysHandler = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"keys":[]}`) }
	})
	for range 3 {
		moved.Advance(61 * time.Minute)
		if got := api.get(t, "Bearer "+token); got.status != http.StatusOK {
			t.Errorf("status %d: the last good keys were lost", got.status)
		}
	}
	if issuer.count("keys") < 3 {
		t.Error("the tenant was not asked again, so that this test shows nothing")
	}
}

func TestCase54EmptyKeySetAndCold(t *testing.T) {
	t.Parallel()
	coldKeys(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"keys":[]}`) })
}

func TestCase55HugeKeySet(t *testing.T) {
	t.Parallel()
	var sent int
	coldKeys(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"keys":[`)
		chunk := []byte(strings.Repeat(" ", 64<<10))
		for sent = 0; sent < 64<<20; sent += len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	if sent >= 64<<20 {
		t.Error("64 MiB of keys were read")
	}
}

func TestCase55SlowKeySet(t *testing.T) {
	t.Parallel()
	coldKeys(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
}

// coldKeys starts an API whose tenant has no keys for it: good callers are told to come back, and nobody else learns
// anything.
func coldKeys(t *testing.T, handler http.HandlerFunc) {
	t.Helper()
	issuer := newTenant(t)
	issuer.set(func(i *tenant) { i.keysHandler = handler })
	api := startAPI(t, issuer, func(cfg *app.Config) {
		cfg.Limits.WarmUp = 300 * time.Millisecond
		cfg.Limits.Exchange = time.Second // the client's own deadline
	})
	for range 3 {
		got := api.get(t, "Bearer "+issuer.token(nil))
		if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" || got.problem(t).Code != "keys_unavailable" {
			t.Errorf("got %d, Retry-After %q: %s", got.status, got.header.Get("Retry-After"), got.body)
		}
	}
	if got := api.get(t, "Bearer rubbish"); got.status != http.StatusUnauthorized {
		t.Errorf("rubbish got %d, want 401 without a look at keys", got.status)
	}
}
