package app_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
)

// TestTheGreetingIsGraphs: over the whole chain; and a Graph that fails costs the greeting alone.
func TestTheGreetingIsGraphs(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	alice := s.browser(t)
	alice.signIn("alice")
	if got := alice.open("/"); got.rows() != 3 || !strings.Contains(got.body, "Hello, <bdi>Alice</bdi>") || !strings.Contains(got.body, "Cloud administrator") {
		t.Errorf("%d %s: %d rows, %v", got.status, got.code(), got.rows(), strings.Contains(got.body, "Hello, "))
	}
	for body, want := range map[string]string{
		`{"givenName":"\u202e","displayName":"A. Archer"}`: "A. Archer", `{"givenName":"\u3164"}`: "Alice Archer", `null`: "Alice Archer",
		`{"givenName":"` + strings.Repeat("x", 10_000) + `"}`: strings.Repeat("x", 256) + "…",
		`{"givenName":["Alice"]}`:                             "Alice Archer", `[]`: "Alice Archer",
	} {
		s.tenant.Faults().Set(devtenant.Fault{Name: "graph", Endpoint: "graph", Status: http.StatusOK, Body: []byte(body)})
		if got := alice.open("/"); got.rows() != 3 || !strings.Contains(got.body, "Hello, <bdi>"+want+"</bdi>") {
			t.Errorf("with %.60s: %d %s, %d rows", body, got.status, got.code(), got.rows())
		}
	}
	s.tenant.Faults().Set(devtenant.Fault{Name: "graph", Endpoint: "graph", Status: http.StatusForbidden})
	if got := alice.open("/"); got.rows() != 3 || !strings.Contains(got.body, "Hello, <bdi>Alice Archer</bdi>") || !strings.Contains(got.body, "graph_forbidden") {
		t.Errorf("with a Graph that refuses: %d %s, %d rows", got.status, got.code(), got.rows())
	}
}

// TestAProfileThatIsSwitchedOff is asked for once a minute, not by each page.
func TestAProfileThatIsSwitchedOff(t *testing.T) {
	t.Parallel()
	clock, asked := &clock{}, &atomic.Int32{}
	s := startStack(t, options{
		settings: map[string]string{"API_GRAPH_URL": ""},
		config: func(cfg *app.Config) {
			cfg.Now = clock.now
			cfg.Hooks.Transport = func(next http.RoundTripper) http.RoundTripper {
				return roundTrip(func(request *http.Request) (*http.Response, error) {
					if request.URL.Path == "/profile" {
						asked.Add(1)
					}
					return next.RoundTrip(request)
				})
			}
		},
	})
	alice := s.visitor(t)
	alice.signIn("alice")
	for _, wait := range []time.Duration{0, 0, 59 * time.Second, 2 * time.Second, 0} {
		clock.move(wait)
		if got := alice.get("/"); got.rows() != 3 || !strings.Contains(got.body, "Hello, <bdi>Alice Archer</bdi>") || strings.Contains(got.body, "Microsoft Graph") {
			t.Errorf("%d %s, %d rows", got.status, got.code(), got.rows())
		}
	}
	if asked.Load() != 2 {
		t.Errorf("it was asked for %d times", asked.Load())
	}
}
