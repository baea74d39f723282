package app_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// The API in front of the development tenant, which is as strict as Entra where Entra is strict: what the tests with a
// tenant that does as it is told can't show.

func startWithDevtenant(t *testing.T, change func(*app.Config)) (*devtenant.Tenant, *api) {
	t.Helper()
	entra := devtenant.Start(t)
	settings := entra.Settings()
	settings["TRUSTED_CA_FILE"] = filepath.Join(t.TempDir(), "devtenant.pem")
	if err := entra.WriteCertificate(settings["TRUSTED_CA_FILE"]); err != nil {
		t.Fatal(err)
	}
	return entra, startConfigured(t, readConfig(t, settings), change)
}

func TestTheUsersOfTheDevelopmentTenant(t *testing.T) {
	t.Parallel()
	entra, api := startWithDevtenant(t, nil)
	tests := []struct {
		user   string
		change func(map[string]any)
		status int
		count  int
		code   string
	}{
		{user: "alice", status: 200, count: 3},
		{user: "bob", status: 200, count: 0},
		{user: "grace", status: 200, count: 250},
		{user: "carol", status: 401, code: "mfa_required"},
		{user: "carol", change: devtenant.WithSecondFactor, status: 200, count: 2},
		{user: "dave", status: 401, code: "consent_required"},
		{user: "erin", status: 401, code: "user_disabled"},
		{user: "frank", status: 200, count: 0},
		{user: "alice", change: devtenant.Expired, status: 401, code: "token_expired"},
	}
	for _, test := range tests {
		t.Run(test.user, func(t *testing.T) {
			var change []func(map[string]any)
			if test.change != nil {
				change = append(change, test.change)
			}
			got := api.get(t, "Bearer "+entra.AccessToken(test.user, change...))
			if got.status != test.status {
				t.Fatalf("got %d %s", got.status, got.body)
			}
			if test.status != http.StatusOK {
				if problem := got.problem(t); problem.Code != test.code {
					t.Errorf("the code is %q, want %q", problem.Code, test.code)
				}
				return
			}
			if list := got.list(t); list.Count != test.count || len(list.Value) != test.count {
				t.Errorf("%d subscriptions, want %d", list.Count, test.count)
			}
		})
	}
	if strings.Contains(api.log.String(), "eyJ") {
		t.Error("the log holds a token")
	}
}

func TestHopsAreCounted(t *testing.T) {
	t.Parallel()
	entra, api := startWithDevtenant(t, nil)
	token := "Bearer " + entra.AccessToken("alice")
	for range 101 {
		api.get(t, token).list(t)
	}
	for endpoint, want := range map[string]int{"discovery": 1, "keys": 1, "token:on_behalf_of": 1, "subscriptions": 101} {
		if got := entra.Count(endpoint); got != want {
			t.Errorf("%d requests of %s, want %d", got, endpoint, want)
		}
	}
}

func TestFaultsOfTheDevelopmentTenant(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault  devtenant.Fault
		status int
		code   string
	}{
		{devtenant.Fault{Endpoint: "token:on_behalf_of", AADSTS: 7000215}, 502, "wrong_client_secret"},
		{devtenant.Fault{Endpoint: "token:on_behalf_of", AADSTS: 50013}, 502, "wrong_assertion"},
		{devtenant.Fault{Endpoint: "token:on_behalf_of", Status: 200, Body: []byte("<html>")}, 502, "identity_provider_malformed"},
		{devtenant.Fault{Endpoint: "subscriptions", Status: 200, Body: []byte(`{"value":[{"a":1}]}`), Truncate: true}, 502, "resource_manager_malformed"},
		{devtenant.Fault{Endpoint: "subscriptions", NextLink: "https://evil.example/subscriptions"}, 502, "resource_manager_malformed"},
		{devtenant.Fault{Endpoint: "subscriptions", Delay: time.Minute}, 504, "resource_manager_timeout"},
		{devtenant.Fault{Endpoint: "token:on_behalf_of", Lifetime: 310 * time.Second}, 200, ""},
	} {
		t.Run(test.fault.Endpoint+" "+test.code, func(t *testing.T) {
			t.Parallel()
			entra, api := startWithDevtenant(t, func(cfg *app.Config) { cfg.Limits.CallTry = 500 * time.Millisecond })
			test.fault.Name = "the fault"
			entra.Faults().Set(test.fault)
			got := api.get(t, "Bearer "+entra.AccessToken("alice"))
			if got.status != test.status {
				t.Fatalf("got %d %s", got.status, got.body)
			}
			if test.code != "" && got.problem(t).Code != test.code {
				t.Errorf("got %s", got.body)
			}
			entra.Faults().Clear("")
			api.get(t, "Bearer "+entra.AccessToken("alice")).list(t) // and nothing of it stays
		})
	}
}
