package devtenant_test

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// serveApplication stands in for the web UI, on a free port that the tenant is told of.
func serveApplication(t *testing.T, tenant *devtenant.Tenant, handler http.Handler) string {
	t.Helper()
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	address := "http://localhost:" + port
	tenant.SetSampleURLs(address, "http://localhost:8001")
	return address
}

func signOutURL(tenant *devtenant.Tenant, query url.Values) string {
	return tenant.BrowserURL() + "/" + tenant.Directory().TenantID() + "/oauth2/v2.0/logout?" + query.Encode()
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	tests := map[string]struct {
		next  string
		there bool
	}{
		"registered":     {"http://localhost:8000/", true},
		"none":           {"", false},
		"not registered": {"http://evil.example/", false},
		"another path":   {"http://localhost:8000/x", false},
		"script":         {"javascript:alert(1)", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			agent := browser(tenant)
			signedIn := answer(t, agent, authorizeURL(tenant, nil), "alice")
			query := url.Values{"state": {"s2"}}
			if test.next != "" {
				query.Set("post_logout_redirect_uri", test.next)
			}
			response, err := agent.Get(t.Context(), signOutURL(tenant, query))
			if err != nil {
				t.Fatal(err)
			}
			page := body(t, response)
			if got := strings.Contains(page, `href="http://localhost:8000/?state=s2"`); got != test.there || strings.Contains(page, "evil") || strings.Contains(page, "alert") {
				t.Errorf("goes on: %v, want %v\n%s", got, test.there, page)
			}
			frame := "http://localhost:8000/account/frontchannel-logout?iss=" + url.QueryEscape(tenant.Authority()+"/v2.0") + "&amp;sid=" + signedIn.Get("session_state")
			if !strings.Contains(page, frame) {
				t.Errorf("no frame for the web UI:\n%s", page)
			}
			if policy := response.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-src http://localhost:8000;") {
				t.Errorf("the frame would be blocked: %s", policy)
			}
			if got := answer(t, agent, authorizeURL(tenant, map[string]string{"prompt": "none"}), ""); got.Get("error") != "login_required" {
				t.Error("still signed in")
			}
		})
	}
}

func TestSignOutWithoutFrames(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	reached := make(chan string, 1)
	application := http.NewServeMux()
	application.HandleFunc("GET /{$}", func(_ http.ResponseWriter, r *http.Request) { reached <- r.URL.RawQuery })
	address := serveApplication(t, tenant, application)
	webUIApplication, _ := tenant.Directory().ApplicationByAppID(webUI)
	if _, err := tenant.Directory().UpdateApplication(webUIApplication.ID, func(a *directory.Application) error { a.Web.LogoutURL = ""; return nil }); err != nil {
		t.Fatal(err)
	}
	agent := browser(tenant)
	answer(t, agent, authorizeURL(tenant, nil), "alice")
	if _, err := agent.Get(t.Context(), signOutURL(tenant, url.Values{"post_logout_redirect_uri": {address + "/"}})); err != nil {
		t.Fatal(err)
	}
	if query := <-reached; query != "" {
		t.Errorf("query %q", query)
	}
}
