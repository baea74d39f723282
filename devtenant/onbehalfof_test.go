package devtenant_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

func TestOnBehalfOf(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	for _, scope := range []string{armScope, "https://management.azure.com/.default", "https://management.core.windows.net//.default"} {
		got := postToken(t, tenant, exchange(tenant.AccessToken("alice"), map[string]string{"scope": scope + " offline_access openid"}))
		if got.Status != 200 {
			t.Fatalf("%s: %s", scope, got.Description)
		}
		if !slices.Contains(strings.Fields(got.Scope), scope) || got.RefreshToken == "" {
			t.Errorf("scope %q for %s", got.Scope, scope)
		}
		token := claimsOf(t, got.AccessToken)
		if token["oid"] != "de7e0000-0000-4000-8000-0000000000d1" || token["appid"] != api || token["scp"] != "user_impersonation" {
			t.Errorf("token B: %v", token)
		}
		if id := claimsOf(t, got.IDToken); id["aud"] != api {
			t.Errorf("the ID token is for %v", id["aud"])
		}
	}
}

func TestOnBehalfOfRefused(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	signedIn := postToken(t, tenant, redeem(code(t, tenant, "alice", nil), nil))
	appOnly := postToken(t, tenant, map[string]string{
		"grant_type": "client_credentials", "client_id": webUI, "client_secret": webUISecret, "scope": apiDefault,
	})
	otherTenant := devtenant.Start(t)
	claims := func(change func(map[string]any)) string { return tenant.AccessToken("alice", change) }

	tests := map[string]struct {
		assertion string
		change    map[string]string
		want      int
	}{
		"no assertion":             {"", nil, 900144},
		"no requested_token_use":   {tenant.AccessToken("alice"), map[string]string{"requested_token_use": ""}, 900144},
		"not a token":              {"x.y.z", nil, 50013},
		"of another tenant's key":  {otherTenant.AccessToken("alice"), nil, 50013},
		"altered":                  {tenant.AccessToken("alice") + "x", nil, 50013},
		"of another issuer":        {claims(func(c map[string]any) { c["iss"] = "https://evil.example/v2.0" }), nil, 50013},
		"of another tid":           {claims(func(c map[string]any) { c["tid"] = "x" }), nil, 50013},
		"without exp":              {claims(func(c map[string]any) { c["exp"] = nil }), nil, 50013},
		"not valid yet":            {claims(func(c map[string]any) { c["nbf"] = time.Now().Add(time.Hour).Unix() }), nil, 50013},
		"expired":                  {tenant.AccessToken("alice", devtenant.Expired), nil, 500133},
		"for another API":          {claims(func(c map[string]any) { c["aud"] = webUI }), nil, 500131},
		"for Resource Manager":     {postToken(t, tenant, exchange(tenant.AccessToken("alice"), nil)).AccessToken, nil, 500131},
		"an ID token":              {signedIn.IDToken, nil, 240002},
		"app-only":                 {appOnly.AccessToken, nil, 7000114},
		"a user who is gone":       {claims(func(c map[string]any) { c["oid"] = "gone" }), nil, 50034},
		"dave has not consented":   {tenant.AccessToken("dave"), nil, 65001},
		"carol's second factor":    {tenant.AccessToken("carol"), nil, 50076},
		"unknown resource":         {tenant.AccessToken("alice"), map[string]string{"scope": "https://nobody.example/.default"}, 500011},
		"a claims challenge":       {tenant.AccessToken("alice"), map[string]string{"claims": `{"access_token":{"nbf":{"essential":true,"value":"99999999999"}}}`}, 50173},
		"wrong secret":             {tenant.AccessToken("alice"), map[string]string{"client_secret": "wrong"}, 7000215},
		"a public client":          {tenant.AccessToken("alice"), map[string]string{"client_id": azureCLI, "client_secret": ""}, 7000218},
		"another client's token A": {tenant.AccessToken("alice"), map[string]string{"client_id": webUI, "client_secret": webUISecret}, 500131},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := postToken(t, tenant, exchange(test.assertion, test.change))
			refused(t, got, test.want)
			if test.assertion != "" && strings.Contains(got.Raw, test.assertion) {
				t.Error("the assertion is in the answer")
			}
		})
	}
}

func TestCarolsClaims(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	got := postToken(t, tenant, exchange(tenant.AccessToken("carol"), nil))
	var claims struct {
		AccessToken map[string]struct {
			Essential bool     `json:"essential"`
			Values    []string `json:"values"`
		} `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(got.Claims), &claims); err != nil || !claims.AccessToken["capolids"].Essential {
		t.Fatalf("claims %q: %v", got.Claims, err)
	}
	if got := postToken(t, tenant, exchange(tenant.AccessToken("carol", devtenant.WithSecondFactor), nil)); got.Status != 200 {
		t.Errorf("with a second factor: %s", got.Description)
	}

	// The whole way: the web UI signs carol in again with the claims, and the new token A will do.
	agent := browser(tenant)
	answer(t, agent, authorizeURL(tenant, nil), "carol")
	if slices.Contains(agent.Pages, "second-factor") {
		t.Error("a second factor before anyone asked for it")
	}
	again := answer(t, agent, authorizeURL(tenant, map[string]string{"claims": got.Claims}), "carol")
	if !slices.Equal(agent.Pages, []string{"second-factor"}) {
		t.Errorf("pages %v", agent.Pages)
	}
	signedIn := postToken(t, tenant, redeem(again.Get("code"), nil))
	if got := postToken(t, tenant, exchange(signedIn.AccessToken, nil)); got.Status != 200 {
		t.Errorf("after the second factor: %s", got.Description)
	}
	// The session remembers it.
	third := answer(t, agent, authorizeURL(tenant, map[string]string{"claims": got.Claims}), "carol")
	if len(agent.Pages) != 0 || third.Get("code") == "" {
		t.Errorf("pages %v", agent.Pages)
	}
}

func TestStateOfTheTenantDecidesOnBehalfOf(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*testing.T, *devtenant.Tenant)
		want   int
	}{
		"consent withdrawn": {func(t *testing.T, tenant *devtenant.Tenant) {
			alice, _ := tenant.Directory().User("alice")
			tenant.Directory().WithdrawConsent(alice.ID)
		}, 65001},
		"sessions revoked": {func(t *testing.T, tenant *devtenant.Tenant) {
			if err := tenant.RevokeSessions("alice"); err != nil {
				t.Fatal(err)
			}
		}, 50173},
		"user disabled": {func(t *testing.T, tenant *devtenant.Tenant) {
			if _, err := tenant.Directory().UpdateUser("alice", func(u *directory.User) { u.AccountEnabled = false }); err != nil {
				t.Fatal(err)
			}
		}, 50057},
		"keys withdrawn": {func(t *testing.T, tenant *devtenant.Tenant) {
			if err := tenant.WithdrawKeys(); err != nil {
				t.Fatal(err)
			}
		}, 50013},
		"keys rotated": {func(t *testing.T, tenant *devtenant.Tenant) {
			if err := tenant.RotateKeys(); err != nil {
				t.Fatal(err)
			}
		}, 0},
		"clock moved": {func(t *testing.T, tenant *devtenant.Tenant) { tenant.MoveClock(2 * time.Hour) }, 500133},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := devtenant.Start(t)
			assertion := tenant.AccessToken("alice")
			test.change(t, tenant)
			got := postToken(t, tenant, exchange(assertion, nil))
			if test.want == 0 {
				if got.Status != 200 {
					t.Errorf("refused: %s", got.Description)
				}
				return
			}
			refused(t, got, test.want)
		})
	}
}
