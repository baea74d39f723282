package app_test

import (
	"crypto/rsa"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/clocktest"
)

// TestAVerifiedTokenIsRememberedForAMoment holds what may be taken from memory, and what not.
func TestAVerifiedTokenIsRememberedForAMoment(t *testing.T) {
	t.Parallel()
	rotate := func(i *tenant) { i.keys = map[string]*rsa.PrivateKey{"key-2": otherKey()} }
	tests := map[string]struct {
		life  time.Duration // of the token
		after func(t *testing.T, issuer *tenant, api *api, moved *clocktest.Clock, token string) (again string)
		check string // at which the token is refused then; "" where it passes
	}{
		"again at once": {life: time.Hour},
		"again after the moment": {life: time.Hour, after: func(_ *testing.T, _ *tenant, _ *api, moved *clocktest.Clock, token string) string {
			moved.Advance(2 * time.Minute)
			return token
		}},
		"another signature over the same content": {life: time.Hour, check: "signature", after: func(_ *testing.T, _ *tenant, _ *api, _ *clocktest.Clock, token string) string {
			signed := token[:strings.LastIndexByte(token, '.')]
			return signed + "." + strings.Repeat("A", len(token)-len(signed)-1)
		}},
		"it has expired since": {life: 30 * time.Second, check: "exp", after: func(_ *testing.T, _ *tenant, _ *api, moved *clocktest.Clock, token string) string {
			moved.Advance(31 * time.Second)
			return token
		}},
		"its key was withdrawn and the keys were fetched since": {life: time.Hour, check: "kid", after: func(t *testing.T, issuer *tenant, api *api, moved *clocktest.Clock, token string) string {
			issuer.set(rotate)
			moved.Advance(10 * time.Second) // the interval of fetches
			header := map[string]any{"typ": "JWT", "alg": "RS256", "kid": "key-2"}
			if got := api.get(t, "Bearer "+forge(header, issuer.payload(), otherKey())); got.status != http.StatusOK {
				t.Fatalf("a token by the new key got %d", got.status)
			}
			return token
		}},
		"the clock was set back to before it was issued": {life: time.Hour, check: "nbf", after: func(_ *testing.T, _ *tenant, _ *api, moved *clocktest.Clock, token string) string {
			moved.Advance(-time.Hour)
			return token
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			issuer, moved := newTenant(t), clocktest.New(time.Now())
			api := startAPI(t, issuer, func(cfg *app.Config) { cfg.Now = moved.Now })
			token := issuer.token(map[string]any{"exp": moved.Now().Add(test.life).Unix()})
			api.get(t, "Bearer "+token).list(t)
			if test.after != nil {
				token = test.after(t, issuer, api, moved, token)
			}
			got := api.get(t, "Bearer "+token)
			if test.check == "" {
				got.list(t)
				return
			}
			if got.status != http.StatusUnauthorized || got.problem(t).Check != test.check {
				t.Errorf("got %d %s, want a refusal at the check of %s", got.status, got.body, test.check)
			}
		})
	}
}
