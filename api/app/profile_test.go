package app_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

func TestProfile(t *testing.T) {
	t.Parallel()
	tenant, api := startWithDevtenant(t, nil)
	token := tenant.AccessToken("alice")
	for range 2 { // the second from the cache
		got := api.path(t, "GET", "/profile", token, "")
		var me struct{ DisplayName, GivenName, JobTitle string }
		if err := json.Unmarshal([]byte(got.body), &me); err != nil || got.status != 200 || me.DisplayName != "Alice Archer" || me.GivenName != "Alice" || me.JobTitle != "Cloud administrator" {
			t.Fatalf("got %d %s", got.status, got.body)
		}
	}
	api.get(t, "Bearer "+token).list(t)
	// The same token A was exchanged twice: once for each service.
	if scopes := exchanges(tenant); len(scopes) != 2 || strings.Contains(scopes[0], "User.Read") == strings.Contains(scopes[1], "User.Read") {
		t.Errorf("exchanged for %q", scopes)
	}
	if got := api.path(t, "GET", "/profile", "", ""); got.status != http.StatusUnauthorized && got.status != http.StatusBadRequest {
		t.Errorf("without a token: %d", got.status)
	}
}

// TestGraphHasAConsentOfItsOwn: who has consented to Resource Manager alone sees their subscriptions, and no profile.
func TestGraphHasAConsentOfItsOwn(t *testing.T) {
	t.Parallel()
	tenant, api := startWithDevtenant(t, nil)
	bob, _ := tenant.Directory().User("bob")
	tenant.Directory().WithdrawConsent(bob.ID)
	for _, consent := range [][3]string{
		{tenant.Settings()["WEBUI_CLIENT_ID"], tenant.Settings()["API_CLIENT_ID"], "access_as_user"},
		{tenant.Settings()["API_CLIENT_ID"], directory.ResourceManagerAppID, "user_impersonation"},
	} {
		if err := tenant.Directory().Consent(consent[0], consent[1], bob.ID, []string{consent[2]}); err != nil {
			t.Fatal(err)
		}
	}
	token := tenant.AccessToken("bob")
	got := api.path(t, "GET", "/profile", token, "")
	if got.status != http.StatusUnauthorized || got.problem(t).Code != "consent_required" || got.problem(t).AADSTS != 65001 {
		t.Errorf("got %d %s", got.status, got.body)
	}
	api.get(t, "Bearer "+token).list(t)
}

// TestGraphFails: each way in which Graph can fail has a row of its own, and none of them is about the subscriptions.
func TestGraphFails(t *testing.T) {
	t.Parallel()
	const claims = `{"access_token":{"nbf":{"essential":true,"value":"{now}"}}}`
	for _, test := range []struct {
		name   string
		fault  devtenant.Fault
		status int
		code   string
	}{
		{"403", devtenant.Fault{Status: 403, Body: []byte(`{"error":{"code":"Authorization_RequestDenied"}}`)}, 403, "graph_forbidden"},
		{"404", devtenant.Fault{Status: 404}, 404, "graph_not_found"},
		{"429", devtenant.Fault{Status: 429, Header: http.Header{"Retry-After": {"17"}}}, 429, "graph_throttled"},
		{"503", devtenant.Fault{Status: 503}, 503, "graph_unavailable"},
		{"504", devtenant.Fault{Status: 504}, 504, "graph_timeout"},
		{"401", devtenant.Fault{Status: 401}, 502, "graph_token_refused"},
		{"401 with claims, each time", devtenant.Fault{Challenge: claims}, 401, "insufficient_claims"},
		{"a page", devtenant.Fault{Status: 200, Body: []byte("<html>")}, 502, "graph_malformed"},
		{"a redirect", devtenant.Fault{Status: 302, Header: http.Header{"Location": {"https://elsewhere.example/"}}}, 502, "graph_malformed"},
		{"half an answer", devtenant.Fault{Status: 200, Body: []byte(`{"displayName":"Alice"}`), Truncate: true}, 502, "graph_malformed"},
		{"eight megabytes", devtenant.Fault{Status: 200, Body: []byte(`{}`), Padding: 8 << 20}, 502, "graph_malformed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tenant, api := startWithDevtenant(t, nil)
			test.fault.Name, test.fault.Endpoint = "graph", "graph"
			tenant.Faults().Set(test.fault)
			token := tenant.AccessToken("alice")
			got := api.path(t, "GET", "/profile", token, "")
			if got.status != test.status || got.problem(t).Code != test.code {
				t.Errorf("got %d %s", got.status, got.body)
			}
			api.get(t, "Bearer "+token).list(t)
		})
	}
}

// TestFieldCase07GraphsByteOrderMark: Graph's answer is read wherever Resource Manager's is.
func TestFieldCase07GraphsByteOrderMark(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"displayName":"Alice"}`, "\r\n" + `{"displayName":"Alice","tags":[null]}` + "\n"} {
		tenant, api := startWithDevtenant(t, nil)
		tenant.Faults().Set(devtenant.Fault{Name: "graph", Endpoint: "graph", Status: 200, Body: []byte("\ufeff" + body)})
		if got := api.path(t, "GET", "/profile", tenant.AccessToken("alice"), ""); got.status != 200 || !strings.Contains(got.body, "Alice") {
			t.Errorf("got %d %s", got.status, got.body)
		}
	}
}

// TestWithoutGraph: where API_GRAPH_URL isn't set, nothing is asked.
func TestWithoutGraph(t *testing.T) {
	t.Parallel()
	tenant, api := startWithDevtenant(t, func(cfg *app.Config) { cfg.GraphURL = nil })
	got := api.path(t, "GET", "/profile", tenant.AccessToken("alice"), "")
	if got.status != http.StatusNotFound || got.problem(t).Code != "not_configured" || len(exchanges(tenant)) != 0 {
		t.Errorf("got %d %s", got.status, got.body)
	}
}
