package devtenant_test

import (
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

const (
	ordersAppID = "de7e0000-0000-4000-8000-0000000000a3"
	reportAppID = "de7e0000-0000-4000-8000-0000000000a5"
)

// remotely calls one of the routes for tests in other languages, and reads its JSON into into, unless that is nil.
func remotely(t *testing.T, tenant *devtenant.Tenant, method, path, body string, want int, into any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, tenant.BrowserURL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != want {
		t.Fatalf("%s %s: %d, want %d: %s", method, path, response.StatusCode, want, raw)
	}
	if into != nil {
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatalf("%s %s: %v: %s", method, path, err, raw)
		}
	}
}

func TestRemoteTokens(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	tests := map[string]struct {
		body  string
		claim string
		want  any
	}{
		"a user's":                {`{"user":"alice"}`, "preferred_username", "alice@devtenant.example"},
		"with a claim":            {`{"user":"alice","claims":{"aud":"another"}}`, "aud", "another"},
		"without one":             {`{"user":"alice","claims":{"scp":null}}`, "scp", nil},
		"another API's":           {`{"user":"alice","client":"` + api + `","resource":"` + ordersAppID + `","scopes":["order.read"]}`, "scp", "order.read"},
		"an application's":        {`{"client":"` + reportAppID + `"}`, "idtyp", "app"},
		"nobody's":                {`{"claims":{"sub":"x"}}`, "sub", "x"},
		"nobody's are the tenant": {`{"claims":{}}`, "tid", "de7e0000-0000-4000-8000-000000000000"},
	}
	for name, test := range tests {
		var got struct {
			AccessToken string `json:"access_token"`
		}
		remotely(t, tenant, http.MethodPost, "/tokens", test.body, 200, &got)
		if claims := claimsOf(t, got.AccessToken); claims[test.claim] != test.want {
			t.Errorf("%s: %s is %v", name, test.claim, claims[test.claim])
		}
	}
	for body, want := range map[string]int{`{"user":"nobody"}`: 404, `{"user":"alice","client":"x"}`: 404, `{"usr":"alice"}`: 400, `alice`: 400} {
		remotely(t, tenant, http.MethodPost, "/tokens", body, want, nil)
	}
	// What is made here is as good as what the token endpoint issues.
	var expired, stepped struct {
		AccessToken string `json:"access_token"`
	}
	remotely(t, tenant, http.MethodPost, "/tokens", `{"user":"alice","expired":true}`, 200, &expired)
	refused(t, postToken(t, tenant, exchange(expired.AccessToken, nil)), 500133)
	remotely(t, tenant, http.MethodPost, "/tokens", `{"user":"carol","secondFactor":true}`, 200, &stepped)
	if got := postToken(t, tenant, exchange(stepped.AccessToken, nil)); got.AccessToken == "" {
		t.Errorf("carol with a second factor: %s", got.Description)
	}
}

func TestRemoteUsersAndReset(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	var before, after struct {
		Users []directory.User `json:"users"`
	}
	remotely(t, tenant, http.MethodGet, "/users", "", 200, &before)
	remotely(t, tenant, http.MethodPost, "/users", `{"displayName":"Heidi Hill","mailNickname":"heidi","userPrincipalName":"heidi@devtenant.example",
		"devtenant":{"consent":"organization"},"subscriptions":["de7e0000-0000-4000-8000-000000050001"]}`, 201, nil)
	heidi, ok := tenant.Directory().User("heidi")
	if !ok || !heidi.AccountEnabled || len(tenant.Directory().Subscriptions(heidi.ID)) != 1 {
		t.Errorf("heidi is %+v", heidi)
	}
	remotely(t, tenant, http.MethodPost, "/users", `{"mailNickname":"heidi","userPrincipalName":"heidi@devtenant.example"}`, 400, nil)
	remotely(t, tenant, http.MethodPost, "/users", `{"mailNickname":"ivan","userPrincipalName":"ivan@devtenant.example","subscriptions":["none"]}`, 400, nil)
	remotely(t, tenant, http.MethodDelete, "/users/bob", "", 204, nil)
	remotely(t, tenant, http.MethodDelete, "/users/bob", "", 404, nil)
	token := tenant.AccessToken("alice")
	remotely(t, tenant, http.MethodPost, "/users/alice/revoke-sessions", "", 204, nil)
	remotely(t, tenant, http.MethodPost, "/users/nobody/revoke-sessions", "", 404, nil)
	refused(t, postToken(t, tenant, exchange(token, nil)), 50173)
	remotely(t, tenant, http.MethodPost, "/switches/clock-ahead", "", 200, nil)
	remotely(t, tenant, http.MethodPost, "/switches/mfa", "", 200, nil)

	remotely(t, tenant, http.MethodPost, "/reset", "", 204, nil)
	remotely(t, tenant, http.MethodGet, "/users", "", 200, &after)
	if len(after.Users) != len(before.Users) || after.Users[1].MailNickname != "bob" || len(tenant.SwitchedOn()) != 0 || len(tenant.Requests()) != 0 {
		t.Errorf("after the reset: %d users, switches %v, %d requests", len(after.Users), tenant.SwitchedOn(), len(tenant.Requests()))
	}
	if got := postToken(t, tenant, exchange(token, nil)); got.AccessToken == "" {
		t.Errorf("a token from before the reset: %s", got.Description)
	}
}

func TestRemoteOfAnotherTenant(t *testing.T) {
	t.Parallel()
	contoso, fabrikam := startOrganizations(t)
	var got struct {
		Users []directory.User `json:"users"`
	}
	remotely(t, contoso, http.MethodGet, "/users?tenant="+fabrikam.Directory().Domain(), "", 200, &got)
	if len(got.Users) != len(fabrikam.Directory().Users()) || got.Users[0].ID != fabrikam.Directory().Users()[0].ID {
		t.Errorf("fabrikam's users: %+v", got.Users)
	}
	remotely(t, contoso, http.MethodGet, "/users?tenant=nobody.example", "", 404, nil)
	// Reset is for all of them.
	remotely(t, contoso, http.MethodDelete, "/users/"+got.Users[0].ID+"?tenant="+fabrikam.Directory().TenantID(), "", 204, nil)
	remotely(t, contoso, http.MethodPost, "/reset", "", 204, nil)
	if _, ok := fabrikam.Directory().User(got.Users[0].ID); !ok {
		t.Error("a user of fabrikam is still gone after the reset")
	}
}

func TestRemoteRequestsAndSettings(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	postToken(t, tenant, exchange(tenant.AccessToken("alice"), nil))
	var asked struct {
		Count    int `json:"count"`
		Requests []struct {
			Endpoint, Method, User string
			Status                 int
			Parameters             map[string]string
		} `json:"requests"`
	}
	remotely(t, tenant, http.MethodGet, "/requests?endpoint=token:on_behalf_of", "", 200, &asked)
	if asked.Count != 1 || len(asked.Requests) != 1 || asked.Requests[0].User != "alice" || asked.Requests[0].Status != 200 || asked.Requests[0].Parameters["assertion"] != "[redacted]" {
		t.Errorf("asked: %+v", asked)
	}
	remotely(t, tenant, http.MethodDelete, "/requests", "", 204, nil)
	remotely(t, tenant, http.MethodGet, "/requests", "", 200, &asked)
	if asked.Count != 0 || tenant.Count("token:on_behalf_of") != 0 {
		t.Errorf("after forgetting: %+v", asked)
	}
	var settings map[string]string
	remotely(t, tenant, http.MethodGet, "/settings", "", 200, &settings)
	if settings["AUTHORITY"] != tenant.Authority() || settings["API_CLIENT_SECRET"] == "" {
		t.Errorf("settings: %v", settings)
	}
	response, err := http.Get(tenant.BrowserURL() + "/certificate")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if block, _ := pem.Decode(raw); err != nil || block == nil || block.Type != "CERTIFICATE" {
		t.Errorf("the certificate is %s", raw)
	}
}
