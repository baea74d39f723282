// Package other is a module of its own that tests against devtenant, as yours could.
package other

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

func TestExchange(t *testing.T) {
	tenant := devtenant.Start(t)
	settings := tenant.Settings()
	exchange := func(user string) (status int, body map[string]any) {
		response, err := tenant.Client().PostForm(settings["AUTHORITY"]+"/oauth2/v2.0/token", url.Values{
			"grant_type":          {"urn:ietf:params:oauth:grant-type:jwt-bearer"},
			"requested_token_use": {"on_behalf_of"},
			"assertion":           {tenant.AccessToken(user)},
			"client_id":           {settings["API_CLIENT_ID"]},
			"client_secret":       {settings["API_CLIENT_SECRET"]},
			"scope":               {"https://management.azure.com/user_impersonation"},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, body
	}
	if status, body := exchange("alice"); status != http.StatusOK || body["access_token"] == nil {
		t.Errorf("alice: %d %v", status, body["error"])
	}
	if status, body := exchange("carol"); status != http.StatusBadRequest || body["claims"] == nil {
		t.Errorf("carol, who needs a second factor: %d %v", status, body["error"])
	}
	if err := tenant.Switch("user-disabled", devtenant.For("alice")); err != nil {
		t.Fatal(err)
	}
	if status, body := exchange("alice"); status != http.StatusBadRequest || body["error"] != "invalid_grant" {
		t.Errorf("alice, disabled: %d %v", status, body["error"])
	}
}
