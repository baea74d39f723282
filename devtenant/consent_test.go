package devtenant_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// Dave consents once, on one page, to what the web UI needs and to what the API needs downstream.
func TestDaveConsentsOnce(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	agent := browser(tenant)

	agent.Consent = false
	if got := answer(t, agent, authorizeURL(tenant, nil), "dave"); got.Get("error") != "access_denied" || !strings.HasPrefix(got.Get("error_description"), "AADSTS65004") {
		t.Errorf("declined: %v", got)
	}
	agent.Consent = true
	first := answer(t, agent, authorizeURL(tenant, nil), "dave")
	if !slices.Equal(agent.Pages, []string{"consent"}) {
		t.Errorf("pages %v", agent.Pages)
	}
	signedIn := postToken(t, tenant, redeem(first.Get("code"), nil))
	if got := postToken(t, tenant, exchange(signedIn.AccessToken, nil)); got.Status != 200 {
		t.Errorf("after consent: %s", got.Description)
	}
	answer(t, agent, authorizeURL(tenant, map[string]string{"prompt": "login"}), "dave")
	if !slices.Equal(agent.Pages, []string{"sign-in"}) {
		t.Errorf("the second time: pages %v", agent.Pages)
	}
}

func TestConsentPageNamesBothApplications(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	agent := browser(tenant)
	answer(t, agent, authorizeURL(tenant, map[string]string{"scope": apiScope}), "dave")
	response, err := agent.Get(t.Context(), authorizeURL(tenant, nil))
	if err != nil {
		t.Fatal(err)
	}
	page := body(t, response)
	for _, want := range []string{"Subscriptions web UI", "Subscriptions API", "Azure Resource Manager", "Access Azure Resource Manager as you", "Microsoft Graph", "read your profile"} {
		if !strings.Contains(page, want) {
			t.Errorf("the consent page does not mention %q", want)
		}
	}
}

// Pre-authorization spares the page for the API's own scope, and leaves the API without consent downstream.
func TestPreAuthorizedNeedsNoPage(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	agent := browser(tenant)
	scope := apiScope + " openid profile offline_access"
	got := answer(t, agent, authorizeURL(tenant, map[string]string{"scope": scope}), "dave")
	if slices.Contains(agent.Pages, "consent") {
		t.Error("a page for a pre-authorized client")
	}
	signedIn := postToken(t, tenant, redeem(got.Get("code"), map[string]string{"scope": scope}))
	refused(t, postToken(t, tenant, exchange(signedIn.AccessToken, nil)), 65001)
}

func TestConsentWithoutKnownClients(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	application, _ := tenant.Directory().ApplicationByAppID(api)
	if _, err := tenant.Directory().UpdateApplication(application.ID, func(a *directory.Application) error {
		a.API.KnownClientApplications, a.API.PreAuthorizedApplications = nil, nil
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	agent := browser(tenant)
	got := answer(t, agent, authorizeURL(tenant, nil), "dave")
	if !slices.Contains(agent.Pages, "consent") {
		t.Error("no page although nothing is pre-authorized")
	}
	signedIn := postToken(t, tenant, redeem(got.Get("code"), nil))
	refused(t, postToken(t, tenant, exchange(signedIn.AccessToken, nil)), 65001)
}

func TestConsentOfOthers(t *testing.T) {
	t.Parallel()
	adminScopes := "https://graph.microsoft.com/Application.ReadWrite.All openid"
	tests := map[string]struct {
		user, scope, prompt string
		role                string
		pages               []string
		error               string
	}{
		"an administrator's permission, by a user":  {"dave", adminScopes, "", "self", []string{"sign-in", "consent"}, "consent_required"},
		"an administrator's permission, by one":     {"alice", adminScopes, "", "organization", []string{"sign-in", "consent"}, ""},
		"somebody who may consent to nothing":       {"dave", apiDefault, "", "none", []string{"sign-in", "consent"}, "consent_required"},
		"openid alone never brings up the page":     {"dave", "openid profile", "", "self", []string{"sign-in"}, ""},
		"a permission that was given is not asked":  {"alice", apiDefault, "", "self", []string{"sign-in"}, ""},
		"User.Read is a new permission for the web": {"alice", "User.Read", "", "self", []string{"sign-in", "consent"}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := devtenant.Start(t)
			if _, err := tenant.Directory().UpdateUser(test.user, func(u *directory.User) { u.Devtenant.Consent = test.role }); err != nil {
				t.Fatal(err)
			}
			agent := browser(tenant)
			got := answer(t, agent, authorizeURL(tenant, map[string]string{"scope": test.scope}), test.user)
			if !slices.Equal(agent.Pages, test.pages) || got.Get("error") != test.error {
				t.Errorf("pages %v error %q", agent.Pages, got.Get("error"))
			}
		})
	}
}

func TestConsentForTheOrganization(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	dave, _ := tenant.Directory().User("dave")
	for resource, scope := range map[string]string{directory.ResourceManagerAppID: "user_impersonation", directory.GraphAppID: "User.Read"} {
		if err := tenant.Directory().Consent(api, resource, "", []string{scope}); err != nil {
			t.Fatal(err)
		}
	}
	agent := browser(tenant)
	answer(t, agent, authorizeURL(tenant, nil), "dave")
	if slices.Contains(agent.Pages, "consent") {
		t.Error("dave is asked for what an administrator allowed for everyone")
	}
	tenant.Directory().WithdrawConsent(dave.ID)
	if got := postToken(t, tenant, exchange(tenant.AccessToken("dave"), nil)); got.Status != 200 {
		t.Errorf("an administrator's consent went with the user's: %s", got.Description)
	}
}

func TestPromptNoneWithoutConsent(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	agent := browser(tenant)
	answer(t, agent, authorizeURL(tenant, map[string]string{"scope": apiScope}), "dave")
	if got := answer(t, agent, authorizeURL(tenant, map[string]string{"prompt": "none"}), "dave"); got.Get("error") != "consent_required" {
		t.Errorf("got %v", got)
	}
}

func TestSecondFactorDenied(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	agent := browser(tenant)
	agent.SecondFactor = false
	got := answer(t, agent, authorizeURL(tenant, map[string]string{"claims": `{"access_token":{"capolids":{"essential":true,"values":["x"]}}}`}), "carol")
	if got.Get("error") != "access_denied" || !strings.HasPrefix(got.Get("error_description"), "AADSTS500121") {
		t.Errorf("got %v", got)
	}
}

// Who asks for Resource Manager directly meets the second factor at sign-in.
func TestSecondFactorAtSignIn(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	agent := devtenant.NewUserAgent(tenant)
	agent.StopAt("http://localhost:1")
	answer(t, agent, authorizeURL(tenant, map[string]string{"client_id": azureCLI, "redirect_uri": "http://localhost:1", "scope": armScope}), "carol")
	if !slices.Equal(agent.Pages, []string{"sign-in", "second-factor"}) {
		t.Errorf("pages %v", agent.Pages)
	}
}
