package azurenames

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

const (
	tenantID = "de7e0000-0000-4000-8000-000000000000"
	cliAppID = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
	apiAppID = "de7e0000-0000-4000-8000-0000000000a2"
	apiURI   = "api://" + apiAppID

	production = "/subscriptions/de7e0000-0000-4000-8000-000000050001"
)

// account is what az account list and az login write of a subscription, or of a tenant without one.
type account struct {
	ID, Name, State, TenantID string
	User                      struct{ Name, Type string }
}

func TestLoginByDeviceCode(t *testing.T) {
	tenant := start(t)
	for name, arguments := range map[string][]string{
		"without a tenant": nil,
		"with a tenant":    {"--tenant", tenantID},
		"with its domain":  {"--tenant", "devtenant.example"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCLI(t, tenant)
			var accounts []account
			c.loginByDevice(t, &accounts, "alice", arguments...)
			if len(accounts) != 3 || accounts[0].ID != production[len("/subscriptions/"):] || accounts[0].TenantID != tenantID || accounts[0].User.Name != "alice@devtenant.example" {
				t.Errorf("signed in to %+v", accounts)
			}
			c.run(t, &accounts, "account", "list", "--all", "--refresh")
			if len(accounts) != 3 {
				t.Errorf("account list: %+v", accounts)
			}
			if claims := c.token(t); claims["aud"] != "https://management.core.windows.net/" || claims["appid"] != cliAppID || claims["appidacr"] != "0" || claims["ver"] != "1.0" {
				t.Errorf("get-access-token: %v", claims)
			}
		})
	}
	t.Run("nobody's subscriptions", func(t *testing.T) {
		t.Parallel()
		c := newCLI(t, tenant)
		if r := c.tryLoginByDevice(t, "bob"); r.err == nil || !strings.Contains(r.stderr, "No subscriptions found for bob@devtenant.example") {
			t.Errorf("%v: %s", r.err, r.stderr)
		}
		var accounts []account
		c.loginByDevice(t, &accounts, "bob", "--allow-no-subscriptions")
		if len(accounts) != 1 || accounts[0].ID != tenantID {
			t.Errorf("signed in to %+v", accounts)
		}
	})
	t.Run("several pages", func(t *testing.T) {
		t.Parallel()
		var accounts []account
		newCLI(t, tenant).loginByDevice(t, &accounts, "grace")
		if len(accounts) != 250 {
			t.Errorf("%d subscriptions", len(accounts))
		}
	})
}

func TestLoginByPassword(t *testing.T) {
	c := newCLI(t, start(t, allowPasswords))
	c.loginByPassword(t)
	if claims := c.token(t); claims["upn"] != "alice@devtenant.example" || claims["appid"] != cliAppID {
		t.Errorf("get-access-token: %v", claims)
	}
	if r := c.try(t, "login", "--username", "alice@devtenant.example", "--password", "wrong"); r.err == nil || !strings.Contains(r.stderr, "AADSTS50126") {
		t.Errorf("a wrong password: %v: %s", r.err, r.stderr)
	}
}

// A token for an API of the tenant's own: the CLI is a client like others there. The user consents once, or the API
// pre-authorizes the CLI.
func TestTokenForAnOwnAPI(t *testing.T) {
	t.Run("by consent", func(t *testing.T) {
		c := administrator(t)
		if r := c.try(t, "account", "get-access-token", "--resource", apiURI); r.err == nil || !strings.Contains(r.stderr, "AADSTS65001") {
			t.Errorf("without consent: %v: %s", r.err, r.stderr)
		}
		c.loginByDevice(t, nil, "alice", "--scope", apiURI+"/.default")
		if pages := strings.Join(c.pages, " "); pages != "sign-in consent" {
			t.Errorf("the user saw %s, want one page of consent", pages)
		}
		for range 2 { // from the cache, too
			if claims := c.token(t, "--scope", apiURI+"/.default"); claims["aud"] != apiAppID || !hasScope(claims, "access_as_user") || claims["azp"] != cliAppID {
				t.Errorf("the token is %v", claims)
			}
		}
	})
	t.Run("pre-authorized", func(t *testing.T) {
		c := administrator(t)
		c.run(t, nil, "rest", "--method", "patch", "--url", "https://graph.microsoft.com/v1.0/applications(appId='"+apiAppID+"')", "--body",
			`{"api":{"preAuthorizedApplications":[{"appId":"`+cliAppID+`","delegatedPermissionIds":["de7e0000-0000-4000-8000-0000000000e1"]}]}}`)
		if claims := c.token(t, "--resource", apiURI); claims["aud"] != apiAppID || !hasScope(claims, "access_as_user") {
			t.Errorf("the token is %v", claims)
		}
	})
}

func TestRest(t *testing.T) {
	c := administrator(t)
	t.Run("Resource Manager", func(t *testing.T) {
		var list struct{ Count struct{ Value int } }
		c.run(t, &list, "rest", "--url", "/subscriptions?api-version=2022-12-01")
		var one struct{ DisplayName, AuthorizationSource string }
		c.run(t, &one, "rest", "--url", production+"?api-version=2022-12-01")
		if list.Count.Value != 3 || one.DisplayName != "Contoso production" || one.AuthorizationSource != "RoleBased" {
			t.Errorf("%+v, %+v", list, one)
		}
		var locations []struct{ Name string }
		c.run(t, &locations, "account", "list-locations")
		if len(locations) != 3 {
			t.Errorf("locations: %+v", locations)
		}
		if r := c.try(t, "rest", "--url", production+"/resourceGroups?api-version=2022-12-01"); r.err == nil || !strings.Contains(r.stderr, "InvalidResourceNamespace") {
			t.Errorf("an unknown path: %v: %s", r.err, r.stderr)
		}
	})
	t.Run("Graph", func(t *testing.T) {
		var me, user struct{ DisplayName, UserPrincipalName string }
		c.run(t, &me, "rest", "--url", "https://graph.microsoft.com/v1.0/me")
		c.run(t, &user, "ad", "signed-in-user", "show")
		if me.UserPrincipalName != "alice@devtenant.example" || user != me {
			t.Errorf("%+v, %+v", me, user)
		}
	})
}

func hasScope(claims map[string]any, scope string) bool {
	scp, _ := claims["scp"].(string)
	return slices.Contains(strings.Fields(scp), scope)
}

// claimsOf reads a token without checking it: what the CLI got is whatever devtenant signed.
func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	claims := map[string]any{}
	if len(parts) != 3 {
		t.Fatal("not a token")
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(raw, &claims)
	}
	if err != nil {
		t.Fatal(err)
	}
	return claims
}
