package app_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
)

// dueSoon are tokens that are to be renewed in a moment, and good for minutes. The moment is MSAL's, by the real clock.
var dueSoon = map[string]devtenant.Fault{
	"refresh_in has passed":   {RefreshIn: time.Second},
	"five minutes before exp": {Lifetime: 5*time.Minute + 3*time.Second},
}

// TestASlowEntraTakesNobodyOffline: a token that should be renewed and can't be serves as long as it is good, to one
// request and to several at once, and a provider that hangs isn't asked by each of them.
func TestASlowEntraTakesNobodyOffline(t *testing.T) {
	t.Parallel()
	for due, token := range dueSoon {
		for trouble, fault := range map[string]devtenant.Fault{
			"hangs": {Delay: time.Minute}, "is throttled": {Status: http.StatusTooManyRequests}, "is down": {Status: http.StatusServiceUnavailable},
		} {
			t.Run(due+", Entra "+trouble, func(t *testing.T) {
				t.Parallel()
				clock := &clock{}
				s := startStack(t, options{config: func(cfg *app.Config) { cfg.Limits.Token, cfg.Now = 3*time.Second, clock.now }})
				v := s.visitor(t)
				token.Name, token.Endpoint, token.Times = "due", "token:authorization_code", 1
				fault.Name, fault.Endpoint = "trouble", "token:refresh_token"
				s.tenant.Faults().Set(token, fault)
				v.signIn("alice")
				eventually(t, "a renewal", func() bool {
					if got := v.get("/"); got.rows() != 3 {
						t.Fatalf("one request: %d %s", got.status, got.code())
					}
					return s.tenant.Count("token:refresh_token") > 0
				})
				clock.move(31 * time.Second) // it is tried again after a pause
				before := s.tenant.Count("token:refresh_token")
				var group sync.WaitGroup
				for range 3 {
					group.Go(func() {
						if got := v.get("/"); got.rows() != 3 {
							t.Errorf("three at once: %d %s", got.status, got.code())
						}
					})
				}
				group.Wait()
				if more := s.tenant.Count("token:refresh_token") - before; more < 1 || more > 2 { // MSAL repeats what failed with 503
					t.Errorf("three requests asked Entra %d times", more)
				}
			})
		}
	}
}

// TestAStoreThatFailsDuringRenewalTakesNobodyOffline: neither does a lock that another replica doesn't give back.
func TestAStoreThatFailsDuringRenewalTakesNobodyOffline(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]*brokenStore{"no lock": {lock: true}, "nothing is saved": {replace: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broken.Store = memory()
			s := startStack(t, options{config: func(cfg *app.Config) {
				cfg.Limits.Token, cfg.Sessions = 2*time.Second, broken
			}})
			v := s.visitor(t)
			s.tenant.Faults().Set(devtenant.Fault{Name: "due", Endpoint: "token:authorization_code", Times: 1, Lifetime: 5*time.Minute + 3*time.Second})
			v.signIn("alice")
			eventually(t, "a renewal", func() bool {
				if got := v.get("/"); got.rows() != 3 {
					t.Fatalf("%d %s", got.status, got.code())
				}
				return broken.met.Load()
			})
		})
	}
}

// brokenStore is a backend whose locks somebody else has and keeps, or that saves nothing more.
type brokenStore struct {
	store.Store
	lock, replace bool
	met           atomic.Bool
}

func (b *brokenStore) Lock(ctx context.Context, key string) (func(), error) {
	if !b.lock {
		return b.Store.Lock(ctx, key)
	}
	b.met.Store(true)
	<-ctx.Done()
	return nil, ctx.Err()
}

func (b *brokenStore) Replace(ctx context.Context, key string, value []byte) error {
	if !b.replace {
		return b.Store.Replace(ctx, key, value)
	}
	b.met.Store(true)
	return errAway
}
