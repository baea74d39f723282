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
	s.tenant.Faults().Set(devtenant.Fault{Name: "graph", Endpoint: "graph", Status: http.StatusForbidden})
	if got := alice.open("/"); got.rows() != 3 || !strings.Contains(got.body, "Hello, <bdi>Alice Archer</bdi>") || !strings.Contains(got.body, "graph_forbidden") {
		t.Errorf("with a Graph that refuses: %d %s, %d rows", got.status, got.code(), got.rows())
	}
}
