package devtenant_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

const consumersTenant = "9188040d-6c67-4c5b-b112-36a304b66dad"

func startOrganizations(t *testing.T) (contoso, fabrikam *devtenant.Tenant) {
	t.Helper()
	contoso = devtenant.Start(t, func(o *devtenant.Options) { o.MultiTenant = true })
	return contoso, contoso.In("fabrikam")
}

// Fabrikam is there beside any directory but its own, unless the options say which others there are.
func TestOthers(t *testing.T) {
	t.Parallel()
	const contoso, fabrikam = "devtenant.example", "fabrikam.example"
	for name, test := range map[string]struct {
		options devtenant.Options
		want    []string
	}{
		"none named":               {devtenant.Options{}, []string{contoso, fabrikam}},
		"a directory of one's own": {devtenant.Options{Directory: directory.Default()}, []string{contoso, fabrikam}},
		"Fabrikam is the first":    {devtenant.Options{Directory: directory.Fabrikam()}, []string{fabrikam}},
		"no others":                {devtenant.Options{Others: []*directory.Directory{}}, []string{contoso}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant, err := devtenant.New(test.options)
			if err != nil {
				t.Fatal(err)
			}
			var domains []string
			for _, one := range tenant.Tenants() {
				domains = append(domains, one.Directory().Domain())
				if tenant.In(one.Directory().Domain()) != one {
					t.Errorf("In(%q) is another", one.Directory().Domain())
				}
			}
			if !slices.Equal(domains, test.want) {
				t.Errorf("%q, want %q", domains, test.want)
			}
			defer func() {
				if said, want := fmt.Sprint(recover()), "there is no tenant adatum, only "+strings.Join(test.want, ", "); !strings.HasSuffix(said, want) {
					t.Errorf("In of a tenant that isn't there: %s", said)
				}
			}()
			tenant.In("adatum")
		})
	}
}

// at is an authorization request of the web UI to another authority than the first tenant's.
func at(tenant *devtenant.Tenant, segment string, change map[string]string) string {
	return strings.Replace(authorizeURL(tenant, change), "/"+tenant.Directory().TenantID()+"/", "/"+segment+"/", 1)
}

// postTokenAt is postToken at another authority.
func postTokenAt(t *testing.T, tenant *devtenant.Tenant, segment string, form map[string]string) tokenReply {
	t.Helper()
	values := url.Values{}
	for name, value := range form {
		if value != "" {
			values.Set(name, value)
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tenant.BackURL()+"/"+segment+"/oauth2/v2.0/token", strings.NewReader(values.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return sendToken(t, tenant, request)
}

// Users of two organizations sign in at /organizations; each gets tokens of their own tenant, exchanged there.
func TestOrganizations(t *testing.T) {
	t.Parallel()
	contoso, fabrikam := startOrganizations(t)
	if got := contoso.Settings(); got["AUTHORITY"] != contoso.BackURL()+"/organizations" || got["ALLOWED_TENANTS"] != contoso.Directory().TenantID()+","+fabrikam.Directory().TenantID() {
		t.Errorf("settings: %s, %s", got["AUTHORITY"], got["ALLOWED_TENANTS"])
	}
	if err := fabrikam.GrantAdminConsent(webUI); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		user, segment string
		tenant        *devtenant.Tenant
		subscriptions int
	}{
		{"alice", "organizations", contoso, 3},
		{"alice", "common", contoso, 3},
		{"paul", "organizations", fabrikam, 1},
		{"frank", "organizations", fabrikam, 1},    // at home
		{"frank", "devtenant.example", contoso, 0}, // as a guest
		{"alice", "fabrikam.example", fabrikam, 1}, // as a guest
		{"alice@devtenant.example", "common", contoso, 3},
	}
	for _, test := range tests {
		t.Run(test.user+" at "+test.segment, func(t *testing.T) {
			t.Parallel()
			got := answer(t, browser(contoso), at(contoso, test.segment, nil), test.user)
			signedIn := postTokenAt(t, contoso, test.segment, redeem(got.Get("code"), nil))
			if signedIn.Status != http.StatusOK {
				t.Fatalf("%v: %s", got, signedIn.Description)
			}
			tid := test.tenant.Directory().TenantID()
			for name, raw := range map[string]string{"access token": signedIn.AccessToken, "ID token": signedIn.IDToken} {
				if claims := claimsOf(t, raw); claims["tid"] != tid || claims["iss"] != contoso.BackURL()+"/"+tid+"/v2.0" {
					t.Errorf("%s: tid %v, iss %v, want %s", name, claims["tid"], claims["iss"], tid)
				}
			}
			renewed := postTokenAt(t, contoso, test.segment, map[string]string{
				"grant_type": "refresh_token", "refresh_token": signedIn.RefreshToken, "client_id": webUI, "client_secret": webUISecret, "scope": apiScope,
			})
			if renewed.Status != http.StatusOK || claimsOf(t, renewed.AccessToken)["tid"] != tid {
				t.Errorf("renewed: %s", renewed.Description)
			}
			// The exchange goes to the token's own tenant, and nowhere else.
			other := contoso
			if test.tenant == contoso {
				other = fabrikam
			}
			refused(t, postTokenAt(t, contoso, other.Directory().TenantID(), exchange(signedIn.AccessToken, nil)), 50013)
			refused(t, postTokenAt(t, contoso, "organizations", exchange(signedIn.AccessToken, nil)), 9001023)
			refused(t, postTokenAt(t, contoso, "common", exchange(signedIn.AccessToken, nil)), 9001023)
			exchanged := postTokenAt(t, contoso, tid, exchange(signedIn.AccessToken, nil))
			if exchanged.Status != http.StatusOK {
				t.Fatalf("the exchange: %s", exchanged.Description)
			}
			reply := getSubscriptions(t, contoso, contoso.ResourceManagerURL()+"/subscriptions?api-version=2022-12-01", "Bearer "+exchanged.AccessToken)
			if reply.Status != http.StatusOK || len(reply.Value) != test.subscriptions {
				t.Errorf("%d, %d subscriptions, want %d", reply.Status, len(reply.Value), test.subscriptions)
			}
		})
	}
}

func TestOrganizationsDiscovery(t *testing.T) {
	t.Parallel()
	contoso, fabrikam := startOrganizations(t)
	for segment, issuer := range map[string]string{
		"organizations": "{tenantid}", "common": "{tenantid}", "consumers": consumersTenant, "fabrikam.example": fabrikam.Directory().TenantID(),
		fabrikam.Directory().TenantID(): fabrikam.Directory().TenantID(), contoso.Directory().TenantID(): contoso.Directory().TenantID(),
	} {
		_, document := getJSON(t, contoso, contoso.BackURL()+"/"+segment+"/v2.0/.well-known/openid-configuration")
		if document["issuer"] != contoso.BackURL()+"/"+issuer+"/v2.0" {
			t.Errorf("%s: issuer %v", segment, document["issuer"])
		}
		if segment == "consumers" {
			continue
		}
		uri, _ := document["jwks_uri"].(string)
		_, set := getJSON(t, contoso, uri)
		keys, _ := set["keys"].([]any)
		for _, key := range keys {
			if got := key.(map[string]any)["issuer"]; got != document["issuer"] {
				t.Errorf("%s: a key's issuer is %v", segment, got)
			}
		}
	}
	if status, document := getJSON(t, contoso, contoso.BackURL()+"/nobody.example/v2.0/.well-known/openid-configuration"); status != http.StatusBadRequest {
		t.Errorf("a tenant of nobody's: %d %v", status, document)
	}
}

// Whoever isn't let in yet: by the client, by the API, by an administrator, and personal accounts.
func TestNotLetIn(t *testing.T) {
	t.Parallel()
	contoso, fabrikam := startOrganizations(t)
	tid := fabrikam.Directory().TenantID()
	page := func(agent *devtenant.UserAgent, address, user string) string {
		response, err := agent.SignIn(t.Context(), address, user)
		if err != nil {
			t.Fatal(err)
		}
		return body(t, response)
	}
	// Paul may consent to nothing; the page leads back to the application with an error.
	agent := browser(contoso)
	if got := answer(t, agent, at(contoso, "organizations", nil), "paul"); got.Get("error") == "" || !strings.Contains(got.Get("error_description"), "AADSTS90094") {
		t.Errorf("paul: %v after %v", got, agent.Pages)
	}
	// A single scope of an API that isn't there asks nobody. Its client is known to it, so that one page would do for both;
	// the daemon is not.
	if got := page(browser(contoso), at(contoso, tid, map[string]string{"scope": "api://" + orders + "/order.read"}), "olivia"); !strings.Contains(got, "AADSTS650052") {
		// The redirect URI is known by then, so the application is told.
		if got := answer(t, browser(contoso), at(contoso, tid, map[string]string{"scope": "api://" + orders + "/order.read"}), "olivia"); !strings.Contains(got.Get("error_description"), "AADSTS650052") {
			t.Errorf("orders: %v", got)
		}
	}
	refused(t, postTokenAt(t, contoso, tid, map[string]string{"grant_type": "client_credentials", "client_id": webUI, "client_secret": webUISecret, "scope": "https://management.azure.com/.default"}), 700016)
	refused(t, postTokenAt(t, contoso, tid, exchange(contoso.AccessToken("alice"), nil)), 700016)
	if got := page(browser(contoso), at(contoso, "consumers", nil), ""); !strings.Contains(got, "AADSTS50020") {
		t.Error("a personal account gets no 50020")
	}
	if got := page(browser(contoso), at(contoso, consumersTenant, nil), ""); !strings.Contains(got, "AADSTS50020") {
		t.Error("the tenant of personal accounts is one")
	}

	single := devtenant.Start(t) // its applications are for one organization
	if got := page(browser(single), at(single, tid, nil), "olivia"); !strings.Contains(got, "AADSTS700016") {
		t.Error("a single-tenant application exists in another tenant")
	}
	fromFabrikam := browser(single) // signed in there already, to one of Microsoft's clients
	fromFabrikam.StopAt("http://localhost:54321")
	answer(t, fromFabrikam, at(single, tid, map[string]string{"client_id": azureCLI, "redirect_uri": "http://localhost:54321", "scope": armScope}), "olivia")
	for name, agent := range map[string]*devtenant.UserAgent{"nobody": browser(single), "olivia": fromFabrikam} {
		if got := page(agent, at(single, "organizations", nil), "olivia"); !strings.Contains(got, "AADSTS50194") {
			t.Errorf("a single-tenant application may use /organizations where %s is signed in", name)
		}
	}
	if err := single.In("fabrikam").GrantAdminConsent(webUI); err == nil {
		t.Error("a single-tenant application was let in")
	}
}

// An administrator lets the sample in by a link: with a state, without one, and not.
func TestAdminConsent(t *testing.T) {
	t.Parallel()
	link := func(tenant *devtenant.Tenant, path, query string) string {
		return tenant.BrowserURL() + path + "?client_id=" + webUI + query
	}
	withRedirect := "&state=s2&redirect_uri=" + url.QueryEscape(redirectURI)
	t.Run("accepted", func(t *testing.T) {
		t.Parallel()
		contoso, fabrikam := startOrganizations(t)
		agent := browser(contoso)
		got := answer(t, agent, link(contoso, "/organizations/v2.0/adminconsent", withRedirect), "olivia")
		if got.Get("admin_consent") != "True" || got.Get("tenant") != fabrikam.Directory().TenantID() || got.Get("state") != "s2" || got.Get("scope") == "" {
			t.Errorf("answered with %v after %v", got, agent.Pages)
		}
		if !slices.Equal(agent.Pages, []string{"sign-in", "consent"}) {
			t.Errorf("pages %v", agent.Pages)
		}
		for _, appID := range []string{webUI, api} {
			if _, ok := fabrikam.Directory().ServicePrincipalByAppID(appID); !ok {
				t.Errorf("%s has no service principal in Fabrikam", appID)
			}
		}
		if granted := fabrikam.Directory().GrantedScopes(api, directory.ResourceManagerAppID, ""); !slices.Contains(granted, "user_impersonation") {
			t.Errorf("the API may ask Resource Manager for %v", granted)
		}
		paul := browser(contoso)
		if got := answer(t, paul, at(contoso, "organizations", nil), "paul"); got.Get("code") == "" || !slices.Equal(paul.Pages, []string{"sign-in"}) {
			t.Errorf("paul: %v after %v", got, paul.Pages)
		}
	})
	t.Run("the portal's link", func(t *testing.T) {
		t.Parallel()
		contoso, fabrikam := startOrganizations(t)
		got := answer(t, browser(contoso), link(contoso, "/"+fabrikam.Directory().TenantID()+"/adminconsent", ""), "olivia")
		if got.Get("admin_consent") != "True" || got.Has("state") || got.Has("error") {
			t.Errorf("answered with %v", got)
		}
	})
	t.Run("declined", func(t *testing.T) {
		t.Parallel()
		contoso, fabrikam := startOrganizations(t)
		agent := browser(contoso)
		agent.Consent = false
		got := answer(t, agent, link(contoso, "/organizations/v2.0/adminconsent", withRedirect), "olivia")
		if got.Get("error") != "access_denied" || got.Get("admin_consent") != "True" || got.Get("state") != "s2" {
			t.Errorf("answered with %v", got)
		}
		if _, ok := fabrikam.Directory().ServicePrincipalByAppID(webUI); ok {
			t.Error("it was let in all the same")
		}
	})
	t.Run("by somebody else", func(t *testing.T) {
		t.Parallel()
		contoso, _ := startOrganizations(t)
		got := answer(t, browser(contoso), link(contoso, "/organizations/v2.0/adminconsent", withRedirect), "frank")
		if got.Get("error") == "" || !strings.Contains(got.Get("error_description"), "AADSTS90094") || got.Get("admin_consent") != "True" {
			t.Errorf("answered with %v", got)
		}
	})
	t.Run("an address of somebody else's", func(t *testing.T) {
		t.Parallel()
		contoso, _ := startOrganizations(t)
		response, err := browser(contoso).SignIn(t.Context(), link(contoso, "/organizations/v2.0/adminconsent", "&redirect_uri=https://evil.example/"), "olivia")
		if err != nil {
			t.Fatal(err)
		}
		if page := body(t, response); !strings.Contains(page, "AADSTS50011") {
			t.Error("the redirect URI was not refused")
		}
	})
}

// Real clients at /organizations: MSAL takes the issuer's template, signs in and renews there, and exchanges at the token's
// own tenant.
func TestMSALGoOrganizations(t *testing.T) {
	t.Parallel()
	contoso, fabrikam := startOrganizations(t)
	if err := fabrikam.GrantAdminConsent(webUI); err != nil {
		t.Fatal(err)
	}
	client := func(authority, clientID, value string) confidential.Client {
		made, err := confidential.New(authority, clientID, secret(t, value), confidential.WithHTTPClient(contoso.Client()), confidential.WithInstanceDiscovery(false))
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	web := client(contoso.Settings()["AUTHORITY"], webUI, webUISecret)
	for user, tenant := range map[string]*devtenant.Tenant{"grace": contoso, "paul": fabrikam} {
		got := answer(t, browser(contoso), at(contoso, "organizations", nil), user)
		signedIn, err := web.AcquireTokenByAuthCode(t.Context(), got.Get("code"), redirectURI, []string{apiDefault}, confidential.WithChallenge(verifier))
		if err != nil {
			t.Fatalf("%s: %d", user, contoso.Requests()[0].AADSTS)
		}
		if signedIn.IDToken.TenantID != tenant.Directory().TenantID() {
			t.Errorf("%s signed in to %s", user, signedIn.IDToken.TenantID)
		}
		renewed, err := web.AcquireTokenSilent(t.Context(), []string{apiScope}, confidential.WithSilentAccount(signedIn.Account), confidential.WithTenantID(signedIn.IDToken.TenantID))
		if err != nil || claimsOf(t, renewed.AccessToken)["tid"] != tenant.Directory().TenantID() {
			t.Errorf("%s: renewing: %d", user, contoso.Requests()[0].AADSTS)
		}
		middleTier := client(tenant.Authority(), api, apiSecret)
		if _, err := middleTier.AcquireTokenOnBehalfOf(t.Context(), signedIn.AccessToken, []string{armScope}); err != nil {
			t.Errorf("%s: the exchange: %d", user, contoso.Requests()[0].AADSTS)
		}
	}
	device, err := public.New(console, public.WithAuthority(contoso.BackURL()+"/organizations"), public.WithHTTPClient(contoso.Client()), public.WithInstanceDiscovery(false))
	if err != nil {
		t.Fatal(err)
	}
	waiting, err := device.AcquireTokenByDeviceCode(t.Context(), []string{apiScope})
	if err != nil {
		t.Fatal(err)
	}
	agent := devtenant.NewUserAgent(contoso)
	if _, err := agent.EnterDeviceCode(t.Context(), waiting.Result.VerificationURL, waiting.Result.UserCode, "olivia"); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(agent.Pages, []string{"sign-in", "consent"}) {
		t.Errorf("pages %v: the console is new in Fabrikam", agent.Pages)
	}
	got, err := waiting.AuthenticationResult(t.Context())
	if err != nil {
		t.Fatalf("by device code: %d", contoso.Requests()[0].AADSTS)
	}
	if claims := claimsOf(t, got.AccessToken); claims["tid"] != fabrikam.Directory().TenantID() || claims["azp"] != console {
		t.Errorf("by device code: %v", claims)
	}
}

// Graph and switches are each tenant's own.
func TestTenantsApart(t *testing.T) {
	t.Parallel()
	contoso, fabrikam := startOrganizations(t)
	if err := fabrikam.GrantAdminConsent(webUI); err != nil {
		t.Fatal(err)
	}
	got := postTokenAt(t, contoso, fabrikam.Directory().TenantID(), exchange(fabrikam.AccessToken("olivia"), map[string]string{"scope": "https://graph.microsoft.com/User.Read"}))
	if got.Status != http.StatusOK {
		t.Fatal(got.Description)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, contoso.BackURL()+"/v1.0/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+got.AccessToken)
	response, err := contoso.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var me struct {
		UserPrincipalName string `json:"userPrincipalName"`
	}
	if err := json.NewDecoder(response.Body).Decode(&me); err != nil || me.UserPrincipalName != "olivia@fabrikam.example" {
		t.Errorf("/me is %q (%d)", me.UserPrincipalName, response.StatusCode)
	}
	if err := contoso.Switch("user-disabled", devtenant.For("olivia")); err != nil {
		t.Fatal(err)
	}
	refused(t, postTokenAt(t, contoso, fabrikam.Directory().TenantID(), exchange(fabrikam.AccessToken("olivia"), nil)), 50057)
	contoso.ClearSwitches()
	if got := postTokenAt(t, contoso, fabrikam.Directory().TenantID(), exchange(fabrikam.AccessToken("olivia"), nil)); got.Status != http.StatusOK {
		t.Errorf("after the switch was cleared: %s", got.Description)
	}
	// Contoso's Resource Manager refuses Fabrikam's token only because there is no such tenant there: tid decides who is asked.
	if _, err := contoso.VerifyToken(fabrikam.AccessToken("olivia"), api); err == nil {
		t.Error("Contoso takes Fabrikam's token for its own")
	}
}

// The page at /organizations says whose account each is; a guest is shown at home only.
func TestPickerShowsTenants(t *testing.T) {
	t.Parallel()
	contoso, _ := startOrganizations(t)
	response, err := browser(contoso).Get(t.Context(), at(contoso, "organizations", nil))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	for _, want := range []string{"olivia@fabrikam.example · Fabrikam (development tenant)", "alice@devtenant.example · Contoso (development tenant)"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, name := range []string{"alice", "frank"} {
		if n := strings.Count(page, fmt.Sprintf("id=%q", "user-"+name)); n != 1 {
			t.Errorf("%s is there %d times", name, n)
		}
	}
}
