package app_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redistest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// startWithRedis starts the three programs; the API is a single one and keeps its own memory.
func startWithRedis(t *testing.T, redis *redistest.Server) *stack {
	t.Helper()
	return startStack(t, options{config: func(cfg *app.Config) { cfg.RedisURL = secret.New(redis.URL) }})
}

func TestSettingsForRedis(t *testing.T) {
	t.Parallel()
	good := startStack(t, options{}).settings
	for name, test := range map[string]struct{ setting, value string }{
		"not Redis":                {"REDIS_URL", "http://:hunter2@localhost:6379"},
		"a delay without its unit": {"DRAIN_DELAY", "3"},
	} {
		t.Run(name, func(t *testing.T) {
			settings := maps.Clone(good)
			settings[test.setting] = test.value
			_, err := readConfig(settings)
			if err == nil || !strings.Contains(err.Error(), "\n  "+test.setting+" ") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error is %v, want one about %s", err, test.setting)
			}
		})
	}
}

// status asks a route of the web UI that isn't for people.
func (s *stack) status(t *testing.T, path string) int {
	t.Helper()
	return s.visitor(t).get(path).status
}

// wantHealth fails the test where the web UI is not as ready as it should be, or not alive.
func (s *stack) wantHealth(t *testing.T, ready int) {
	t.Helper()
	if got := s.status(t, "/readyz"); got != ready {
		t.Errorf("readyz is %d, want %d", got, ready)
	}
	if got := s.status(t, "/healthz"); got != http.StatusOK {
		t.Errorf("healthz is %d, want 200", got)
	}
}

func TestRedisGoesAndComesBack(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	s := startWithRedis(t, redis)
	alice := s.browser(t)
	if got := alice.signIn("alice"); got.rows() != 3 {
		t.Fatalf("%d %s", got.status, got.code())
	}
	s.wantHealth(t, http.StatusOK)
	redis.Kill()
	for _, path := range []string{"/", "/account/login"} {
		got := alice.open(path)
		got.want(t, http.StatusServiceUnavailable, "store_unavailable")
		if got.header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", path)
		}
	}
	// The cookie stays, so that the user can try again: the record is still there.
	alice.signOut().want(t, http.StatusServiceUnavailable, "store_unavailable")
	s.wantHealth(t, http.StatusServiceUnavailable)
	if err := redis.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	trips := s.tenant.Count("authorize")
	eventually(t, "recovery", func() bool { return s.status(t, "/readyz") == http.StatusOK })
	if got := alice.open("/"); got.rows() != 3 || s.tenant.Count("authorize") != trips {
		t.Errorf("Redis is back: %d %s, %d trips to Entra", got.status, got.code(), s.tenant.Count("authorize")-trips)
	}
	if log := s.log.String(); !strings.Contains(log, "store_unavailable") {
		t.Error("the log doesn't say what was wrong")
	}
}

func TestRedisIsAwayAtTheStart(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	redis.Kill()
	s := startWithRedis(t, redis)
	s.wantHealth(t, http.StatusServiceUnavailable)
	if !strings.Contains(s.log.String(), "the session store can't be reached") {
		t.Error("the log doesn't say why")
	}
	if err := redis.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "recovery", func() bool { return s.status(t, "/readyz") == http.StatusOK })
	if got := s.browser(t).signIn("alice"); got.rows() != 3 {
		t.Errorf("%d %s", got.status, got.code())
	}
}

// TestEviction: a user whose record Redis has dropped is signed in again and notices nothing.
func TestEviction(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	s := startWithRedis(t, redis)
	alice := s.browser(t)
	alice.signIn("alice")
	redistest.Clear(t, redis.Client(t))
	if got := alice.open("/"); got.rows() != 3 || got.url != s.url+"/" {
		t.Errorf("%s: %d %s", got.url, got.status, got.code())
	}
	if len(alice.Pages) != 1 {
		t.Errorf("pages since the sign-in: %q", alice.Pages)
	}
}

// TestReplicasRenewOnce: an hour later twenty requests of one session reach two web UIs at once, and one of them renews.
func TestReplicasRenewOnce(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	s := startWithRedis(t, redis)
	alice := s.visitor(t)
	alice.signIn("alice")
	first := s.webUI.Handler()
	s.startWebUI(t, func(cfg *app.Config) { cfg.RedisURL = secret.New(redis.URL) })
	replicas := []http.Handler{first, s.webUI.Handler()}
	s.expireTokenA(t, redis, alice.cookies())

	before := s.tenant.Count("token:refresh_token")
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/", nil)
			for _, cookie := range alice.cookies() {
				request.AddCookie(cookie)
			}
			answer := httptest.NewRecorder()
			replicas[i%2].ServeHTTP(answer, request)
			if got := (page{status: answer.Code, body: answer.Body.String()}); got.rows() != 3 {
				t.Errorf("%d %s", got.status, got.code())
			}
		})
	}
	group.Wait()
	for range 10 { // and the renewed token is the one that serves
		alice.get("/")
	}
	if renewed := s.tenant.Count("token:refresh_token") - before; renewed != 1 {
		t.Errorf("%d renewals, want 1", renewed)
	}
}

// expireTokenA makes the access token in a session's record look as if its time were over, as another replica could.
func (s *stack) expireTokenA(t *testing.T, redis *redistest.Server, cookies []*http.Cookie) {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(s.settings["WEBUI_SESSION_KEY"])
	if err != nil {
		t.Fatal(err)
	}
	backend := store.NewRedis(redis.Client(t), store.RedisOptions{Space: "webui:session"})
	store, err := session.NewStore(backend, session.Options{Key: secret.New(string(key)), Cookies: session.Cookies{Port: portOf(s.url)}})
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	for _, cookie := range cookies {
		request.AddCookie(cookie)
	}
	found, err := store.Current(request)
	if err != nil {
		t.Fatal(err)
	}
	err = found.Update(t.Context(), func(record *session.Record) error {
		record.RenewAt = time.Time{}
		record.Cache = expired(t, record.Cache)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// expired moves the end of each access token in an MSAL cache into the past.
func expired(t *testing.T, cache []byte) []byte {
	t.Helper()
	var content map[string]map[string]map[string]any
	if err := json.Unmarshal(cache, &content); err != nil {
		t.Fatal(err)
	}
	tokens := content["AccessToken"]
	if len(tokens) == 0 {
		t.Fatal("the cache holds no access token")
	}
	for _, token := range tokens {
		token["expires_on"], token["extended_expires_on"] = "1700000000", "1700000000"
	}
	changed, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}
