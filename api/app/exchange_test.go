package app_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/clocktest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redistest"
)

// Hop 3: what becomes of a request when the exchange goes one way or another.

func TestFiftyAtOnceExchangeOnce(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	api := startAPI(t, issuer, nil)
	token := issuer.token(nil)
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if got := api.get(t, "Bearer "+token); got.status != http.StatusOK {
				t.Errorf("status %d: %s", got.status, got.body)
			}
		})
	}
	group.Wait()
	if got := issuer.count("token"); got != 1 {
		t.Errorf("%d exchanges for one token, want 1", got)
	}
	another := issuer.token(map[string]any{"sid": "another sign-in"})
	for range 5 { // another assertion is another exchange
		api.get(t, "Bearer "+another).list(t)
	}
	if got := issuer.count("token"); got != 2 {
		t.Errorf("%d exchanges for two tokens, want 2", got)
	}
}

// TestAClosedConnectionIsNotAnOutage: Entra may close a kept connection just when it is used again. net/http repeats no POST.
func TestAClosedConnectionIsNotAnOutage(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	var asked atomic.Int32
	issuer.set(func(i *tenant) {
		i.tokenHandler = func(w http.ResponseWriter, r *http.Request) {
			if asked.Add(1) == 1 {
				panic(http.ErrAbortHandler)
			}
			i.sendToken(w, r)
		}
	})
	startAPI(t, issuer, nil).get(t, "Bearer "+issuer.token(nil)).list(t)
	if got := asked.Load(); got != 2 {
		t.Errorf("asked %d times, want 2", got)
	}
}

// TestEachUserGetsTheirOwn has Resource Manager answer with the oid that token B names.
func TestEachUserGetsTheirOwn(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	issuer.set(func(i *tenant) {
		i.azureHandler = func(w http.ResponseWriter, r *http.Request) {
			oid := payloadOf(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))["oid"]
			sendJSON(w, http.StatusOK, map[string]any{"value": []any{map[string]any{"displayName": oid}}})
		}
	})
	api := startAPI(t, issuer, nil)
	var group sync.WaitGroup
	for user := range 20 {
		oid := fmt.Sprintf("dddddddd-4444-4444-8444-%012d", user)
		token := issuer.token(map[string]any{"oid": oid})
		group.Go(func() {
			for range 20 {
				if list := api.get(t, "Bearer "+token).list(t); len(list.Value) != 1 || list.Value[0]["displayName"] != oid {
					t.Errorf("%s got %v", oid, list.Value)
				}
			}
		})
	}
	group.Wait()
	if got := issuer.count("token"); got != 20 {
		t.Errorf("%d exchanges for 20 users", got)
	}
}

// TestTheFirstCallerMayLeave has others wait for an exchange that the first caller began and doesn't wait for any more.
func TestTheFirstCallerMayLeave(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	asked, answer := make(chan struct{}), make(chan struct{})
	issuer.set(func(i *tenant) {
		i.tokenHandler = func(w http.ResponseWriter, r *http.Request) {
			close(asked)
			<-answer
			i.sendToken(w, r)
		}
	})
	api := startAPI(t, issuer, nil)
	token := issuer.token(nil)
	first, leave := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() {
		request, err := http.NewRequestWithContext(first, http.MethodGet, api.url+"/subscriptions", nil)
		if err == nil {
			request.Header.Set("Authorization", "Bearer "+token)
			_, err = http.DefaultTransport.RoundTrip(request)
		}
		left <- err
	}()
	<-asked
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Fatalf("the first caller got %v", err)
	}
	done := make(chan int, 1)
	go func() { done <- api.get(t, "Bearer "+token).status }()
	close(answer)
	if got := <-done; got != http.StatusOK {
		t.Errorf("the second caller got %d", got)
	}
	if got := issuer.count("token"); got != 1 {
		t.Errorf("%d exchanges, want 1", got)
	}
}

const mfaClaims = `{"access_token":{"capolids":{"essential":true,"values":["00000000-1111-4111-8111-000000000000"]}}}`

// refusal makes the token endpoint answer with an error.
func refusal(status, code int, oauthError, suberror, claims string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		body := map[string]any{"error": oauthError, "error_codes": []int{code}}
		if suberror != "" {
			body["suberror"] = suberror
		}
		if claims != "" {
			body["claims"] = claims
		}
		sendTokenError(w, status, body)
	}
}

func TestTheExchangeIsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		handler  http.HandlerFunc
		status   int
		code     string
		aadsts   int
		claims   string // in the challenge
		noClaims bool   // a challenge without claims
		retry    string // Retry-After
		requests int    // to the token endpoint
		golden   string
	}{
		{name: "65001 not consented", handler: refusal(400, 65001, "invalid_grant", "consent_required", ""),
			status: 401, code: "consent_required", aadsts: 65001, noClaims: true, requests: 1, golden: "consent_required"},
		{name: "50076 second factor", handler: refusal(400, 50076, "interaction_required", "basic_action", mfaClaims),
			status: 401, code: "mfa_required", aadsts: 50076, claims: mfaClaims, requests: 1, golden: "mfa_required"},
		{name: "50079 enrolment", handler: refusal(400, 50079, "interaction_required", "basic_action", mfaClaims),
			status: 401, code: "mfa_enrolment_required", aadsts: 50079, claims: mfaClaims, requests: 1},
		{name: "53003 blocked", handler: refusal(400, 53003, "interaction_required", "message_only", ""),
			status: 401, code: "blocked_by_policy", aadsts: 53003, noClaims: true, requests: 1},
		{name: "50173 revoked", handler: refusal(400, 50173, "invalid_grant", "bad_token", ""),
			status: 401, code: "session_revoked", aadsts: 50173, noClaims: true, requests: 1},
		{name: "50057 disabled", handler: refusal(400, 50057, "invalid_grant", "", ""),
			status: 401, code: "user_disabled", aadsts: 50057, noClaims: true, requests: 1},
		{name: "500133 assertion expired", handler: refusal(400, 500133, "invalid_grant", "", ""),
			status: 401, code: "assertion_expired", aadsts: 500133, noClaims: true, requests: 1},
		{name: "a number that nobody knows", handler: refusal(400, 9999999, "invalid_grant", "", ""),
			status: 401, code: "interaction_required", aadsts: 9999999, noClaims: true, requests: 1},
		{name: "50013 wrong assertion", handler: refusal(400, 50013, "invalid_grant", "", ""),
			status: 502, code: "wrong_assertion", aadsts: 50013, requests: 1},
		{name: "500131 for another audience", handler: refusal(400, 500131, "invalid_grant", "", ""),
			status: 502, code: "wrong_assertion", aadsts: 500131, requests: 1},
		{name: "7000215 wrong secret", handler: refusal(401, 7000215, "invalid_client", "", ""),
			status: 502, code: "wrong_client_secret", aadsts: 7000215, requests: 1, golden: "wrong_client_secret"},
		{name: "7000222 expired secret", handler: refusal(401, 7000222, "invalid_client", "", ""),
			status: 502, code: "expired_client_secret", aadsts: 7000222, requests: 1},
		{name: "700016 unknown application", handler: refusal(400, 700016, "unauthorized_client", "", ""),
			status: 502, code: "unknown_application", aadsts: 700016, requests: 1},
		{name: "500011 unknown resource", handler: refusal(400, 500011, "invalid_resource", "", ""),
			status: 502, code: "unknown_downstream", aadsts: 500011, requests: 1},
		{name: "a refusal that nobody knows", handler: refusal(400, 9999999, "invalid_request", "", ""),
			status: 502, code: "token_request_rejected", aadsts: 9999999, requests: 1},
		{name: "429 for half a minute", handler: throttle("30"), status: 503, code: "identity_provider_throttled", retry: "30", requests: 1, golden: "identity_provider_throttled"},
		{name: "429 without a time", handler: throttle(""), status: 503, code: "identity_provider_throttled", retry: "5", requests: 1},
		{name: "503 that stays", handler: answerWith(503, "text/plain", "down"), status: 503, code: "identity_provider_unavailable", retry: "5", requests: 2},
		{name: "500 with HTML", handler: answerWith(500, "text/html", "<html>secret words</html>"), status: 503, code: "identity_provider_unavailable", retry: "5", requests: 2},
		{name: "200 with HTML", handler: answerWith(200, "text/html", "<html>secret words eyJhbGciOi</html>"), status: 502, code: "identity_provider_malformed", requests: 1},
		{name: "200 without a token", handler: answerWith(200, "application/json", `{"secret words":1}`), status: 502, code: "identity_provider_malformed", requests: 1},
		{name: "cut short", handler: cutShort(`{"access_token":"eyJsecret`), status: 502, code: "identity_provider_malformed", requests: 1},
		{name: "a redirect", handler: redirect("/elsewhere"), status: 502, code: "identity_provider_malformed", requests: 1},
		{name: "app-only result", handler: result(aliceOID, map[string]any{"scp": nil, "roles": []string{"x"}, "idtyp": "app"}), status: 502, code: "token_not_the_users", requests: 1, golden: "token_not_the_users"},
		{name: "another user's result", handler: result(bobOID, nil), status: 502, code: "token_not_the_users", requests: 1},
		{name: "another tenant's result", handler: result(aliceOID, map[string]any{"tid": bobOID}), status: 502, code: "token_not_the_users", requests: 1},
		{name: "a result that is no JWT", handler: func(w http.ResponseWriter, r *http.Request) { sendTokenB(w, r, "opaque", nil) }, status: 502, code: "token_not_the_users", requests: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			issuer := newTenant(t)
			issuer.set(func(i *tenant) { i.tokenHandler = test.handler })
			api := startAPI(t, issuer, nil)
			got := api.get(t, "Bearer "+issuer.token(nil))
			problem := got.problem(t)
			if got.status != test.status || problem.Code != test.code || problem.AADSTS != test.aadsts {
				t.Fatalf("got %d %s", got.status, got.body)
			}
			if retry := got.header.Get("Retry-After"); retry != test.retry {
				t.Errorf("Retry-After is %q, want %q", retry, test.retry)
			}
			checkClaimsChallenge(t, issuer, got, test.claims, test.noClaims)
			if requests := issuer.count("token"); requests != test.requests {
				t.Errorf("%d requests to the token endpoint, want %d", requests, test.requests)
			}
			if issuer.count("subscriptions") != 0 {
				t.Error("Resource Manager was called")
			}
			for _, secret := range []string{"eyJ", "secret words", "the-clients-secret", "alice@"} {
				if strings.Contains(api.log.String()+got.body, secret) {
					t.Errorf("log or answer hold %q:\n%s\n%s", secret, api.log, got.body)
				}
			}
			if test.golden != "" {
				golden(t, test.golden, answer{header: scrubbed(got.header, issuer), body: got.body})
			}
		})
	}
}

// scrubbed makes a header comparable between runs.
func scrubbed(header http.Header, issuer *tenant) http.Header {
	header = header.Clone()
	for name, values := range header {
		header.Set(name, strings.ReplaceAll(values[0], issuer.server.URL, "https://login.example"))
	}
	return header
}

func checkClaimsChallenge(t *testing.T, issuer *tenant, got answer, claims string, noClaims bool) {
	t.Helper()
	want := ""
	if claims != "" || noClaims {
		want = `Bearer realm="", authorization_uri="http://localhost:8002/` + tenantID + `/oauth2/v2.0/authorize", error="insufficient_claims"`
	}
	if claims != "" {
		want += `, claims="` + base64.StdEncoding.EncodeToString([]byte(claims)) + `"`
	}
	if challenge := got.header.Get("WWW-Authenticate"); challenge != want {
		t.Errorf("WWW-Authenticate is\n%s\nwant\n%s", challenge, want)
	}
}

func throttle(retryAfter string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(http.StatusTooManyRequests)
	}
}

func answerWith(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// cutShort announces more than it sends.
func cutShort(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", fmt.Sprint(len(body)+100))
		_, _ = io.WriteString(w, body)
	}
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
}

func result(oid string, with map[string]any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { sendTokenB(w, r, tokenB(oid, with), nil) }
}

func TestEntraHangs(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	issuer.set(func(i *tenant) {
		i.tokenHandler = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	})
	api := startAPI(t, issuer, func(cfg *app.Config) { cfg.Limits.Exchange = 300 * time.Millisecond })
	started := time.Now()
	got := api.get(t, "Bearer "+issuer.token(nil))
	if got.status != http.StatusServiceUnavailable || got.problem(t).Code != "identity_provider_unavailable" {
		t.Errorf("got %d %s", got.status, got.body)
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestEntraRecoversWithinTheRequest(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"503":                     answerWith(503, "text/plain", "down"),
		"429 for a single second": throttle("1"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			issuer := newTenant(t)
			issuer.set(func(i *tenant) {
				i.tokenHandler = func(w http.ResponseWriter, r *http.Request) {
					i.set(func(i *tenant) { i.tokenHandler = nil })
					handler(w, r)
				}
			})
			api := startAPI(t, issuer, nil)
			api.get(t, "Bearer "+issuer.token(nil)).list(t)
			if got := issuer.count("token"); got != 2 {
				t.Errorf("%d requests, want 2", got)
			}
		})
	}
}

// TestNothingOutlivesItsToken: token B is asked for anew once it ends, and is gone when token A ends.
func TestNothingOutlivesItsToken(t *testing.T) {
	t.Parallel()
	issuer, moved := newTenant(t), clocktest.New(time.Now())
	api := startAPI(t, issuer, func(cfg *app.Config) { cfg.Now = moved.Now })
	long, short := longToken(issuer, nil), issuer.token(map[string]any{"exp": time.Now().Add(10 * time.Minute).Unix()})
	api.get(t, "Bearer "+long).list(t)
	api.get(t, "Bearer "+short).list(t)

	moved.Advance(11 * time.Minute)
	if got := api.get(t, "Bearer "+short); got.status != http.StatusUnauthorized {
		t.Errorf("an expired token A got %d", got.status)
	}
	moved.Advance(49 * time.Minute) // token B's hour is over
	before := issuer.count("token")
	api.get(t, "Bearer "+long).list(t)
	if more := issuer.count("token") - before; more != 1 {
		t.Errorf("%d exchanges after token B's end, want 1", more)
	}
}

func TestTheStoreIsAway(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	api := startConfigured(t, withRedis(t, issuer, "redis://"+redistest.FreeAddress(t)), nil) // where nobody listens
	got := api.get(t, "Bearer "+issuer.token(nil))
	if got.status != http.StatusServiceUnavailable || got.problem(t).Code != "store_unavailable" || got.header.Get("Retry-After") == "" {
		t.Errorf("got %d %s", got.status, got.body)
	}
	if issuer.count("token") != 0 {
		t.Error("Entra was asked for each request")
	}
	if ready, alive := status(t, api, "/readyz"), status(t, api, "/healthz"); ready != http.StatusServiceUnavailable || alive != http.StatusOK {
		t.Errorf("readyz is %d and healthz %d, want 503 and 200", ready, alive)
	}
}
