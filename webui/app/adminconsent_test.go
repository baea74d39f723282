package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
)

// startOrganizations starts the sample for users of two organizations. The second hasn't let the applications in yet.
func startOrganizations(t *testing.T, settings map[string]string) (s *stack, fabrikam *devtenant.Tenant) {
	t.Helper()
	s = startStack(t, options{tenant: func(o *devtenant.Options) { o.MultiTenant = true }, settings: settings})
	return s, s.tenant.In("fabrikam")
}

// TestOnboarding: an organization comes in by its administrator's consent, which begins where its users are stopped.
func TestOnboarding(t *testing.T) {
	t.Parallel()
	s, fabrikam := startOrganizations(t, nil)
	tenantID := fabrikam.Directory().TenantID()

	stopped := s.browser(t).signIn("paul")
	if stopped.code() != "admin_consent_required" || !strings.Contains(stopped.body, `href="/account/admin-consent"`) {
		t.Fatalf("paul, before: %d %q\n%s", stopped.status, stopped.code(), stopped.body)
	}
	administrator := s.browser(t)
	consented := administrator.read(administrator.SignIn(t.Context(), s.url+"/account/admin-consent", "olivia"))
	if consented.status != http.StatusOK || !strings.Contains(consented.body, `id="admin-consented"`) || !strings.Contains(consented.body, tenantID) {
		t.Fatalf("olivia: %d %q after %v", consented.status, consented.code(), administrator.Pages)
	}
	if again := administrator.read(administrator.Get(t.Context(), consented.url)); again.code() != "sign_in_expired" {
		t.Errorf("reloaded: %d %q", again.status, again.code())
	}
	if got := s.browser(t).signIn("paul"); got.rows() != 1 {
		t.Errorf("paul, after: %d %q, %d rows", got.status, got.code(), got.rows())
	}
	if !strings.Contains(s.log.String(), "tenant="+tenantID) {
		t.Error("the log doesn't say which organization it was")
	}
}

// TestOnboardingRefused: who else may decline, and what of an answer isn't taken.
func TestOnboardingRefused(t *testing.T) {
	t.Parallel()
	s, fabrikam := startOrganizations(t, nil)
	tenantID := fabrikam.Directory().TenantID()
	for _, test := range []struct{ name, query, code string }{
		{"declined", "admin_consent=True&error=access_denied", "consent_declined"},
		{"by somebody who may not", "admin_consent=True&error=access_denied&error_description=AADSTS90094%3A+x", "admin_consent_required"},
		{"cancelled", "admin_consent=True&error=access_denied&error_subcode=cancel", "sign_in_cancelled"},
		{"an organization that isn't let in", "admin_consent=True&tenant=11111111-2222-4333-8444-555555555555", "tenant_not_allowed"},
		{"personal accounts", "admin_consent=True&tenant=9188040d-6c67-4c5b-b112-36a304b66dad", "personal_account"},
		{"a code, for the consent's state", "code=x", "sign_in_mismatch"},
		{"the state of a consent that ended", "admin_consent=True&tenant=" + tenantID, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := s.visitor(t)
			callback := "/account/callback?" + test.query + "&state=" + url.QueryEscape(v.begin("/account/admin-consent").Get("state"))
			if got := v.get(callback); got.code() != test.code {
				t.Errorf("%d %q", got.status, got.code())
			}
			if got := v.get(callback); got.code() != "sign_in_expired" {
				t.Errorf("a second time: %d %q", got.status, got.code())
			}
			if v.signedIn() {
				t.Error("it signs somebody in")
			}
		})
	}
	for line := range strings.Lines(s.log.String()) {
		if strings.Contains(line, "has consented") && strings.Contains(line, "11111111-2222-4333-8444-555555555555") {
			t.Errorf("an organization that isn't let in is said to have consented: %s", line)
		}
	}
	t.Run("another browser's state", func(t *testing.T) {
		state := s.visitor(t).begin("/account/admin-consent").Get("state")
		if got := s.visitor(t).get("/account/callback?admin_consent=True&tenant=" + tenantID + "&state=" + url.QueryEscape(state)); got.code() != "sign_in_mismatch" {
			t.Errorf("%d %q", got.status, got.code())
		}
	})
	t.Run("a sign-in's state", func(t *testing.T) {
		v := s.visitor(t)
		state := v.begin("/account/login").Get("state")
		if got := v.get("/account/callback?admin_consent=True&tenant=" + tenantID + "&state=" + url.QueryEscape(state)); got.code() != "sign_in_mismatch" {
			t.Errorf("%d %q", got.status, got.code())
		}
	})
	t.Run("without a state no tenant is named", func(t *testing.T) {
		if got := s.visitor(t).get("/account/callback?admin_consent=True&tenant=" + tenantID); got.status != http.StatusOK || strings.Contains(got.body, tenantID) {
			t.Errorf("%d %q", got.status, got.code())
		}
	})
}

// TestAdminConsentIsForOrganizations: of /common, at which personal accounts sign in as well, nobody is an administrator.
func TestAdminConsentIsForOrganizations(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{
		tenant: func(o *devtenant.Options) { o.MultiTenant = true },
		config: func(cfg *app.Config) {
			cfg.Authority, _ = entra.ParseAuthority("https://" + cfg.Authority.Host() + "/common")
		},
	})
	sent, err := url.Parse(s.visitor(t).get("/account/admin-consent").header.Get("Location"))
	if err != nil || sent.Path != "/organizations/v2.0/adminconsent" {
		t.Errorf("the administrator is sent to %s, %v", sent, err)
	}
}

// TestAdminConsentIsOffered where it is what helps: on the page that stops the users.
func TestAdminConsentIsOffered(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	for number, offered := range map[string]bool{"650052": true, "90094": true, "50105": false} {
		v := s.visitor(t)
		got := v.get("/account/callback?error=access_denied&error_description=AADSTS" + number + "%3A+x&state=" + v.begin("/account/login").Get("state"))
		if strings.Contains(got.body, `href="/account/admin-consent"`) != offered {
			t.Errorf("AADSTS%s, page %q: the consent is offered: %t", number, got.code(), !offered)
		}
	}
}
