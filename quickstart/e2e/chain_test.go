package e2e

import (
	"strings"
	"sync"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// TestRequestsToTheTenant counts what the tenant is asked: a sample that asks too often works, until Entra throttles it.
func TestRequestsToTheTenant(t *testing.T) {
	t.Parallel()
	s := start(t)
	counted := func(t *testing.T, what string, want map[string]int) {
		t.Helper()
		for endpoint, n := range want {
			if got := s.Tenant.Count(endpoint); got != n {
				t.Errorf("%s: %s was asked %d times, want %d", what, endpoint, got, n)
			}
		}
	}
	counted(t, "after the start", map[string]int{"discovery": 3, "keys": 3, "instance-discovery": 0, "token": 0})

	agent, first := signIn(t, s, "alice")
	if got := subscriptionsOn(first); got != 3 {
		t.Fatalf("alice sees %d subscriptions, want 3:\n%s", got, first)
	}
	counted(t, "after signing in", map[string]int{"token:authorization_code": 1, "token:on_behalf_of": 1, "token": 2, "subscriptions": 1})

	get := client(s, agent)
	for range 100 {
		if status, body, err := get(t.Context(), "/"); err != nil || status != 200 || subscriptionsOn(body) != 3 {
			t.Fatalf("status %d, %d subscriptions, %v", status, subscriptionsOn(body), err)
		}
	}
	counted(t, "after a hundred more", map[string]int{"token": 2, "subscriptions": 101})

	token := s.Tenant.AccessToken("grace")
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if names, err := callAPI(t.Context(), s, token); err != nil || len(names) != 250 {
				t.Errorf("%d subscriptions, %v", len(names), err)
			}
		})
	}
	group.Wait()
	counted(t, "after fifty at the same time", map[string]int{"token:on_behalf_of": 2, "token": 3})
	counted(t, "in the end", map[string]int{"discovery": 3, "keys": 3, "instance-discovery": 0})
}

// TestUsers signs each of the seven in and looks at what they get.
func TestUsers(t *testing.T) {
	t.Parallel()
	s := start(t)
	tests := []struct {
		user  string
		count int
		shows []string
		pages []string // of the tenant, on the way
	}{
		{"alice", 3, []string{"Alice Archer"}, []string{"sign-in"}},
		{"bob", 0, []string{"Bob Baker", "No subscriptions"}, []string{"sign-in"}},
		{"carol", 2, []string{"Carol Carpenter"}, []string{"sign-in", "second-factor"}},
		{"dave", 1, []string{"Dave Dyer"}, []string{"sign-in", "consent"}},
		{"frank", 0, []string{"Frank Fisher", "guest"}, []string{"sign-in"}},
		{"grace", 250, []string{"Grace Grant"}, []string{"sign-in"}},
	}
	for _, test := range tests {
		t.Run(test.user, func(t *testing.T) {
			t.Parallel()
			agent := devtenant.NewUserAgent(s.Tenant)
			response, err := agent.SignIn(t.Context(), s.WebUI.URL+"/account/login", test.user)
			body := page(t, response, err)
			if got := subscriptionsOn(body); got != test.count {
				t.Errorf("%d subscriptions, want %d:\n%s", got, test.count, body)
			}
			for _, text := range test.shows {
				if !strings.Contains(body, text) {
					t.Errorf("the page doesn't say %q", text)
				}
			}
			if got := strings.Join(agent.Pages, " "); got != strings.Join(test.pages, " ") {
				t.Errorf("the tenant showed %q, want %q", got, test.pages)
			}
		})
	}
	t.Run("erin is told that her account is disabled", func(t *testing.T) {
		agent := devtenant.NewUserAgent(s.Tenant)
		response, err := agent.SignIn(t.Context(), s.WebUI.URL+"/account/login", "erin")
		if err != nil {
			t.Fatal(err)
		}
		body := text(t, response)
		if response.StatusCode == 500 || !strings.Contains(body, "50057") {
			t.Errorf("status %d, and the page doesn't say 50057:\n%s", response.StatusCode, body)
		}
	})
}

// TestConsentIsAskedForOnce: one page for both applications, and never again.
func TestConsentIsAskedForOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	for i, want := range []string{"sign-in consent", "sign-in"} {
		agent := devtenant.NewUserAgent(s.Tenant) // another browser, another day
		response, err := agent.SignIn(t.Context(), s.WebUI.URL+"/account/login", "dave")
		page(t, response, err)
		if got := strings.Join(agent.Pages, " "); got != want {
			t.Errorf("visit %d: the tenant showed %q, want %q", i+1, got, want)
		}
	}
}

// TestRestarts restarts the tiers under a signed-in user.
func TestRestarts(t *testing.T) {
	t.Parallel()
	s := start(t)
	agent, _ := signIn(t, s, "alice")
	for name, restart := range map[string]func() error{
		"API":    func() error { return s.API.Restart(t.Context(), nil) },
		"web UI": func() error { return s.WebUI.Restart(t.Context(), nil) },
		"both": func() error {
			if err := s.API.Restart(t.Context(), nil); err != nil {
				return err
			}
			return s.WebUI.Restart(t.Context(), nil)
		},
	} {
		if err := restart(); err != nil {
			t.Fatal(err)
		}
		// No button is pressed here: whatever the way back is, the user sees none of it.
		response, err := agent.Get(t.Context(), s.WebUI.URL+"/")
		if got := subscriptionsOn(page(t, response, err)); got != 3 {
			t.Errorf("after a restart of the %s alice sees %d subscriptions", name, got)
		}
	}
}
