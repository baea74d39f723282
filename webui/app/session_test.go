package app_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
)

// TestCase18SigningOutFromElsewhere: by GET or from another site nobody is signed out.
func TestCase18SigningOutFromElsewhere(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	v := s.visitor(t)
	v.signIn("alice")
	for _, test := range []struct {
		name, method string
		header       []string
		status       int
	}{
		{"case 18: GET", http.MethodGet, nil, http.StatusMethodNotAllowed},
		{"case 18: HEAD", http.MethodHead, nil, http.StatusMethodNotAllowed},
		{"case 18: another site", http.MethodPost, []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, http.StatusForbidden},
		{"case 18: a neighbouring site", http.MethodPost, []string{"Sec-Fetch-Site", "same-site"}, http.StatusForbidden},
		{"case 18: another site, an old browser", http.MethodPost, []string{"Origin", "https://evil.example"}, http.StatusForbidden},
		{"case 18: a page without an origin", http.MethodPost, []string{"Origin", "null"}, http.StatusForbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := v.send(test.method, "/account/logout", test.header...); got.status != test.status {
				t.Errorf("status %d, want %d", got.status, test.status)
			}
			if got := v.get("/"); got.rows() != 3 {
				t.Errorf("signed out: %d", got.status)
			}
		})
	}
}

// TestCase27ForeignPostLogoutRedirect: where to go on to after signing out is a setting.
func TestCase27ForeignPostLogoutRedirect(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	v := s.visitor(t)
	v.signIn("alice")
	got := v.send(http.MethodPost, "/account/logout?post_logout_redirect_uri=https://evil.example/", "Sec-Fetch-Site", "same-origin", "Host", "evil.example")
	target, err := url.Parse(got.header.Get("Location"))
	if err != nil || target.Query().Get("post_logout_redirect_uri") != s.url+"/" || strings.Contains(target.String(), "evil") {
		t.Errorf("goes to %s", target)
	}
}

// TestCase28SessionFixation: signing in gives the browser a new id, and the old one, whoever knows it, is worth nothing.
func TestCase28SessionFixation(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	v := s.visitor(t)
	v.signIn("bob")
	planted := v.sessionCookie()
	v.signIn("alice")
	if v.sessionCookie().Value == planted.Value {
		t.Error("the session has kept its id")
	}
	attacker := s.visitor(t)
	attacker.setCookies(planted)
	if got := attacker.get("/"); got.rows() >= 0 {
		t.Error("the old id opens a session")
	}
}

// TestCase29CookiesThatAreNotOurs: a fresh visit, never an error, and no trip to Entra.
func TestCase29CookiesThatAreNotOurs(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	v := s.visitor(t)
	v.signIn("alice")
	good := v.sessionCookie().Value
	other := startStack(t, options{}) // another WEBUI_SESSION_KEY
	stranger := other.visitor(t)
	stranger.signIn("alice")
	for name, cookie := range sessionCookies(s.sessionCookie(), good, stranger.sessionCookie().Value) {
		t.Run(name, func(t *testing.T) {
			if got := s.visitor(t).get("/", "Cookie", cookie); !got.isSignedOut() {
				t.Errorf("%d %s", got.status, got.code())
			}
		})
	}
}

// sessionCookies are Cookie headers that open nothing, made of one that does and of one that another key has signed.
func sessionCookies(name, good, otherKey string) map[string]string {
	flipped := []byte(good)
	flipped[len(flipped)/2] ^= 1
	return map[string]string{
		"case 29: tampered with":            name + "=" + string(flipped),
		"case 29: cut short":                name + "=" + good[:len(good)-4],
		"case 29: longer":                   name + "=" + good + "AAAA",
		"case 29: empty":                    name + "=",
		"case 29: of another name":          "session=" + good,
		"case 29: of another port":          "webui-session-1=" + good,
		"case 29: with the prefix of https": "__Host-" + name + "=" + good,
		"case 29: signed with another key":  name + "=" + otherKey,
		"case 29: not base64":               name + "=%00%ff",
		"case 29: without end":              name + "=" + strings.Repeat("A", 4000),
	}
}

// TestCase30CookieReplayedAfterSignOut: a copy of the cookie opens nothing, in any browser.
func TestCase30CookieReplayedAfterSignOut(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	v := s.visitor(t)
	v.signIn("alice")
	copied := v.sessionCookie()
	if got := v.send(http.MethodPost, "/account/logout"); got.status != http.StatusSeeOther || v.signedIn() {
		t.Fatalf("%d, signed in %t", got.status, v.signedIn())
	}
	thief := s.visitor(t)
	thief.setCookies(copied)
	got := thief.get("/")
	if got.rows() >= 0 || got.status != http.StatusSeeOther {
		t.Fatalf("%d, %d rows", got.status, got.rows())
	}
	target, err := url.Parse(got.header.Get("Location"))
	if err != nil || target.Query().Get("prompt") != "none" {
		t.Errorf("goes to %s", target)
	}
	if got := thief.get("/"); !got.isSignedOut() {
		t.Errorf("the second time: %d", got.status)
	}
}

// TestCase31SaveInFlightAtSignOut: a renewal that was under way when the user signed out brings nothing back.
func TestCase31SaveInFlightAtSignOut(t *testing.T) {
	t.Parallel()
	backend := memory()
	held := &heldBackend{Store: backend, reached: make(chan struct{}), release: make(chan struct{})}
	s := startStack(t, options{config: func(cfg *app.Config) { cfg.Sessions = held }})
	v := s.visitor(t)
	shortLived(s)
	v.signIn("alice")
	shown := make(chan page, 1)
	late := s.visitor(t)
	late.setCookies(v.cookies()...)
	go func() { shown <- late.get("/") }()
	<-held.reached // the new token is there, and about to be saved
	if got := v.send(http.MethodPost, "/account/logout"); got.status != http.StatusSeeOther {
		t.Fatal(got.status)
	}
	close(held.release)
	if got := <-shown; got.rows() >= 0 {
		t.Error("the late request shows the list")
	}
	if entries, _ := backend.Usage(); entries != 0 {
		t.Errorf("%d records are left", entries)
	}
}

// TestCase32Expiry: idle and absolute lifetime end on the server, and are no reason for a silent sign-in.
func TestCase32Expiry(t *testing.T) {
	t.Parallel()
	clock := &clock{}
	s := startStack(t, options{
		api:    answerOfAPI(http.StatusOK, "application/json", `{"value":[],"count":0}`),
		config: func(cfg *app.Config) { cfg.Now = clock.now },
		tenant: func(o *devtenant.Options) { o.AccessTokenLifetime, o.Clock = 24*time.Hour, clock.now },
	})
	for _, test := range []struct {
		name  string
		steps []time.Duration // between visits
		last  bool            // whether the last visit still shows the list
	}{
		{"idle: short of it", []time.Duration{119 * time.Minute}, true},
		{"idle: past it", []time.Duration{121 * time.Minute}, false},
		{"idle: begins anew with each visit", []time.Duration{100 * time.Minute, 100 * time.Minute}, true},
		{"absolute: short of it", every(100*time.Minute, 7), true},
		{"absolute: past it", every(100*time.Minute, 8), false},
	} {
		t.Run("case 32: "+test.name, func(t *testing.T) {
			v := s.visitor(t)
			v.signIn("alice")
			var got page
			for _, step := range test.steps {
				clock.move(step)
				got = v.get("/")
			}
			if shown := got.rows() == 0; shown != test.last || !shown && !got.isSignedOut() {
				t.Errorf("%d %s, %d rows", got.status, got.code(), got.rows())
			}
		})
	}
}

func every(step time.Duration, times int) []time.Duration {
	steps := make([]time.Duration, times)
	for i := range steps {
		steps[i] = step
	}
	return steps
}

// clock is a clock that can be moved. It begins with the time.
type clock struct{ moved atomic.Int64 }

func (c *clock) now() time.Time       { return time.Now().Add(time.Duration(c.moved.Load())) }
func (c *clock) move(d time.Duration) { c.moved.Add(int64(d)) }

// TestCase35CookieFlags: on http, and on https, where the browser guards the name as well.
func TestCase35CookieFlags(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		scheme, prefix string
		secure         bool
	}{{"http", "", false}, {"https", "__Host-", true}} {
		t.Run("case 35: "+test.scheme, func(t *testing.T) {
			t.Parallel()
			s := startStack(t, options{config: func(cfg *app.Config) { cfg.RedirectURI.Scheme = test.scheme }})
			s.register(t, test.scheme)
			v := s.visitor(t)
			// The tests' browser sends no Secure cookie over http, so they are carried along by hand.
			begun := v.get("/account/login")
			target, err := url.Parse(begun.header.Get("Location"))
			if err != nil {
				t.Fatal(err)
			}
			ended := v.get("/account/callback?"+v.codeFor("alice", target.Query()).Encode(), "Cookie", cookieHeader(begun))
			if ended.status != http.StatusSeeOther {
				t.Fatalf("%d %s", ended.status, ended.code())
			}
			for _, got := range []page{begun, ended} {
				cookies := (&http.Response{Header: got.header}).Cookies()
				if len(cookies) == 0 {
					t.Error("there is no cookie")
				}
				for _, cookie := range cookies {
					if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" ||
						cookie.Secure != test.secure || !strings.HasPrefix(cookie.Name, test.prefix+"webui-") {
						t.Errorf("%s", cookie)
					}
				}
			}
		})
	}
}

// register adds the callback's address to the web UI's registration.
func (s *stack) register(t *testing.T, scheme string) {
	t.Helper()
	s.tenant.SetSampleURLs(strings.Replace(s.url, "http", scheme, 1), "")
}

// cookieHeader is what a browser sends back after an answer.
func cookieHeader(got page) string {
	var pairs []string
	for _, cookie := range (&http.Response{Header: got.header}).Cookies() {
		if cookie.MaxAge >= 0 {
			pairs = append(pairs, cookie.Name+"="+cookie.Value)
		}
	}
	return strings.Join(pairs, "; ")
}

// TestCase36FormPost: refused clearly. With SameSite=Lax the browser wouldn't send the sign-in's cookie along.
func TestCase36FormPost(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	v := s.visitor(t)
	asked := v.begin("/account/login")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/account/callback", strings.NewReader(v.codeFor("alice", asked).Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	v.do(request).want(t, http.StatusMethodNotAllowed, "method_not_allowed")
}

// TestCase37OversizeCookie: the session is on the server, so that its cookie is small; one that isn't is not looked at.
func TestCase37OversizeCookie(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	v := s.visitor(t)
	v.signIn("grace")
	if length := len(v.sessionCookie().Value); length > 500 {
		t.Errorf("the cookie has %d bytes", length)
	}
	if got := s.visitor(t).get("/", "Cookie", s.sessionCookie()+"="+strings.Repeat("A", 20<<10)); !got.isSignedOut() {
		t.Errorf("%d %s", got.status, got.code())
	}
}

// TestCase38TheSameCookieTwice: browsers send both where a path or a neighbouring host planted one.
func TestCase38TheSameCookieTwice(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	v := s.visitor(t)
	v.signIn("alice")
	good := v.sessionCookie().String()
	other := startStack(t, options{}) // another WEBUI_SESSION_KEY
	stranger := other.visitor(t)
	stranger.signIn("alice")
	for name, cookies := range map[string]string{
		"case 38: the same value twice":     good + "; " + good,
		"case 38: twice, and different":     s.sessionCookie() + "=" + stranger.sessionCookie().Value + "; " + good,
		"case 38: twice, one of them empty": s.sessionCookie() + "=; " + good,
	} {
		if got := s.visitor(t).get("/", "Cookie", cookies); got.rows() != 3 {
			t.Errorf("%s: %d", name, got.status)
		}
	}
}

// TestCase39ForgedHost: addresses of this site are what the settings say.
func TestCase39ForgedHost(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	v := s.visitor(t)
	header := []string{"Host", "evil.example", "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "https", "X-Forwarded-For", "1.2.3.4", "Forwarded", "host=evil.example"}
	got := v.get("/account/login?return_to=/", header...)
	target, err := url.Parse(got.header.Get("Location"))
	if err != nil || target.Query().Get("redirect_uri") != s.settings["WEBUI_REDIRECT_URI"] || strings.Contains(target.String(), "evil") {
		t.Errorf("goes to %s", target)
	}
	v.signIn("alice")
	if got := v.get("/", header...); strings.Contains(got.body, "evil") || strings.Contains(fmt.Sprint(got.header), "evil") {
		t.Error("the page repeats the forged host")
	}
	// A request in absolute form, as a proxy would send it.
	recorder := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodGet, "http://evil.example/account/login", nil)
	request.RequestURI = "http://evil.example/account/login"
	s.webUI.Handler().ServeHTTP(recorder, request)
	if location := recorder.Header().Get("Location"); strings.Contains(location, "evil") || recorder.Code != http.StatusSeeOther {
		t.Errorf("%d to %s", recorder.Code, location)
	}
	if strings.Contains(s.log.String(), "1.2.3.4") {
		t.Error("case 40: the log believes X-Forwarded-For")
	}
}

// TestCase43OneAfterTheOther: in one browser, nothing of the first is left for the second.
func TestCase43OneAfterTheOther(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	b := s.browser(t)
	b.signIn("alice")
	b.signOut()
	got := b.signIn("bob")
	if strings.Contains(got.body, "Alice") || strings.Contains(got.body, "Contoso production") || !strings.Contains(got.body, "Bob Baker") {
		t.Error("bob's page is not his own")
	}
}

// TestCase47AnonymousFlood: visitors cost no memory, and sign-ins that nobody ends a bounded one.
func TestCase47AnonymousFlood(t *testing.T) {
	t.Parallel()
	sessions, attempts := memory(), store.NewMemory(store.MemoryOptions{MaxBytes: 64 << 10})
	s := startStack(t, options{config: func(cfg *app.Config) { cfg.Sessions, cfg.Attempts = sessions, attempts }})
	alice := s.visitor(t)
	alice.signIn("alice")
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			handler := s.webUI.Handler()
			for range 500 {
				for _, path := range []string{"/", "/account/login", "/account/callback?state=x&code=y"} {
					handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
				}
			}
		})
	}
	group.Wait()
	if entries, _ := sessions.Usage(); entries != 1 {
		t.Errorf("%d sessions, want alice's", entries)
	}
	if _, bytes := attempts.Usage(); bytes > 64<<10 {
		t.Errorf("sign-ins under way take %d bytes", bytes)
	}
	if got := alice.get("/"); got.rows() != 3 {
		t.Errorf("alice: %d", got.status)
	}
}

// TestCase48AnHourLate: a page that offers to start again.
func TestCase48AnHourLate(t *testing.T) {
	t.Parallel()
	clock := &clock{}
	s := startStack(t, options{config: func(cfg *app.Config) { cfg.Now = clock.now }})
	v := s.visitor(t)
	answer := v.codeFor("alice", v.begin("/account/login"))
	clock.move(time.Hour)
	got := v.get("/account/callback?" + answer.Encode())
	got.want(t, http.StatusBadRequest, "sign_in_expired")
	if !strings.Contains(got.body, `href="/account/login"`) {
		t.Error("the page offers no way to start again")
	}
	if s.tenant.Count("token") != 0 {
		t.Error("the code was sent to the token endpoint")
	}
}
