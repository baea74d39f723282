package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
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
