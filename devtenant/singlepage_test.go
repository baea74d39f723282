package devtenant_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

const spaURI = "http://localhost:3000/"

// registerSPA registers an application that is nothing but a page, with permission for the sample's API.
func registerSPA(t *testing.T, tenant *devtenant.Tenant, redirectURIs ...string) directory.Application {
	t.Helper()
	registered, err := tenant.Directory().CreateApplication(directory.Application{
		DisplayName: "single-page application", SPA: directory.SPAApplication{RedirectURIs: redirectURIs},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tenant.Directory().CreateServicePrincipal(directory.ServicePrincipal{AppID: registered.AppID}); err != nil {
		t.Fatal(err)
	}
	if err := tenant.Directory().Consent(registered.AppID, api, "", []string{"access_as_user"}); err != nil {
		t.Fatal(err)
	}
	return registered
}

// postFrom is postToken by a page of some site.
func postFrom(t *testing.T, tenant *devtenant.Tenant, origin string, form map[string]string) tokenReply {
	t.Helper()
	values := url.Values{}
	for name, value := range form {
		if value != "" {
			values.Set(name, value)
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tenant.Authority()+"/oauth2/v2.0/token", strings.NewReader(values.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", origin)
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	got := sendToken(t, tenant, request)
	if got.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Error("the page couldn't read the answer")
	}
	return got
}

func TestSinglePageApplication(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	spa := registerSPA(t, tenant, spaURI)
	const origin = "http://localhost:3000"
	signIn := func(change map[string]string) map[string]string {
		t.Helper()
		agent := devtenant.NewUserAgent(tenant)
		agent.StopAt(spaURI)
		got := answer(t, agent, authorizeURL(tenant, altered(map[string]string{"client_id": spa.AppID, "redirect_uri": spaURI}, change)), "alice")
		return redeem(got.Get("code"), map[string]string{"client_id": spa.AppID, "client_secret": "", "redirect_uri": spaURI})
	}

	got := postFrom(t, tenant, origin, signIn(nil))
	if got.Status != 200 || claimsOf(t, got.AccessToken)["azpacr"] != "0" || got.RefreshToken == "" {
		t.Fatalf("%d %s", got.Status, got.Description)
	}
	renew := map[string]string{"grant_type": "refresh_token", "client_id": spa.AppID, "refresh_token": got.RefreshToken, "scope": apiScope + " offline_access"}
	renewed := postFrom(t, tenant, origin, renew)
	if renewed.Status != 200 {
		t.Fatal(renewed.Description)
	}
	refused(t, postToken(t, tenant, renew), 9002327)
	refused(t, postToken(t, tenant, signIn(nil)), 9002327)
	refused(t, postFrom(t, tenant, origin, altered(signIn(map[string]string{"code_challenge": "", "code_challenge_method": ""}), map[string]string{"code_verifier": ""})), 9002325)

	tenant.MoveClock(13 * time.Hour)
	renew["refresh_token"] = renewed.RefreshToken
	if renewed = postFrom(t, tenant, origin, renew); renewed.Status != 200 {
		t.Fatal(renewed.Description)
	}
	tenant.MoveClock(12 * time.Hour)
	renew["refresh_token"] = renewed.RefreshToken
	refused(t, postFrom(t, tenant, origin, renew), 700084) // 25 hours after the sign-in, 12 after the last renewal
}

// What wasn't issued to a single-page application is not for pages, whoever the client is.
func TestCrossOriginRedemption(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	const origin = "https://page.example"
	signedIn := postToken(t, tenant, redeem(code(t, tenant, "alice", nil), nil))
	for name, form := range map[string]map[string]string{
		"a code":             redeem(code(t, tenant, "alice", nil), nil),
		"a refresh token":    refresh(signedIn.RefreshToken, nil),
		"on behalf of":       exchange(tenant.AccessToken("alice"), nil),
		"client credentials": {"grant_type": "client_credentials", "client_id": api, "client_secret": apiSecret, "scope": "https://management.azure.com/.default"},
	} {
		got := postFrom(t, tenant, origin, form)
		refused(t, got, 9002326)
		if !strings.Contains(got.Description, "'"+origin+"'") {
			t.Errorf("%s: %s", name, got.Description)
		}
	}
	// An application with both platforms has to prove itself for what it got at the other.
	registered, _ := tenant.Directory().ApplicationByAppID(webUI)
	if _, err := tenant.Directory().UpdateApplication(registered.ID, func(a *directory.Application) error {
		a.SPA.RedirectURIs = []string{spaURI}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	refused(t, postToken(t, tenant, redeem(code(t, tenant, "alice", nil), map[string]string{"client_secret": ""})), 7000218)
	refused(t, postToken(t, tenant, map[string]string{"grant_type": "client_credentials", "client_id": webUI, "scope": "https://management.azure.com/.default"}), 7000218)
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, tenant.Authority()+"/oauth2/v2.0/token", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", "http://localhost:3000")
	request.Header.Set("Access-Control-Request-Method", "POST")
	request.Header.Set("Access-Control-Request-Headers", "client-request-id")
	response, err := tenant.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	h := response.Header
	if response.StatusCode != http.StatusNoContent || h.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(h.Get("Access-Control-Allow-Methods"), "POST") ||
		h.Get("Access-Control-Allow-Headers") != "client-request-id" || h.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("%d %v", response.StatusCode, h)
	}
}
