package server_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestSignInAndSeeSubscriptions(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	alice := s.browser(t)
	got := alice.signIn("alice")
	if got.status != http.StatusOK || strings.Count(got.body, "Enabled") == 0 {
		t.Fatalf("%d %s: %s\n%s", got.status, got.url, got.body, s.log)
	}
	t.Log(got.body)
}
