package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// ownToken is a token that an application of the tenant got for the API by client credentials.
func ownToken(t *testing.T, tenant *devtenant.Tenant, clientID, clientSecret string) string {
	t.Helper()
	resource, _, _ := strings.Cut(tenant.Settings()["WEBUI_API_SCOPE"], "/access_as_user")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tenant.Authority()+"/oauth2/v2.0/token", strings.NewReader(url.Values{
		"grant_type": {"client_credentials"}, "client_id": {clientID}, "client_secret": {clientSecret}, "scope": {resource + "/.default"},
	}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := tenant.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var body struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil || body.AccessToken == "" {
		t.Fatalf("no token: %d %v", response.StatusCode, err)
	}
	return body.AccessToken
}

// TestAProgramWithoutAUser: with the app role it sees what the API itself may see, on its own route alone.
func TestAProgramWithoutAUser(t *testing.T) {
	t.Parallel()
	tenant, api := startWithDevtenant(t, nil)
	sample := tenant.Directory().Sample()
	withRole := ownToken(t, tenant, sample.Daemon.AppID, sample.Daemon.ClientSecret)
	without := ownToken(t, tenant, sample.DaemonWithoutRole.AppID, sample.DaemonWithoutRole.ClientSecret)
	alice := tenant.AccessToken("alice")
	const own = "/application/subscriptions"
	for _, test := range []struct {
		name, path, token string
		status            int
		code              string
	}{
		{"with the role", own, withRole, 200, ""},
		{"with the role, again", own, withRole, 200, ""},
		{"without a role", own, without, 403, "missing_app_role"},
		{"a user", own, alice, 403, "missing_app_role"},
		{"a user who has the role", own, tenant.AccessToken("alice", func(claims map[string]any) { claims["roles"] = []string{"Subscriptions.Read.All"} }), 403, "missing_app_role"},
		{"the users' route", "/subscriptions", withRole, 403, "app_only_token"},
		{"the users' route, without a role", "/subscriptions", without, 403, "app_only_token"},
		{"the profile", "/profile", withRole, 403, "app_only_token"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := api.path(t, "GET", test.path, test.token, "")
			if got.status != test.status || (test.code != "" && got.problem(t).Code != test.code) {
				t.Fatalf("got %d %s", got.status, got.body)
			}
			// Contoso production and staging: the API's service principal is a reader of both.
			if test.status == 200 && got.list(t).Count != 2 {
				t.Errorf("got %s", got.body)
			}
		})
	}
	if exchanged := exchanges(tenant); len(exchanged) != 0 {
		t.Errorf("exchanged %q", exchanged)
	}
	if asked := tenant.Count("token:client_credentials"); asked != 3 { // two programs, and the API once for two requests
		t.Errorf("%d requests for applications' own tokens", asked)
	}
}

// TestEntraRefusesTheAPIItself: that is no reason for the program to get another token.
func TestEntraRefusesTheAPIItself(t *testing.T) {
	t.Parallel()
	tenant, api := startWithDevtenant(t, nil)
	sample := tenant.Directory().Sample()
	token := ownToken(t, tenant, sample.Daemon.AppID, sample.Daemon.ClientSecret)
	tenant.Faults().Set(devtenant.Fault{Name: "expired", Endpoint: "token:client_credentials", AADSTS: 7000222})
	got := api.path(t, "GET", "/application/subscriptions", token, "")
	if got.status != http.StatusBadGateway || got.problem(t).Code != "expired_client_secret" {
		t.Errorf("got %d %s", got.status, got.body)
	}
	if strings.Contains(api.log.String(), "eyJ") {
		t.Error("the log holds a token")
	}
}
