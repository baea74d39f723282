package app_test

import (
	"bytes"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	api "github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/serve"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
)

// stack is the three programs of the sample, started for one test: a tenant, the API, the web UI.
type stack struct {
	tenant       *devtenant.Tenant
	webUI        *app.App
	url          string // of the web UI
	settings     map[string]string
	log          *logBuffer // of web UI and API
	webUIHandler *replaceable
	apiHandler   *replaceable
}

// withoutProfile has an API in the API's place answer what a page asks for: what it asks beside that, the profile, is switched off.
func withoutProfile(api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/profile" {
			problemOfAPI(http.StatusNotFound, apperror.NotConfigured)(w, r)
			return
		}
		api.ServeHTTP(w, r)
	})
}

// options change a stack before it starts.
type options struct {
	settings map[string]string        // in place of those of the tenant
	config   func(*app.Config)        // the web UI's
	tenant   func(*devtenant.Options) // the tenant's
	api      http.Handler             // in the API's place
}

// replaceable is a tier's listener, whose handler can be replaced: a restart that keeps the address.
type replaceable struct {
	mu      sync.Mutex
	handler http.Handler
}

func (d *replaceable) set(handler http.Handler) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.handler = handler
}

func (d *replaceable) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	handler := d.handler
	d.mu.Unlock()
	handler.ServeHTTP(w, r)
}

func startStack(t *testing.T, o options) *stack {
	t.Helper()
	s := &stack{log: &logBuffer{}, webUIHandler: &replaceable{}, apiHandler: &replaceable{}}
	change := o.tenant
	if change == nil {
		change = func(*devtenant.Options) {}
	}
	s.tenant = devtenant.Start(t, change)
	webUIServer, apiServer := httptest.NewServer(s.webUIHandler), httptest.NewServer(s.apiHandler)
	// localhost and not 127.0.0.1: that is the redirect URI's host, and cookies know no other.
	s.url = "http://localhost:" + portOf(webUIServer.URL)
	s.tenant.SetSampleURLs(s.url, apiServer.URL)
	s.settings = s.tenant.Settings()
	s.settings["TRUSTED_CA_FILE"] = filepath.Join(t.TempDir(), "ca.pem")
	s.settings["LOG_LEVEL"] = "debug"
	maps.Copy(s.settings, o.settings)
	if err := s.tenant.WriteCertificate(s.settings["TRUSTED_CA_FILE"]); err != nil {
		t.Fatal(err)
	}
	s.apiHandler.set(withoutProfile(o.api))
	if o.api == nil {
		s.restartAPI(t)
	}
	s.startWebUI(t, o.config)
	t.Cleanup(webUIServer.Close)
	t.Cleanup(apiServer.Close)
	return s
}

func portOf(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }

// restartAPI starts the API, or starts it anew: all that it had in memory is gone.
func (s *stack) restartAPI(t *testing.T) {
	t.Helper()
	cfg, err := api.ReadConfig(env.From(s.settings))
	if err != nil {
		t.Fatal(err)
	}
	tier, err := api.New(t.Context(), cfg, s.logger("api"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tier.Close() })
	s.apiHandler.set(tier.Handler())
}

// readConfig reads the settings as webui/main.go does.
func readConfig(settings map[string]string) (app.Config, error) {
	reader := env.From(settings)
	serve.Program{Name: "webui", AddrSetting: "WEBUI_ADDR", DefaultAddr: "localhost:8000"}.ReadSettings(reader)
	return app.ReadConfig(reader)
}

// startWebUI starts the web UI, or starts it anew: all that it had in memory is gone.
func (s *stack) startWebUI(t *testing.T, change func(*app.Config)) {
	t.Helper()
	cfg, err := readConfig(s.settings)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&cfg)
	}
	s.webUI, err = app.New(t.Context(), cfg, s.logger("webui"))
	if err != nil {
		t.Fatal(err)
	}
	tier := s.webUI
	t.Cleanup(func() { _ = tier.Close() })
	s.webUIHandler.set(tier.Handler())
}

func (s *stack) logger(tier string) *slog.Logger {
	return telemetry.NewLogger(s.log, "text", "debug").With("tier", tier)
}

// logBuffer is a log that several goroutines may write to.
type logBuffer struct {
	mu      sync.Mutex
	content bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.content.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.content.String()
}

// browser is a person's browser: devtenant's user agent, with what the tests ask of it.
type browser struct {
	*devtenant.UserAgent
	t     *testing.T
	stack *stack
}

func (s *stack) browser(t *testing.T) *browser {
	return &browser{UserAgent: devtenant.NewUserAgent(s.tenant), t: t, stack: s}
}

// page is what a browser ended up with.
type page struct {
	status int
	header http.Header
	url    string
	body   string
}

func (b *browser) read(response *http.Response, err error) page {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return page{status: response.StatusCode, header: response.Header, url: response.Request.URL.String(), body: string(body)}
}

// signIn presses the button, and picks the user wherever the tenant asks.
func (b *browser) signIn(user string) page {
	b.t.Helper()
	return b.read(b.SignIn(b.t.Context(), b.stack.url+"/account/login", user))
}

// open visits an address of the web UI, as a user who picks nothing.
func (b *browser) open(path string) page {
	b.t.Helper()
	return b.read(b.Get(b.t.Context(), b.stack.url+path))
}

// as visits the start page and picks the user wherever the tenant asks.
func (b *browser) as(user string) page {
	b.t.Helper()
	return b.read(b.SignIn(b.t.Context(), b.stack.url+"/", user))
}

func (b *browser) signOut() page {
	b.t.Helper()
	return b.read(b.Post(b.t.Context(), b.stack.url+"/account/logout", nil))
}

// eventually is for what other goroutines do; it fails the test after a time that no machine needs.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); {
		if time.Now().After(deadline) {
			t.Fatalf("%s didn't happen", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// visitor is a browser without hands: it keeps cookies, follows nothing, and sends exactly what a test says.
type visitor struct {
	t     *testing.T
	stack *stack
	jar   http.CookieJar
}

func (s *stack) visitor(t *testing.T) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, stack: s, jar: jar}
}

// send makes a request of the web UI. header holds pairs of name and value.
func (v *visitor) send(method, path string, header ...string) page {
	v.t.Helper()
	request, err := http.NewRequestWithContext(v.t.Context(), method, v.stack.url+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Add(header[i], header[i+1])
		if header[i] == "Host" {
			request.Host = header[i+1]
		}
	}
	return v.do(request)
}

func (v *visitor) do(request *http.Request) page {
	v.t.Helper()
	client := http.Client{Jar: v.jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return page{status: response.StatusCode, header: response.Header, url: request.URL.String(), body: string(body)}
}

func (v *visitor) get(path string, header ...string) page {
	v.t.Helper()
	return v.send(http.MethodGet, path, header...)
}

// begin begins to sign in, and returns what the browser is sent to Entra with.
func (v *visitor) begin(path string) url.Values {
	v.t.Helper()
	got := v.get(path)
	target, err := url.Parse(got.header.Get("Location"))
	if err != nil || got.status != http.StatusSeeOther || !strings.HasPrefix(target.String(), v.stack.tenant.BrowserURL()) {
		v.t.Fatalf("%s: %d to %s", path, got.status, target)
	}
	return target.Query()
}

// codeFor signs a user in at Entra with a request as begin returns it, and returns the callback's query, unopened.
func (v *visitor) codeFor(user string, asked url.Values) url.Values {
	v.t.Helper()
	agent := devtenant.NewUserAgent(v.stack.tenant)
	agent.StopAt(asked.Get("redirect_uri"))
	address := v.stack.tenant.BrowserURL() + "/" + v.stack.tenant.Directory().TenantID() + "/oauth2/v2.0/authorize?" + asked.Encode()
	response, err := agent.SignIn(v.t.Context(), address, user)
	if err != nil {
		v.t.Fatal(err)
	}
	target, err := response.Location()
	if err != nil {
		v.t.Fatal(err)
	}
	return target.Query()
}

// signIn signs a user in, step by step.
func (v *visitor) signIn(user string) {
	v.t.Helper()
	if got := v.get("/account/callback?" + v.codeFor(user, v.begin("/account/login")).Encode()); got.status != http.StatusSeeOther {
		v.t.Fatalf("signing %s in: %d %s", user, got.status, got.code())
	}
}

// cookies are what the visitor would send.
func (v *visitor) cookies() []*http.Cookie {
	address, _ := url.Parse(v.stack.url)
	return v.jar.Cookies(address)
}

func (v *visitor) setCookies(cookies ...*http.Cookie) {
	address, _ := url.Parse(v.stack.url)
	v.jar.SetCookies(address, cookies)
}

// sessionCookie is the name of the sessions' cookie.
func (s *stack) sessionCookie() string { return "webui-session-" + portOf(s.url) }

// sessionCookie is the cookie of the visitor's session; the test fails where there is none.
func (v *visitor) sessionCookie() *http.Cookie {
	v.t.Helper()
	for _, cookie := range v.cookies() {
		if cookie.Name == v.stack.sessionCookie() {
			return cookie
		}
	}
	v.t.Fatal("there is no session cookie")
	return nil
}

func (v *visitor) signedIn() bool {
	for _, cookie := range v.cookies() {
		if cookie.Name == v.stack.sessionCookie() {
			return true
		}
	}
	return false
}

var shownCode = regexp.MustCompile(`<dt>Code</dt><dd><code>([a-z_]+)</code>`)

// code is the machine's code on an error page, "" on any other page.
func (p page) code() string {
	if match := shownCode.FindStringSubmatch(p.body); match != nil {
		return match[1]
	}
	return ""
}

// rows is how many subscriptions a page lists, and -1 where it isn't the page that does.
func (p page) rows() int {
	if !strings.Contains(p.body, `id="subscriptions"`) {
		return -1
	}
	return strings.Count(p.body, `data-label="Subscription ID"`)
}

// signInPage tells whether it is the page with the button.
func (p page) isSignedOut() bool {
	return p.status == http.StatusOK && strings.Contains(p.body, `id="sign-in"`)
}

// want fails the test where a page isn't the error page with a code.
func (p page) want(t *testing.T, status int, code string) {
	t.Helper()
	if p.status != status || p.code() != code {
		t.Errorf("got %d %q, want %d %q", p.status, p.code(), status, code)
	}
}

// lonelyWebUI is a web UI with neither tenant nor API, for what concerns requests alone.
func lonelyWebUI(tb testing.TB) http.Handler {
	tb.Helper()
	cfg, err := readConfig(map[string]string{
		"ENVIRONMENT": "development", "AUTHORITY": "https://localhost:1/de7e0000-0000-4000-8000-000000000000", "WEBUI_CLIENT_ID": "de7e0000-0000-4000-8000-0000000000a1",
		"WEBUI_CLIENT_SECRET": "secret", "WEBUI_REDIRECT_URI": "http://localhost:8000/account/callback",
		"WEBUI_POST_LOGOUT_REDIRECT_URI": "http://localhost:8000/", "WEBUI_API_URL": "http://localhost:1", "WEBUI_API_SCOPE": "api://x/access_as_user",
		"WEBUI_SESSION_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
	})
	if err != nil {
		tb.Fatal(err)
	}
	cfg.Limits.WarmUp = time.Millisecond
	tier, err := app.New(tb.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = tier.Close() })
	return tier.Handler()
}
