package app_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/clocktest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redistest"
)

// TestRenewalDuringAnOutage: refresh_in has passed and Entra gives no token; nobody notices, and it is asked with restraint.
func TestRenewalDuringAnOutage(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]http.HandlerFunc{
		"breaks off": cutShort(`{"access_token":"eyJ`), "throttles": throttle(""), "a proxy's page": answerWith(200, "text/html", "<html>"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			issuer, moved := newTenant(t), clocktest.New(time.Now())
			issuer.set(func(i *tenant) {
				i.tokenHandler = func(w http.ResponseWriter, r *http.Request) {
					sendTokenB(w, r, tokenB(aliceOID, nil), map[string]any{"refresh_in": 600})
				}
			})
			api := startAPI(t, issuer, func(cfg *app.Config) { cfg.Now = moved.Now })
			token := "Bearer " + issuer.token(nil)
			api.get(t, token).list(t)
			working := func() http.HandlerFunc { issuer.mu.Lock(); defer issuer.mu.Unlock(); return issuer.tokenHandler }()

			issuer.set(func(i *tenant) { i.tokenHandler = outage })
			moved.Advance(11 * time.Minute)
			before := issuer.count("token")
			for range 20 {
				api.get(t, token).list(t)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			waitFor(ctx, t, func() bool { return strings.Contains(api.log.String(), "a token was not renewed") })
			for range 20 {
				api.get(t, token).list(t)
			}
			if more := issuer.count("token") - before; more != 1 {
				t.Errorf("%d attempts to renew within the pause, want 1", more)
			}

			issuer.set(func(i *tenant) { i.tokenHandler = working })
			moved.Advance(31 * time.Second)
			before = issuer.count("token")
			waitFor(ctx, t, func() bool {
				api.get(t, token).list(t)
				return issuer.count("token") > before
			})
			for range 5 {
				api.get(t, token).list(t)
			}
			if more := issuer.count("token") - before; more != 1 {
				t.Errorf("%d renewals, want 1", more)
			}
		})
	}
}

// renewing starts an API whose tokens B are to be renewed, with one of them in Redis: that minds its context, and the memory of the
// process has no reason to.
func renewing(t *testing.T, issuer *tenant, change func(*app.Config)) (renew *api, authorization string) {
	t.Helper()
	moved, cfg := clocktest.New(time.Now()), withRedis(t, issuer, redistest.Start(t).URL)
	issuer.set(func(i *tenant) {
		i.tokenHandler = func(w http.ResponseWriter, r *http.Request) {
			sendTokenB(w, r, tokenB(aliceOID, nil), map[string]any{"refresh_in": 600})
		}
	})
	authorization = "Bearer " + issuer.token(nil)
	startConfigured(t, cfg, nil).get(t, authorization).list(t)
	moved.Advance(11 * time.Minute)
	cfg.Now = moved.Now
	return startConfigured(t, cfg, change), authorization
}

// TestARefusedRenewalEndsTheToken: a user who was disabled doesn't go on until token B ends.
func TestARefusedRenewalEndsTheToken(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		handler http.HandlerFunc
		status  int
		code    string
	}{
		{"the user was disabled", refusal(400, 50057, "invalid_grant", "", ""), http.StatusUnauthorized, "user_disabled"},
		{"a second factor is due", refusal(400, 50076, "interaction_required", "basic_action", mfaClaims), http.StatusUnauthorized, "mfa_required"},
		{"the secret has expired", refusal(401, 7000222, "invalid_client", "", ""), http.StatusBadGateway, "expired_client_secret"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			issuer := newTenant(t)
			var moved *clocktest.Clock
			api, token := renewing(t, issuer, func(cfg *app.Config) {
				start := cfg.Now
				moved = clocktest.New(start())
				cfg.Now = moved.Now
			})
			issuer.set(func(i *tenant) { i.tokenHandler = test.handler })
			api.get(t, token) // begins the renewal, and doesn't wait for it
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			waitFor(ctx, t, func() bool { return strings.Contains(api.log.String(), "renewal was refused") })
			for range 3 {
				if got := api.get(t, token); got.status != test.status || got.problem(t).Code != test.code {
					t.Fatalf("after the refusal: %d %s", got.status, got.body)
				}
			}
			issuer.set(func(i *tenant) { i.tokenHandler = nil })
			moved.Advance(10 * time.Second) // a refusal is remembered for a moment
			api.get(t, token).list(t)
		})
	}
}

// TestARenewalThatTimedOutIsPostponed: it has used up its time, and must still be able to say when the next one is due.
func TestARenewalThatTimedOutIsPostponed(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	api, token := renewing(t, issuer, func(cfg *app.Config) { cfg.Limits.Exchange = 500 * time.Millisecond })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	waitFor(ctx, t, func() bool { return status(t, api, "/readyz") == http.StatusOK })
	issuer.set(func(i *tenant) {
		i.tokenHandler = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	})
	const failed = "a token was not renewed"
	api.get(t, token).list(t)
	waitFor(ctx, t, func() bool { return strings.Contains(api.log.String(), failed) })
	for range 20 {
		api.get(t, token).list(t)
	}
	if strings.Contains(api.log.String(), "was not stored") || strings.Count(api.log.String(), failed) != 1 {
		t.Errorf("the next attempt is not postponed:\n%s", api.log)
	}
}
