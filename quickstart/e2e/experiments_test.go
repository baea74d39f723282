package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redistest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
)

// TestExperiments does to alice's tokens what her page offers, and counts what Entra is asked then.
func TestExperiments(t *testing.T) {
	t.Parallel()
	t.Run("in memory", func(t *testing.T) {
		t.Parallel()
		s := start(t)
		testExperiments(t, s.Tenant, s.WebUI.URL, "not for this page")
	})
	t.Run("in Redis", func(t *testing.T) {
		t.Parallel()
		redis := redistest.Start(t)
		s := start(t, func(o *stack.Options) {
			o.Settings = map[string]string{"REDIS_URL": redis.URL, "API_STORE_KEY": "b25seSBmb3IgdGhlIHRlc3RzIG9mIHRoaXMgc3VpdGU="}
		})
		testExperiments(t, s.Tenant, s.WebUI.URL, "not for this page")
	})
}

// testExperiments is told what the page says of an exchange that was made for the page before it.
func testExperiments(t *testing.T, tenant *devtenant.Tenant, webUI, exchanged string) {
	t.Helper()
	agent := devtenant.NewUserAgent(tenant)
	response, err := agent.SignIn(t.Context(), webUI+"/account/login", "alice")
	shown := page(t, response, err)
	if strings.Contains(shown, "The page before") || !strings.Contains(shown, "requested_token_use") {
		t.Errorf("the first page shows no exchange, or compares:\n%s", shown)
	}
	try := func(name string) string {
		t.Helper()
		if !strings.Contains(shown, `action="/account/experiments/`+name) {
			t.Fatalf("there is no form for %s:\n%s", name, shown)
		}
		response, err := agent.Post(t.Context(), webUI+"/account/experiments/"+name+"?to=/", nil)
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
		{"reload", 1, 0, exchanged},
		{"forget-token-b", 2, 0, "no-cache"},
		{"reload", 2, 0, "token B came from the API’s cache"},
		{"end-token-a", 3, 1, "refresh_token"},
	} {
		got := try(step.name)
		exchanges, renewals := tenant.Count("token:on_behalf_of"), tenant.Count("token:refresh_token")
		if exchanges != step.exchanges || renewals != step.renewals || !strings.Contains(got, step.says) || !strings.Contains(got, "The page before") {
			t.Errorf("%s: %d exchanges and %d renewals, want %d and %d, and %q:\n%s", step.name, exchanges, renewals, step.exchanges, step.renewals, step.says, got)
		}
	}
	if err := tenant.Switch("arm-unavailable", devtenant.Times(0)); err != nil {
		t.Fatal(err)
	}
	if shown = text(t, get(t, agent, webUI+"/")); !strings.Contains(shown, "It broke here") || !strings.Contains(shown, "#arm-unavailable") {
		t.Errorf("the error page doesn't say where it broke:\n%s", shown)
	}
	try("clear-switches")
	if on := tenant.SwitchedOn(); len(on) > 0 {
		t.Errorf("switched on is %v", on)
	}
	shown = text(t, get(t, agent, webUI+"/"))
	before := tenant.Count("authorize")
	if try("revoke-sessions"); tenant.Count("authorize") == before {
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
