package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// TestExperiments does to alice's tokens what her page offers, and counts what Entra is asked then.
func TestExperiments(t *testing.T) {
	t.Parallel()
	s := start(t)
	agent, shown := signIn(t, s, "alice")
	if strings.Contains(shown, "The page before") || !strings.Contains(shown, "requested_token_use") {
		t.Errorf("the first page shows no exchange, or compares:\n%s", shown)
	}
	try := func(name string) string {
		t.Helper()
		if !strings.Contains(shown, `action="/account/experiments/`+name) {
			t.Fatalf("there is no form for %s:\n%s", name, shown)
		}
		response, err := agent.Post(t.Context(), s.WebUI.URL+"/account/experiments/"+name+"?to=/", nil)
		shown = page(t, response, err)
		if match := secretShown(shown); match != "" {
			t.Errorf("%s: the page shows %q", name, match)
		}
		return shown
	}
	for _, step := range []struct {
		name                string
		exchanges, renewals int // in all, after it
		says                string
	}{
		{"reload", 1, 0, "not for this page"},
		{"forget-token-b", 2, 0, "no-cache"},
		{"reload", 2, 0, "token B came from the API’s cache"},
		{"end-token-a", 3, 1, "refresh_token"},
	} {
		got := try(step.name)
		exchanges, renewals := s.Tenant.Count("token:on_behalf_of"), s.Tenant.Count("token:refresh_token")
		if exchanges != step.exchanges || renewals != step.renewals || !strings.Contains(got, step.says) || !strings.Contains(got, "The page before") {
			t.Errorf("%s: %d exchanges and %d renewals, want %d and %d, and %q:\n%s", step.name, exchanges, renewals, step.exchanges, step.renewals, step.says, got)
		}
	}
	if err := s.Tenant.Switch("arm-unavailable", devtenant.Times(0)); err != nil {
		t.Fatal(err)
	}
	if shown = text(t, get(t, agent, s.WebUI.URL+"/")); !strings.Contains(shown, "It broke here") || !strings.Contains(shown, "#arm-unavailable") {
		t.Errorf("the error page doesn't say where it broke:\n%s", shown)
	}
	try("clear-switches")
	if on := s.Tenant.SwitchedOn(); len(on) > 0 {
		t.Errorf("switched on is %v", on)
	}
	shown = text(t, get(t, agent, s.WebUI.URL+"/"))
	before := s.Tenant.Count("authorize")
	if try("revoke-sessions"); s.Tenant.Count("authorize") == before {
		t.Errorf("alice isn't sent to sign in:\n%s", shown)
	}
}

func get(t *testing.T, agent *devtenant.UserAgent, address string) *http.Response {
	t.Helper()
	response, err := agent.Get(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// TestExperimentsOfOtherSites: no other site does any of it.
func TestExperimentsOfOtherSites(t *testing.T) {
	t.Parallel()
	s := start(t)
	if err := s.Tenant.Switch("arm-unavailable", devtenant.Times(0)); err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.WebUI.URL+"/account/experiments/clear-switches?"+url.Values{"to": {"https://evil.example"}}.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if body := text(t, response); response.StatusCode != http.StatusForbidden || len(s.Tenant.SwitchedOn()) != 1 {
		t.Errorf("%d %s", response.StatusCode, body)
	}
}
