package app_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
)

// problemOfAPI answers as the API does when it refuses something.
func problemOfAPI(status int, code string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"type":"x","title":"<script>","status":%d,"detail":"words of the API","code":%q,"aadsts":50076}`, status, code)
	}
}

func answerOfAPI(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// claimsOf makes the challenge of the API that asks for claims.
func claimsOf(encoded string) string {
	return `Bearer realm="", authorization_uri="https://login.example/authorize", error="insufficient_claims", claims="` + encoded + `"`
}

const wantedClaims = `{"access_token":{"capolids":{"essential":true,"values":["11111111-0000-4000-8000-000000000001"]}}}`

// TestFaultsOfTheAPI: whatever the API answers, the user gets a page that says so, in time, and isn't sent in circles.
func TestFaultsOfTheAPI(t *testing.T) {
	t.Parallel()
	list := `{"value":[],"count":0}`
	tests := []struct {
		name       string
		api        http.Handler
		status     int
		code       string
		trips      int // to sign in again
		retryAfter string
		says       string
	}{
		{name: "no answer in time", api: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), status: 503, code: "api_unavailable", retryAfter: "5"},
		{name: "half an answer, and then nothing", api: halfAnAnswer(list), status: 503, code: "api_unavailable"},
		{name: "a cut connection", api: cutConnection(list), status: 502, code: "api_malformed"},
		{name: "HTML", api: answerOfAPI(200, "text/html", "<p>Welcome to nginx</p>"), status: 502, code: "api_malformed"},
		{name: "HTML that says it is JSON", api: answerOfAPI(200, "application/json", "<p>Welcome to nginx</p>"), status: 502, code: "api_malformed"},
		{name: "JSON of another shape", api: answerOfAPI(200, "application/json", `{"value":"x"}`), status: 502, code: "api_malformed"},
		{name: "JSON without the list", api: answerOfAPI(200, "application/json", `{}`), status: 502, code: "api_malformed"},
		{name: "subscriptions that are none", api: answerOfAPI(200, "application/json", `{"value":[1,2],"count":2}`), status: 502, code: "api_malformed"},
		{name: "too much", api: answerOfAPI(200, "application/json", `{"value":["`+strings.Repeat("x", 1<<20)+`"]}`), status: 502, code: "api_malformed"},
		{name: "a redirect", api: http.RedirectHandler("/subscriptions", http.StatusFound), status: 502, code: "api_malformed"},
		{name: "204", api: answerOfAPI(204, "application/json", ""), status: 502, code: "api_malformed"},
		{name: "500 of somebody else", api: answerOfAPI(500, "text/html", "<script>oops</script>"), status: 502, code: "api_malformed"},
		{name: "503 of a proxy", api: answerOfAPI(503, "text/html", "<script>oops</script>"), status: 503, code: "api_unavailable", retryAfter: "5"},
		{name: "503, come back", api: problemOfAPI(503, "keys_unavailable", "Retry-After", "7"), status: 503, code: "keys_unavailable", retryAfter: "7"},
		{name: "429", api: problemOfAPI(429, "resource_manager_throttled", "Retry-After", "30"), status: 429, code: "resource_manager_throttled", retryAfter: "30", says: "Wait 30 seconds first."},
		{name: "403 of Azure", api: problemOfAPI(403, "resource_manager_forbidden"), status: 403, code: "resource_manager_forbidden"},
		{name: "404 of Azure", api: problemOfAPI(404, "resource_manager_not_found"), status: 404, code: "resource_manager_not_found"},
		{name: "502 of Azure", api: problemOfAPI(502, "resource_manager_malformed"), status: 502, code: "resource_manager_malformed"},
		{name: "504 of Azure", api: problemOfAPI(504, "resource_manager_timeout"), status: 504, code: "resource_manager_timeout"},
		{name: "a token for another API", api: problemOfAPI(401, "wrong_audience", "WWW-Authenticate", `Bearer error="invalid_token"`), status: 502, code: "api_refused", says: "wrong_audience"},
		{name: "the caller isn't on the list", api: problemOfAPI(403, "client_not_allowed"), status: 502, code: "api_refused", says: "client_not_allowed"},
		{name: "a token that isn't valid any more", api: problemOfAPI(401, "invalid_token", "WWW-Authenticate", `Bearer error="invalid_token"`), status: 502, code: "api_refused", trips: 1, says: "invalid_token"},
		{name: "401 without a reason", api: answerOfAPI(401, "text/plain", "no"), status: 502, code: "api_malformed"},
		{name: "a code that nobody knows", api: problemOfAPI(418, "teapot"), status: 502, code: "api_malformed"},
		{
			name:   "claims, again and again",
			api:    problemOfAPI(401, "mfa_required", "WWW-Authenticate", claimsOf(base64.StdEncoding.EncodeToString([]byte(wantedClaims)))),
			status: 403, code: "still_refused", trips: 1, says: "AADSTS50076",
		},
		{name: "claims that are none", api: problemOfAPI(401, "mfa_required", "WWW-Authenticate", claimsOf("bm90IGNsYWltcw==")), status: 403, code: "still_refused", trips: 1},
		{name: "consent, again and again", api: problemOfAPI(401, "consent_required", "WWW-Authenticate", `Bearer error="insufficient_claims"`), status: 403, code: "still_refused", trips: 1},
	}
	s := startStack(t, options{config: func(cfg *app.Config) {
		cfg.Limits.API, cfg.Limits.APIBody = 2*time.Second, 256<<10
	}})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s.apiHandler.set(test.api)
			before := s.tenant.Count("token:authorization_code")
			got := s.browser(t).signIn("alice")
			got.want(t, test.status, test.code)
			if got.header.Get("Retry-After") != test.retryAfter && test.retryAfter != "" {
				t.Errorf("Retry-After is %q, want %q", got.header.Get("Retry-After"), test.retryAfter)
			}
			if trips := s.tenant.Count("token:authorization_code") - before - 1; trips != test.trips {
				t.Errorf("%d trips to sign in again, want %d", trips, test.trips)
			}
			if !strings.Contains(got.body, test.says) || !strings.Contains(got.body, "Sign out") {
				t.Errorf("the page says nothing of %q, or offers no way to sign out", test.says)
			}
			if log := s.log.String() + got.body; strings.Contains(log, "words of the API") || strings.Contains(log, "<script") || strings.Contains(log, "nginx") {
				t.Error("the log or the page repeats what was sent")
			}
		})
	}
}

func halfAnAnswer(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(body[:len(body)/2]))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
}

func cutConnection(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		_, _ = w.Write([]byte(body[:len(body)/2]))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// TestTheClaimsTravel: what the API wants reaches Entra, with the user's name and the page to come back to.
func TestTheClaimsTravel(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) == 1 {
			problemOfAPI(401, "mfa_required", "WWW-Authenticate", claimsOf(base64.StdEncoding.EncodeToString([]byte(wantedClaims))))(w, r)
			return
		}
		answerOfAPI(200, "application/json; charset=utf-8", `{"value":[],"count":0}`)(w, r)
	})
	s := startStack(t, options{api: api})
	v := s.visitor(t)
	v.signIn("alice")
	asked := v.begin("/?page=2")
	if !strings.Contains(asked.Get("claims"), `"capolids":{"essential":true,"values":["11111111-0000-4000-8000-000000000001"]}`) || !strings.Contains(asked.Get("claims"), `"xms_cc"`) {
		t.Errorf("claims: %s", asked.Get("claims"))
	}
	if asked.Get("login_hint") != "alice@devtenant.example" || asked.Get("prompt") != "" {
		t.Errorf("login_hint %q, prompt %q", asked.Get("login_hint"), asked.Get("prompt"))
	}
	got := v.get("/account/callback?" + v.codeFor("alice", asked).Encode())
	if got.header.Get("Location") != "/?page=2" {
		t.Errorf("goes on to %q", got.header.Get("Location"))
	}
	if got := v.get("/?page=2"); got.rows() != 0 {
		t.Errorf("%d %s", got.status, got.code())
	}
	calls.Store(0) // a challenge of another day is answered anew
	v.begin("/")
}

// TestFaultsOfTheTokenEndpoint: a code that can't be redeemed, for each reason that the endpoint may have.
func TestFaultsOfTheTokenEndpoint(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{config: func(cfg *app.Config) { cfg.Limits.Token = 3 * time.Second }})
	jsonHeader := http.Header{"Content-Type": {"application/json"}}
	for _, test := range []struct {
		name       string
		fault      devtenant.Fault
		status     int
		code       string
		retryAfter string
	}{
		{"503", devtenant.Fault{Status: 503}, 503, "identity_provider_unavailable", "5"},
		{"500 and HTML", devtenant.Fault{Status: 500, Body: []byte("<html>")}, 503, "identity_provider_unavailable", "5"},
		{"429", devtenant.Fault{Status: 429, Header: http.Header{"Retry-After": {"12"}}}, 503, "identity_provider_throttled", "12"},
		{"no answer", devtenant.Fault{Delay: time.Minute}, 503, "identity_provider_unavailable", "5"},
		{"HTML", devtenant.Fault{Status: 200, Body: []byte("<html>secret-words")}, 502, "identity_provider_malformed", ""},
		{"half an answer", devtenant.Fault{Status: 200, Header: jsonHeader, Body: []byte(`{"access_token":"secret-words"}`), Truncate: true}, 502, "identity_provider_malformed", ""},
		{"no tokens", devtenant.Fault{Status: 200, Header: jsonHeader, Body: []byte(`{}`)}, 502, "identity_provider_malformed", ""},
		{"without end", devtenant.Fault{Status: 200, Header: jsonHeader, Body: []byte(`{"access_token":"` + strings.Repeat("x", 1<<20) + `"}`)}, 502, "identity_provider_malformed", ""},
		{"wrong secret", devtenant.Fault{AADSTS: 7000215}, 502, "wrong_client_secret", ""},
		{"expired secret", devtenant.Fault{AADSTS: 7000222}, 502, "expired_client_secret", ""},
		{"unknown application", devtenant.Fault{AADSTS: 700016}, 502, "unknown_application", ""},
		{"unknown resource", devtenant.Fault{AADSTS: 500011}, 502, "unknown_resource", ""},
		{"code expired", devtenant.Fault{AADSTS: 70008}, 400, "sign_in_expired", ""},
		{"user disabled", devtenant.Fault{AADSTS: 50057}, 401, "user_disabled", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := s.visitor(t)
			test.fault.Name, test.fault.Endpoint, test.fault.Times = "fault", "token:authorization_code", 1
			s.tenant.Faults().Set(test.fault)
			got := v.get("/account/callback?" + v.codeFor("alice", v.begin("/account/login")).Encode())
			got.want(t, test.status, test.code)
			if got.header.Get("Retry-After") != test.retryAfter {
				t.Errorf("Retry-After is %q, want %q", got.header.Get("Retry-After"), test.retryAfter)
			}
			if v.signedIn() {
				t.Error("there is a session")
			}
		})
	}
	if strings.Contains(s.log.String(), "secret-words") {
		t.Error("the log repeats what was sent")
	}
}

// TestNoTokenLeft: the session's tokens have come to their end. The user signs in again, once, and is back.
func TestNoTokenLeft(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	for _, aadsts := range []int{50173, 700082, 70008, 50076} {
		t.Run(fmt.Sprintf("AADSTS%d", aadsts), func(t *testing.T) {
			s.tenant.Faults().Clear("")
			before := s.tenant.Count("token:authorization_code")
			alice := s.browser(t)
			shortLived(s)
			s.tenant.Faults().Set(devtenant.Fault{Name: "end", Endpoint: "token:refresh_token", AADSTS: aadsts})
			if got := alice.signIn("alice"); got.rows() != 3 {
				t.Errorf("%d %s", got.status, got.code())
			}
			if got := s.tenant.Count("token:authorization_code") - before; got != 2 {
				t.Errorf("%d sign-ins, want 2", got)
			}
		})
	}
	for aadsts, code := range map[int]string{50057: "user_disabled", 50034: "user_not_found"} {
		t.Run(fmt.Sprintf("AADSTS%d is no reason to sign in again", aadsts), func(t *testing.T) {
			s.tenant.Faults().Clear("")
			before := s.tenant.Count("token:authorization_code")
			shortLived(s)
			s.tenant.Faults().Set(devtenant.Fault{Name: "end", Endpoint: "token:refresh_token", AADSTS: aadsts})
			s.browser(t).signIn("alice").want(t, http.StatusUnauthorized, code)
			if got := s.tenant.Count("token:authorization_code") - before; got != 1 {
				t.Errorf("%d sign-ins, want 1", got)
			}
		})
	}
	t.Run("and again", func(t *testing.T) {
		s.tenant.Faults().Clear("")
		before := s.tenant.Count("token:authorization_code")
		s.tenant.Faults().Set(devtenant.Fault{Name: "short", Endpoint: "token:authorization_code", Lifetime: 4 * time.Minute})
		s.tenant.Faults().Set(devtenant.Fault{Name: "end", Endpoint: "token:refresh_token", AADSTS: 50173})
		got := s.browser(t).signIn("alice")
		got.want(t, http.StatusUnauthorized, "no_token_left")
		if got := s.tenant.Count("token:authorization_code") - before; got != 2 {
			t.Errorf("%d sign-ins, want 2", got)
		}
	})
	t.Run("a provider that is down is no reason to sign in again", func(t *testing.T) {
		s.tenant.Faults().Clear("")
		v := s.visitor(t)
		shortLived(s)
		v.signIn("alice")
		s.tenant.Faults().Set(devtenant.Fault{Name: "down", Endpoint: "token:refresh_token", Status: 503})
		v.get("/").want(t, http.StatusServiceUnavailable, "identity_provider_unavailable")
		s.tenant.Faults().Clear("")
		if got := v.get("/"); got.rows() != 3 {
			t.Errorf("the session is lost: %d %s", got.status, got.code())
		}
	})
}

// TestRevokedSessions is the whole chain of a revocation: what Entra no longer renews leads to its sign-in page.
func TestRevokedSessions(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	alice := s.browser(t)
	alice.signIn("alice")
	if err := s.tenant.RevokeSessions("alice"); err != nil {
		t.Fatal(err)
	}
	if got := alice.as("alice"); got.rows() != 3 {
		t.Errorf("%d %s", got.status, got.code())
	}
}

// TestDisabledUser: erin can sign in, and is disabled by the time that the API acts for her.
func TestDisabledUser(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	erin := s.browser(t)
	got := erin.signIn("erin")
	got.want(t, http.StatusUnauthorized, "user_disabled")
	if !strings.Contains(got.body, "Sign in with another account") {
		t.Error("the page doesn't offer another account")
	}
	if trips := s.tenant.Count("authorize"); trips > 2 {
		t.Errorf("%d trips to Entra", trips)
	}
}

// TestWithdrawnConsent: the API's permission for Azure is gone; the user is asked for it, and is back.
func TestWithdrawnConsent(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	alice := s.browser(t)
	alice.signIn("alice")
	user, _ := s.tenant.Directory().User("alice")
	s.tenant.Directory().WithdrawConsent(user.ID)
	s.restartAPI(t) // its cache would go on serving
	got := alice.as("alice")
	if got.rows() != 3 || !strings.Contains(strings.Join(alice.Pages, " "), "consent") {
		t.Errorf("%d %s, pages %q", got.status, got.code(), alice.Pages)
	}
}

// TestWithdrawnKey: a token that was signed with a key that is no more is replaced by a trip to Entra.
func TestWithdrawnKey(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{config: func(cfg *app.Config) { cfg.Limits.KeyInterval = time.Millisecond }})
	alice := s.browser(t)
	alice.signIn("alice")
	if err := s.tenant.RotateKeys(); err != nil {
		t.Fatal(err)
	}
	if got := alice.open("/"); got.rows() != 3 {
		t.Fatalf("after the rotation: %d %s", got.status, got.code())
	}
	if err := s.tenant.WithdrawKeys(); err != nil {
		t.Fatal(err)
	}
	s.restartAPI(t)
	if got := alice.open("/"); got.rows() != 3 {
		t.Errorf("%d %s", got.status, got.code())
	}
}

// TestClockTenMinutesOff: a visible cause.
func TestClockTenMinutesOff(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{config: func(cfg *app.Config) {
		cfg.Now = func() time.Time { return time.Now().Add(-10 * time.Minute) }
	}})
	got := s.browser(t).signIn("alice")
	got.want(t, http.StatusBadRequest, "id_token_rejected")
	if !strings.Contains(got.body, "<code>nbf</code>") || !strings.Contains(got.body, "clock") {
		t.Error("the page says nothing of a clock")
	}
}

// TestProviderAwayAtStart: the web UI starts, says that it isn't ready, and is as soon as it can be.
func TestProviderAwayAtStart(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	s.tenant.Faults().Set(devtenant.Fault{Name: "away", Endpoint: "discovery", Status: 503})
	s.startWebUI(t, nil)
	v := s.visitor(t)
	if got := v.get("/"); !got.isSignedOut() {
		t.Errorf("the start page: %d", got.status)
	}
	v.get("/account/login").want(t, http.StatusServiceUnavailable, "identity_provider_unavailable")
	v.get("/account/callback?state=x&code=y").want(t, http.StatusBadRequest, "sign_in_expired")
	if ready, alive := v.get("/readyz"), v.get("/healthz"); ready.status != http.StatusServiceUnavailable || alive.status != http.StatusOK {
		t.Errorf("readyz %d, healthz %d", ready.status, alive.status)
	}
	s.tenant.Faults().Clear("")
	eventually(t, "the start", func() bool { return v.get("/readyz").status == http.StatusOK })
	v.signIn("alice")
}

// TestStoreAway: without the session store nobody gets in, nobody is signed out, and the process lives.
func TestStoreAway(t *testing.T) {
	t.Parallel()
	backend := &breakable{Store: memory()}
	attempts := &breakable{Store: memory()}
	s := startStack(t, options{config: func(cfg *app.Config) { cfg.Sessions, cfg.Attempts = backend, attempts }})
	v := s.visitor(t)
	v.signIn("alice")
	answer := v.codeFor("alice", v.begin("/account/login"))
	backend.broken.Store(true)
	attempts.broken.Store(true)
	for name, got := range map[string]page{
		"the list": v.get("/"), "sign-in": v.get("/account/login"), "callback": v.get("/account/callback?" + answer.Encode()),
		"sign-out": v.send(http.MethodPost, "/account/logout"),
		"front":    v.get("/account/frontchannel-logout?sid=x&iss=" + url.QueryEscape(s.settings["AUTHORITY"]+"/v2.0")),
	} {
		if got.status != http.StatusServiceUnavailable || got.code() != "store_unavailable" || got.header.Get("Retry-After") == "" {
			t.Errorf("%s: %d %s", name, got.status, got.code())
		}
	}
	if ready, alive := v.get("/readyz"), v.get("/healthz"); ready.status != http.StatusServiceUnavailable || alive.status != http.StatusOK {
		t.Errorf("readyz %d, healthz %d", ready.status, alive.status)
	}
	if got := s.visitor(t).get("/"); !got.isSignedOut() {
		t.Errorf("a visitor: %d", got.status)
	}
	backend.broken.Store(false)
	attempts.broken.Store(false)
	if got := v.get("/"); got.rows() != 3 {
		t.Errorf("afterwards: %d %s", got.status, got.code())
	}
}

// breakable is a backend that can be away.
type breakable struct {
	store.Store
	broken atomic.Bool
	asked  atomic.Int64
}

var errAway = errors.New("the backend is away")

func (b *breakable) err() error {
	b.asked.Add(1)
	if b.broken.Load() {
		return errAway
	}
	return nil
}

func (b *breakable) Put(ctx context.Context, key string, value []byte, lifetime time.Duration, indexes ...string) error {
	if err := b.err(); err != nil {
		return err
	}
	return b.Store.Put(ctx, key, value, lifetime, indexes...)
}

func (b *breakable) Get(ctx context.Context, key string, extend time.Duration) ([]byte, error) {
	if err := b.err(); err != nil {
		return nil, err
	}
	return b.Store.Get(ctx, key, extend)
}

func (b *breakable) Mark(ctx context.Context, key string, lifetime time.Duration) (bool, error) {
	if err := b.err(); err != nil {
		return false, err
	}
	return b.Store.Mark(ctx, key, lifetime)
}

func (b *breakable) Delete(ctx context.Context, keys ...string) (int, error) {
	if err := b.err(); err != nil {
		return 0, err
	}
	return b.Store.Delete(ctx, keys...)
}

func (b *breakable) Indexed(ctx context.Context, index string) ([]string, error) {
	if err := b.err(); err != nil {
		return nil, err
	}
	return b.Store.Indexed(ctx, index)
}

func (b *breakable) Ping(ctx context.Context) error { return b.err() }
