package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/clocktest"
)

// TestRetryAfterIsKeptToBetweenCalls: Entra isn't asked again before the time that it named.
func TestRetryAfterIsKeptToBetweenCalls(t *testing.T) {
	t.Parallel()
	busy := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	tests := []struct {
		name    string
		handler http.HandlerFunc
		code    string // of the first answer
		retry   string // in the first answer
		left    string // in answers ten seconds later
		wait    time.Duration
		others  bool // wait, too
	}{
		{"429 is for one exchange", throttle("60"), "identity_provider_throttled", "60", "50", time.Minute, false},
		{"429 for a day is believed for five minutes", throttle("86400"), "identity_provider_throttled", "300", "290", 5 * time.Minute, false},
		{"503 is for one exchange", busy, "identity_provider_unavailable", "60", "50", time.Minute, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			issuer, moved := newTenant(t), clocktest.New(time.Now())
			api := startAPI(t, issuer, func(cfg *app.Config) { cfg.Now = moved.Now })
			cached, other := "Bearer "+issuer.token(nil), "Bearer "+issuer.token(map[string]any{"oid": bobOID})
			token := "Bearer " + issuer.token(map[string]any{"sid": "another sign-in"})
			api.get(t, cached).list(t)
			issuer.set(func(i *tenant) { i.tokenHandler = test.handler })
			got := api.get(t, token)
			if got.status != http.StatusServiceUnavailable || got.problem(t).Code != test.code || got.header.Get("Retry-After") != test.retry {
				t.Fatalf("the first call got %d, Retry-After %q, %s", got.status, got.header.Get("Retry-After"), got.body)
			}

			issuer.set(func(i *tenant) { i.tokenHandler = nil })
			before := issuer.count("token")
			moved.Advance(10 * time.Second)
			for range 20 {
				got := api.get(t, token)
				if got.status != http.StatusServiceUnavailable || got.problem(t).Code != "identity_provider_throttled" || got.header.Get("Retry-After") != test.left {
					t.Fatalf("within the time: %d, Retry-After %q, %s", got.status, got.header.Get("Retry-After"), got.body)
				}
				api.get(t, cached).list(t)
			}
			if more := issuer.count("token") - before; more != 0 {
				t.Errorf("%d token requests within the time", more)
			}
			if got := api.get(t, other).status == http.StatusServiceUnavailable; got != test.others {
				t.Errorf("another user's exchange waits: %t, want %t", got, test.others)
			}
			moved.Advance(test.wait - 10*time.Second)
			api.get(t, token).list(t)
		})
	}
}

// TestFieldCase35NoTimeNamed: a 429 whose Retry-After is missing, or names no time, is kept to for some seconds. A user who reloads
// would otherwise have Entra asked at each load while it is busy.
func TestFieldCase35NoTimeNamed(t *testing.T) {
	t.Parallel()
	for name, retryAfter := range map[string]string{"none": "", "zero": "0", "a fraction": "1.5", "a word": "soon", "the past": "Sun, 06 Nov 1994 08:49:37 GMT"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			issuer, moved := newTenant(t), clocktest.New(time.Now())
			issuer.set(func(i *tenant) { i.tokenHandler = throttle(retryAfter) })
			api := startAPI(t, issuer, func(cfg *app.Config) { cfg.Now = moved.Now })
			token := "Bearer " + issuer.token(nil)
			for range 50 {
				if got := api.get(t, token); got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") != "5" {
					t.Fatalf("got %d, Retry-After %q, %s", got.status, got.header.Get("Retry-After"), got.body)
				}
			}
			if asked := issuer.count("token"); asked != 1 {
				t.Errorf("50 loads are %d exchanges", asked)
			}
			issuer.set(func(i *tenant) { i.tokenHandler = nil })
			api.get(t, "Bearer "+issuer.token(map[string]any{"oid": bobOID})).list(t)
			moved.Advance(5 * time.Second)
			api.get(t, token).list(t)
		})
	}
}

// TestFieldCase34RefusalWithRetryAfter: what the user has to do stays in the answer, however long Entra wants to be left alone.
func TestFieldCase34RefusalWithRetryAfter(t *testing.T) {
	t.Parallel()
	issuer, moved := newTenant(t), clocktest.New(time.Now())
	issuer.set(func(i *tenant) {
		i.tokenHandler = func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "300")
			refusal(400, 50076, "invalid_grant", "basic_action", mfaClaims)(w, r)
		}
	})
	api := startAPI(t, issuer, func(cfg *app.Config) { cfg.Now = moved.Now })
	token := "Bearer " + issuer.token(nil)
	for range 3 {
		if got := api.get(t, token); got.status != http.StatusUnauthorized || got.problem(t).Code != "mfa_required" || !strings.Contains(got.header.Get("WWW-Authenticate"), `claims="`) {
			t.Fatalf("got %d %s %s", got.status, got.header.Get("WWW-Authenticate"), got.body)
		}
	}
	if asked := issuer.count("token"); asked != 1 {
		t.Errorf("3 loads are %d exchanges", asked)
	}
}
