package devtenant_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// enableImplicit sets the web UI's implicitGrantSettings.
func enableImplicit(t *testing.T, tenant *devtenant.Tenant, settings directory.ImplicitGrantSettings) {
	t.Helper()
	registered, _ := tenant.Directory().ApplicationByAppID(webUI)
	if _, err := tenant.Directory().UpdateApplication(registered.ID, func(a *directory.Application) error {
		a.Web.ImplicitGrantSettings = settings
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// fragment is what the application's page is sent behind the #.
func fragment(t *testing.T, tenant *devtenant.Tenant, change map[string]string) url.Values {
	t.Helper()
	response, err := browser(tenant).SignIn(t.Context(), authorizeURL(tenant, change), "alice")
	if err != nil {
		t.Fatal(err)
	}
	location, err := response.Location()
	if err != nil {
		t.Fatalf("no redirect: %s", body(t, response))
	}
	values, err := url.ParseQuery(location.Fragment)
	if err != nil || location.RawQuery != "" {
		t.Fatalf("%s: %v", location, err)
	}
	return values
}

func half(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

func TestHybridAndImplicitFlows(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	enableImplicit(t, tenant, directory.ImplicitGrantSettings{EnableIDTokenIssuance: true, EnableAccessTokenIssuance: true})
	ctx := oidc.ClientContext(t.Context(), tenant.Client())
	provider, err := oidc.NewProvider(ctx, tenant.Authority()+"/v2.0")
	if err != nil {
		t.Fatal(err)
	}
	for responseType, want := range map[string]struct{ code, idToken, accessToken bool }{
		"id_token": {false, true, false}, "code id_token": {true, true, false}, "id_token code": {true, true, false}, "id_token token": {false, true, true},
		"token": {false, false, true}, "code id_token token": {true, true, true},
	} {
		t.Run(responseType, func(t *testing.T) {
			t.Parallel()
			got := fragment(t, tenant, map[string]string{"response_type": responseType})
			if got.Has("code") != want.code || got.Has("id_token") != want.idToken || got.Has("access_token") != want.accessToken || got.Get("state") != "s1" || got.Has("refresh_token") {
				t.Fatalf("got %v", got)
			}
			if want.idToken {
				token, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: webUI}).Verify(ctx, got.Get("id_token"))
				if err != nil {
					t.Fatal(err)
				}
				claims := claimsOf(t, got.Get("id_token"))
				if token.Nonce != "n1" || want.code && claims["c_hash"] != half(got.Get("code")) || !want.code && claims["c_hash"] != nil {
					t.Errorf("nonce %s, c_hash %v", token.Nonce, claims["c_hash"])
				}
				if want.accessToken && token.VerifyAccessToken(got.Get("access_token")) != nil {
					t.Error("at_hash does not fit")
				}
			}
			if want.accessToken && (claimsOf(t, got.Get("access_token"))["aud"] != api || got.Get("token_type") != "Bearer" || got.Get("expires_in") == "" || got.Get("scope") == "") {
				t.Errorf("the access token's answer: %v", got)
			}
			if want.code {
				if got := postToken(t, tenant, redeem(got.Get("code"), nil)); got.Status != 200 {
					t.Errorf("the code: %s", got.Description)
				}
			}
		})
	}
}

func TestHybridByForm(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	enableImplicit(t, tenant, directory.ImplicitGrantSettings{EnableIDTokenIssuance: true})
	received := make(chan url.Values, 1)
	application := http.NewServeMux()
	application.HandleFunc("POST /account/callback", func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		received <- r.PostForm
	})
	address := serveApplication(t, tenant, application)
	if _, err := devtenant.NewUserAgent(tenant).SignIn(t.Context(), authorizeURL(tenant, map[string]string{
		"response_type": "code id_token", "response_mode": "form_post", "redirect_uri": address + "/account/callback",
	}), "alice"); err != nil {
		t.Fatal(err)
	}
	if got := <-received; !got.Has("code") || claimsOf(t, got.Get("id_token"))["c_hash"] != half(got.Get("code")) {
		t.Errorf("form_post: %v", got)
	}
}

func TestFrontChannelTokensRefused(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	allowed := devtenant.Start(t)
	enableImplicit(t, allowed, directory.ImplicitGrantSettings{EnableIDTokenIssuance: true})
	for name, test := range map[string]struct {
		tenant *devtenant.Tenant
		change map[string]string
		says   string
	}{
		"an ID token, not enabled":      {tenant, map[string]string{"response_type": "code id_token"}, "AADSTS700054"},
		"an access token, not enabled":  {tenant, map[string]string{"response_type": "token"}, "AADSTS700051"},
		"only the ID token is enabled":  {allowed, map[string]string{"response_type": "id_token token"}, "AADSTS700051"},
		"without a nonce":               {allowed, map[string]string{"response_type": "id_token", "nonce": ""}, "AADSTS900144"},
		"in the query":                  {allowed, map[string]string{"response_type": "id_token", "response_mode": "query"}, "AADSTS70007"},
		"something that nobody defines": {allowed, map[string]string{"response_type": "id_token none"}, "AADSTS700054"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := fragment(t, test.tenant, test.change)
			if !strings.HasPrefix(got.Get("error_description"), test.says+": ") || got.Has("id_token") || got.Has("access_token") || got.Has("code") {
				t.Errorf("got %v", got)
			}
		})
	}
}

// The parameter resource (RFC 8707) has to fit the scopes.
func TestResourceParameter(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	for resource, want := range map[string]int{
		"https://management.azure.com": 0, "https://management.core.windows.net/": 0, "https://graph.microsoft.com": 9010010, "https://nobody.example": 9010010,
	} {
		got := postToken(t, tenant, exchange(tenant.AccessToken("alice"), map[string]string{"resource": resource}))
		if got.code() != want {
			t.Errorf("%s: %d %s", resource, got.code(), got.Description)
		}
		if want != 0 && got.Error != "invalid_target" {
			t.Errorf("%s: %s", resource, got.Error)
		}
	}
	if got := answer(t, browser(tenant), authorizeURL(tenant, map[string]string{"resource": "https://graph.microsoft.com"}), "alice"); got.Get("error") != "invalid_target" {
		t.Errorf("at the authorization endpoint: %v", got)
	}
}
