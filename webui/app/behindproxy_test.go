package app_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
)

// TestSigningOutBehindAProxy: one that puts another name into Host, with a browser that sends no Sec-Fetch-Site.
func TestSigningOutBehindAProxy(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	v := s.visitor(t)
	v.signIn("alice")
	for origin, status := range map[string]int{"https://evil.example": http.StatusForbidden, s.url: http.StatusSeeOther} {
		if got := v.send(http.MethodPost, "/account/logout", "Origin", origin, "Host", "webui.internal:8000"); got.status != status {
			t.Errorf("from %s: %d %s", origin, got.status, got.code())
		}
	}
}

// TestFieldCase26StrictTransportSecurity: where browsers come by https, and not where they can't.
func TestFieldCase26StrictTransportSecurity(t *testing.T) {
	t.Parallel()
	for origin, want := range map[string]string{
		"http://webui.example": "", "https://webui.example": "max-age=31536000", "https://webui.example:8443": "max-age=31536000",
		"https://192.0.2.1": "max-age=31536000", "https://localhost.example": "max-age=31536000",
		// Browsers would hold it against every other program on this machine (field case 26).
		"https://localhost": "", "https://localhost:8000": "", "https://LOCALHOST.": "", "https://webui.localhost": "",
		"https://127.0.0.1:8000": "", "https://127.8.9.1": "", "https://[::1]:8000": "",
	} {
		s := startStack(t, options{config: func(cfg *app.Config) { cfg.RedirectURI, _ = url.Parse(origin + "/account/callback") }})
		if got := s.visitor(t).get("/").header.Get("Strict-Transport-Security"); got != want {
			t.Errorf("%s: %q, want %q", origin, got, want)
		}
	}
}

// TestNobodysTraceparentIsBelieved: the trace id of a page is the web UI's own.
func TestNobodysTraceparentIsBelieved(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	const forged = "4bf92f3577b34da6a3ce929d0e0e4736"
	got := s.visitor(t).get("/nowhere", "Traceparent", "00-"+forged+"-00f067aa0ba902b7-01")
	if strings.Contains(got.body, forged) || strings.Contains(s.log.String(), forged) {
		t.Error("the forged trace id is believed")
	}
}

// TestABrowserThatGoesAwayIsNoError: the log says 499 at info, and nothing is written.
func TestABrowserThatGoesAwayIsNoError(t *testing.T) {
	t.Parallel()
	called := make(chan struct{})
	s := startStack(t, options{api: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(called)
		<-r.Context().Done()
	})})
	v := s.visitor(t)
	v.signIn("alice")
	ctx, goAway := context.WithCancel(t.Context())
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, s.url+"/", nil)
	for _, cookie := range v.cookies() {
		request.AddCookie(cookie)
	}
	go func() { <-called; goAway() }()
	answer := httptest.NewRecorder()
	s.webUI.Handler().ServeHTTP(answer, request)
	if answer.Body.Len() != 0 {
		t.Errorf("the answer is %s", answer.Body)
	}
	for line := range strings.Lines(s.log.String()) {
		if strings.Contains(line, "status=499") && strings.Contains(line, "level=INFO") {
			return
		}
	}
	t.Errorf("the log is %s", s.log)
}

// TestTheLogHasWhatAnErrorPageShows at the level warn, with which the quickstart starts.
func TestTheLogHasWhatAnErrorPageShows(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	s.visitor(t).get("/account/callback?state=x&code=y").want(t, http.StatusBadRequest, "sign_in_expired")
	for line := range strings.Lines(s.log.String()) {
		if strings.Contains(line, "level=WARN") && strings.Contains(line, "code=sign_in_expired") && strings.Contains(line, "cause=") && strings.Contains(line, "trace_id=") {
			return
		}
	}
	t.Errorf("the log is %s", s.log)
}
