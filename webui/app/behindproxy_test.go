package app_test

import (
	"context"
	"net/http"
	"net/http/httptest"
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

// TestStrictTransportSecurity: where browsers come by https, and not where they can't.
func TestStrictTransportSecurity(t *testing.T) {
	t.Parallel()
	for scheme, want := range map[string]string{"http": "", "https": "max-age=31536000"} {
		s := startStack(t, options{config: func(cfg *app.Config) { cfg.RedirectURI.Scheme = scheme }})
		if got := s.visitor(t).get("/").header.Get("Strict-Transport-Security"); got != want {
			t.Errorf("%s: %q, want %q", scheme, got, want)
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
