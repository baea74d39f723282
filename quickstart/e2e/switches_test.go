package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	api "github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
	webui "github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
)

func shortLimits(cfg *api.Config) {
	cfg.Limits.Exchange, cfg.Limits.CallTry, cfg.Limits.Call = 4*time.Second, 3*time.Second, 6*time.Second
	cfg.Limits.KeyInterval = time.Millisecond
}

func shortWebUILimits(cfg *webui.Config) {
	cfg.Limits.Token, cfg.Limits.API, cfg.Limits.KeyInterval = 4*time.Second, 12*time.Second, time.Millisecond
}

// thrown is what a user sees after a switch was thrown, as its row says and then until it is cleared.
type thrown struct {
	name string
	page string // the code on the web UI's page; "" where the user gets through to the list
	// aadsts is on the page; -1 is any.
	aadsts int
	says   string // in addition
	pages  string // of the tenant, on the way; "" doesn't matter
	// stuck is the page of a user who gets through once, where the switch stays on; "" where they get through then, too.
	stuck       string
	stuckAADSTS int
}

// For one user alone, so that all of them happen to the same three programs at the same time.
var personal = []thrown{
	{name: "consent-withdrawn", pages: "sign-in consent"},
	{name: "consent-missing", pages: "sign-in consent", stuck: apperror.StillRefused, stuckAADSTS: 65001},
	{name: "consent-declined", page: apperror.ConsentDeclined, aadsts: 65004},
	{name: "admin-consent-required", page: apperror.AdminConsent, aadsts: 90094},

	{name: "mfa", pages: "sign-in second-factor"},
	{name: "mfa-enrolment", pages: "sign-in second-factor", stuck: apperror.StillRefused, stuckAADSTS: 50079},
	{name: "mfa-denied", page: apperror.SignInRefused, aadsts: 500121},
	{name: "blocked", page: apperror.StillRefused, aadsts: 53003},
	{name: "cae", stuck: apperror.StillRefused, stuckAADSTS: -1},
	{name: "challenge-again", page: apperror.StillRefused, aadsts: -1},
	{name: "challenge-null", page: apperror.ResourceRefused},
	{name: "challenge-array", page: apperror.ResourceRefused},
	{name: "challenge-empty-member", page: apperror.ResourceRefused},

	{name: "revoke-sessions", pages: "sign-in"},
	{name: "revoke-sessions-documented", pages: "sign-in"},
	{name: "session-revoked", stuck: apperror.NoTokenLeft, stuckAADSTS: 50173},
	{name: "refresh-token-expired", stuck: apperror.NoTokenLeft, stuckAADSTS: 700082},
	{name: "sign-in-frequency", stuck: apperror.NoTokenLeft, stuckAADSTS: 70008},
	{name: "user-disabled", page: apperror.UserDisabled, aadsts: 50057, says: "Sign in with another account"},
	{name: "user-removed", page: apperror.UserNotFound, aadsts: 50034, says: "Sign in with another account"},

	{name: "code-redeemed", page: apperror.CodeRedeemed, aadsts: 54005},
	{name: "code-expired", page: apperror.SignInExpired, aadsts: 70008},
	{name: "pkce-mismatch", page: apperror.PKCEMismatch, aadsts: 501481},
	{name: "wrong-client-for-code", page: apperror.WrongClientForCode, aadsts: 700005},

	{name: "unknown-application", page: "unknown_application", aadsts: 700016},
	{name: "wrong-secret", page: "wrong_client_secret", aadsts: 7000215},
	{name: "expired-secret", page: "expired_client_secret", aadsts: 7000222},
	{name: "no-secret", page: "no_client_secret", aadsts: 7000218},
	{name: "unknown-resource", page: "unknown_resource", aadsts: 500011},
	{name: "invalid-scope", page: "invalid_scope", aadsts: 70011},
	{name: "mixed-resources", page: "mixed_resources", aadsts: 700022},
	{name: "app-asks-for-itself", page: "app_asks_for_itself", aadsts: 90009},
	{name: "permission-not-listed", page: "permission_not_listed", aadsts: 650057},

	{name: "wrong-assertion", page: "wrong_assertion", aadsts: 500131},
	{name: "assertion-signature", page: "wrong_assertion", aadsts: 50013},
	{name: "assertion-expired", stuck: apperror.StillRefused, stuckAADSTS: 500133},
	{name: "id-token-as-assertion", page: "id_token_as_assertion", aadsts: 240002},
	{name: "on-behalf-of-not-allowed", page: "on_behalf_of_not_allowed", aadsts: 7000114},
	{name: "unsupported-grant", page: "unsupported_grant_type", aadsts: 70003},
	{name: "common-endpoint", page: "unsupported_grant_type", aadsts: 9001023},
	{name: "token-request-rejected", page: apperror.TokenRejected, aadsts: 900144},
	{name: "app-only-result", page: apperror.TokenNotTheUsers},
	{name: "another-users-result", page: apperror.TokenNotTheUsers},

	{name: "wrong-audience", page: apperror.APIRefused, says: apperror.WrongAudience},
	{name: "wrong-issuer", page: apperror.APIRefused, says: apperror.WrongIssuer},
	{name: "wrong-tenant", page: apperror.APIRefused, says: apperror.WrongTenant},
	{name: "scope-missing", page: apperror.APIRefused, says: apperror.InsufficientScope},
	{name: "app-only-token", page: apperror.APIRefused, says: apperror.AppOnlyToken},
	{name: "client-not-allowed", page: apperror.APIRefused, says: apperror.ClientNotAllowed},
	{name: "token-expired", stuck: apperror.APIRefused},

	{name: "short-lived"},
	{name: "refresh-in"},

	{name: "token-slow", page: apperror.ProviderUnavailable},
	{name: "token-unavailable", page: apperror.ProviderUnavailable},
	{name: "token-truncated", page: apperror.ProviderMalformed},
	{name: "token-html", page: apperror.ProviderMalformed},
	{name: "token-huge", page: apperror.ProviderMalformed},
	{name: "token-redirect", page: apperror.ProviderMalformed},
	{name: "token-throttled", page: apperror.ProviderThrottled, says: "17 seconds"},
	{name: "token-transient", page: apperror.ProviderUnavailable, aadsts: 90033},

	{name: "arm-slow", page: apperror.ResourceTimeout},
	{name: "arm-unavailable", page: apperror.ResourceUnavailable},
	{name: "arm-truncated", page: apperror.ResourceMalformed},
	{name: "arm-html", page: apperror.ResourceMalformed},
	{name: "arm-huge", page: apperror.ResourceMalformed},
	{name: "arm-redirect", page: apperror.ResourceMalformed},
	{name: "arm-throttled", page: apperror.ResourceThrottled, says: "17 seconds"},
	{name: "arm-hiccup", stuck: apperror.ResourceUnavailable},
	{name: "arm-unauthorized", page: apperror.ResourceRefused},
	{name: "arm-forbidden", page: apperror.ResourceForbidden},
	{name: "arm-not-found", page: apperror.ResourceNotFound},
	{name: "arm-endless", page: apperror.ResourceEndless},
	{name: "arm-foreign-link", page: apperror.ResourceMalformed},

	{name: "arm-wrong-tenant", page: apperror.ResourceRefused},
	{name: "arm-wrong-audience", page: apperror.ResourceRefused},
	{name: "arm-byte-order-mark"},
	{name: "arm-relative-link"},
	{name: "arm-deep-tags", page: apperror.ResourceMalformed},

	{name: "challenge-session-revoked", stuck: apperror.StillRefused, stuckAADSTS: -1},
	{name: "challenge-unpadded", stuck: apperror.StillRefused, stuckAADSTS: -1},
	{name: "challenge-url-alphabet", stuck: apperror.StillRefused, stuckAADSTS: -1},
	{name: "unknown-resource-downstream", page: "unknown_downstream", aadsts: 500011},
	{name: "not-assigned", page: "user_not_assigned", aadsts: 50105},
	{name: "wrong-login-domain", page: "account_of_another_tenant", aadsts: 500208},
	{name: "mfa-many-policies", pages: "sign-in second-factor", stuck: apperror.StillRefused, stuckAADSTS: 50076},

	{name: "challenge-many-policies", pages: "second-factor", stuck: apperror.StillRefused, stuckAADSTS: -1},

	{name: "mfa-interaction-required", pages: "sign-in second-factor", stuck: apperror.StillRefused, stuckAADSTS: 50076},
	{name: "mfa-claims-null", stuck: apperror.StillRefused, stuckAADSTS: 50076},
	{name: "mfa-claims-array", stuck: apperror.StillRefused, stuckAADSTS: 50076},
	{name: "description-lines", pages: "sign-in consent", stuck: apperror.StillRefused, stuckAADSTS: 65001},
	{name: "large-token"},
}

// otherwise are the switches that concern everyone, or nobody who signs in, and where they are tested.
var otherwise = map[string]string{
	"redirect-uri":         "TestRedirectURISwitch",
	"v1-tokens":            "TestSwitchesForEveryone",
	"clock-ahead":          "TestSwitchesForEveryone",
	"clock-behind":         "TestSwitchesForEveryone",
	"rotate-keys":          "TestSwitchesForEveryone",
	"withdraw-keys":        "TestSwitchesForEveryone",
	"keys-unreachable":     "TestKeySwitches",
	"keys-empty":           "TestKeySwitches",
	"keys-huge":            "TestKeySwitches",
	"keys-slow":            "TestKeySwitches",
	"keys-other-algorithm": "TestKeySwitches",
	"keys-twins":           "TestKeySwitches",
	"keys-bad-certificate": "devtenant's TestOddKeys, and internal/entra's TestFieldCase08: the key is good, whatever its certificate",
	"device-code-pending":  "devtenant's TestEveryFailureOnDemand: the web UI has no device codes",
	"device-code-blocked":  "devtenant's TestEveryFailureOnDemand: the web UI has no device codes",
}

// TestEachSwitchHasATest holds the tables above and devtenant's together.
func TestEachSwitchHasATest(t *testing.T) {
	t.Parallel()
	for _, name := range allSwitches() {
		if otherwise[name] == "" && !slices.ContainsFunc(personal, func(row thrown) bool { return row.name == name }) {
			t.Errorf("the switch %s has no test", name)
		}
	}
}

// TestSwitches throws each switch in the real chain, and sees the page that explains it or the list behind it; then the
// way back.
func TestSwitches(t *testing.T) {
	t.Parallel()
	var log buffer
	s := start(t, quick, func(o *stack.Options) {
		o.Log, o.Settings = &log, map[string]string{"LOG_LEVEL": "debug"}
		o.Tenant = func(options *devtenant.Options) { options.Directory = crowd(t, len(personal)) }
	})
	t.Run("each", func(t *testing.T) {
		for i, row := range personal {
			t.Run(row.name, func(t *testing.T) {
				t.Parallel()
				row.test(newBrowser(t, s, fmt.Sprintf("user%02d", i+1)))
			})
		}
	})
	checkLog(t, &log)
}

func (row thrown) test(b *browser) {
	path := tryOf(b.t, row.name)
	if path == "/" {
		b.wantList("before", b.visit("/account/login"))
	}
	throw(b.t, b.s, row.name, devtenant.For(b.user))
	got := b.visit(path)
	if row.page == "" {
		b.wantList("thrown", got)
	} else {
		b.wantPage("thrown", got, row.page, row.aadsts)
	}
	if !strings.Contains(got.body, row.says) {
		b.t.Errorf("the page doesn't say %q", row.says)
	}
	if row.pages != "" && got.pages != row.pages {
		b.t.Errorf("the tenant showed %q, want %q", got.pages, row.pages)
	}
	if row.stuck != "" {
		throw(b.t, b.s, row.name, devtenant.For(b.user), devtenant.Times(0))
		b.wantPage("until cleared", b.visit(path), row.stuck, row.stuckAADSTS)
	}
	b.s.Tenant.ClearSwitch(row.name)
	b.wantList("the way back", b.visit(row.wayBack()))
	b.wantList("and then", b.visit("/"))
}

// wayBack is the start page, as the button of the page says, or signing in again where that is the button.
func (row thrown) wayBack() string {
	switch {
	case row.page == apperror.APIRefused || row.stuck == apperror.APIRefused:
		return "/account/login"
	case strings.HasPrefix(row.name, "arm-") || row.page == "":
		return "/"
	}
	return "/account/login"
}

// TestRedirectURISwitch: Entra shows a page of its own, and nobody is redirected.
func TestRedirectURISwitch(t *testing.T) {
	t.Parallel()
	s := start(t)
	alice := newBrowser(t, s, "alice")
	throw(t, s, "redirect-uri")
	got := alice.visit("/account/login")
	if !strings.Contains(got.body, "AADSTS50011") || !strings.HasSuffix(got.path, "/authorize") {
		t.Errorf("%s: %d\n%s", got.path, got.status, got.body)
	}
	alice.wantList("the way back", alice.visit("/account/login"))
}

// TestSwitchesForEveryone are those that change the tenant as a whole.
func TestSwitchesForEveryone(t *testing.T) {
	t.Parallel()
	s := start(t, quick)
	alice := newBrowser(t, s, "alice")
	alice.wantList("before", alice.visit("/account/login"))

	throw(t, s, "v1-tokens")
	got := newBrowser(t, s, "bob").visit("/account/login")
	alice.wantPage("v1-tokens", got, apperror.APIRefused, 0)
	if !strings.Contains(got.body, apperror.WrongVersion) {
		t.Error("the page doesn't name the version")
	}
	s.Tenant.ClearSwitches()

	for name, says := range map[string]string{"clock-ahead": "nbf", "clock-behind": "exp"} {
		throw(t, s, name)
		grace := newBrowser(t, s, "grace")
		got := grace.visit("/account/login")
		grace.wantPage(name, got, apperror.IDTokenRejected, 0)
		if !strings.Contains(got.body, "<code>"+says+"</code>") {
			t.Errorf("%s: the page doesn't name %s", name, says)
		}
		if name == "clock-ahead" { // with tokens from before; two hours behind, Resource Manager doesn't take them yet
			alice.wantList(name, alice.visit("/"))
		}
		s.Tenant.ClearSwitches()
		grace.wantList("after "+name, grace.visit("/account/login"))
	}

	throw(t, s, "rotate-keys")
	alice.wantList("rotate-keys", alice.visit("/"))
	newcomer := newBrowser(t, s, "dave")
	newcomer.wantList("rotate-keys", newcomer.visit("/account/login"))

	throw(t, s, "withdraw-keys")
	carol := newBrowser(t, s, "carol") // brings a token of the new key, with which the API learns of it
	carol.wantList("withdraw-keys", carol.visit("/account/login"))
	before := s.Tenant.Count("token:authorization_code")
	alice.wantList("withdraw-keys", alice.visit("/"))
	if got := s.Tenant.Count("token:authorization_code") - before; got != 1 || len(alice.Pages) != 0 {
		t.Errorf("alice was signed in %d times, over the pages %q", got, alice.Pages)
	}
}

// TestKeySwitches: while the keys can't be had the last good ones serve, and an API that has none says so.
func TestKeySwitches(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"keys-unreachable", "keys-empty", "keys-huge", "keys-slow", "keys-other-algorithm", "keys-twins"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			warmUp := longest
			s := start(t, quick, func(o *stack.Options) {
				o.API = func(cfg *api.Config) { shortLimits(cfg); cfg.Limits.WarmUp = warmUp }
			})
			alice := newBrowser(t, s, "alice")
			alice.wantList("before", alice.visit("/account/login"))
			throw(t, s, name)
			alice.wantList("with cached keys", alice.visit("/"))
			grace := newBrowser(t, s, "grace")
			grace.wantList("signing in with cached keys", grace.visit("/account/login"))

			warmUp = 100 * time.Millisecond // there is nothing to wait for
			if err := s.API.Restart(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			alice.wantPage("an API without keys", alice.visit("/"), apperror.KeysUnavailable, 0)
			s.Tenant.ClearSwitch(name)
			warmUp = longest
			if err := s.API.Restart(t.Context(), nil); err != nil { // it goes on trying; this test doesn't wait for that
				t.Fatal(err)
			}
			alice.wantList("the way back", alice.visit("/"))
		})
	}
}
