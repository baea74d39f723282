package devtenant_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

const graphAppID = "00000003-0000-0000-c000-000000000000"

// graphToken is a token for Graph that the web UI gets at sign-in.
func graphToken(t *testing.T, tenant *devtenant.Tenant, user, scope string) tokenReply {
	t.Helper()
	got := postToken(t, tenant, redeem(code(t, tenant, user, map[string]string{"scope": scope}), map[string]string{"scope": scope}))
	if got.AccessToken == "" {
		t.Fatal(got.Description)
	}
	return got
}

func TestGraphTokensAreGraphsAlone(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	got := graphToken(t, tenant, "alice", "openid profile User.Read")
	encoded, _, _ := strings.Cut(got.AccessToken, ".")
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	var header map[string]string
	if err := json.Unmarshal(raw, &header); err != nil || header["nonce"] == "" || header["kid"] == "" || header["x5t"] == "" {
		t.Fatalf("header %s: %v", raw, err)
	}
	claims := claimsOf(t, got.AccessToken)
	for name, want := range map[string]any{"aud": graphAppID, "ver": "1.0", "iss": "https://sts.windows.net/" + tenant.Directory().TenantID() + "/", "appid": webUI} {
		if claims[name] != want {
			t.Errorf("%s is %v, want %v", name, claims[name], want)
		}
	}

	if claims["app_displayname"] == nil {
		t.Error("no app_displayname")
	}

	// Nobody else can check the signature, not even who knows issuer and audience; Graph can.
	ctx := oidc.ClientContext(t.Context(), tenant.Client())
	keys := oidc.NewRemoteKeySet(ctx, tenant.Authority()+"/discovery/v2.0/keys")
	if _, err := keys.VerifySignature(ctx, got.AccessToken); err == nil {
		t.Error("a token for Graph has a signature that anybody can check")
	}
	if _, err := keys.VerifySignature(ctx, got.IDToken); err != nil {
		t.Errorf("the ID token of the same answer: %v", err)
	}
	if _, err := tenant.VerifyToken(got.AccessToken, graphAppID); err != nil {
		t.Errorf("Graph can't check it either: %v", err)
	}
	parts := strings.Split(got.AccessToken, ".")
	other := strings.Split(graphToken(t, tenant, "alice", "openid profile User.Read").AccessToken, ".")
	if _, err := tenant.VerifyToken(other[0]+"."+parts[1]+"."+parts[2], graphAppID); err == nil {
		t.Error("the nonce can be exchanged for another")
	}
	refused(t, postToken(t, tenant, exchange(got.AccessToken, nil)), 50013)
}

func TestUserInfo(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	ctx := oidc.ClientContext(t.Context(), tenant.Client())
	provider, err := oidc.NewProvider(ctx, tenant.Authority()+"/v2.0")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(provider.UserInfoEndpoint(), tenant.BackURL()+"/") {
		t.Fatalf("userinfo_endpoint is %s, which isn't the tenant's", provider.UserInfoEndpoint())
	}
	signedIn := graphToken(t, tenant, "alice", "openid profile email")
	token := func(raw string) (int, map[string]any) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, provider.UserInfoEndpoint(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if raw != "" {
			request.Header.Set("Authorization", "Bearer "+raw)
		}
		response, err := tenant.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		var reply map[string]any
		if err := json.NewDecoder(response.Body).Decode(&reply); err != nil {
			t.Fatal(err)
		}
		if (response.StatusCode == http.StatusOK) == (response.Header.Get("WWW-Authenticate") != "") {
			t.Errorf("%d, WWW-Authenticate: %q", response.StatusCode, response.Header.Get("WWW-Authenticate"))
		}
		return response.StatusCode, reply
	}
	status, got := token(signedIn.AccessToken)
	if status != 200 || got["sub"] != claimsOf(t, signedIn.IDToken)["sub"] || got["name"] != "Alice Archer" || got["email"] != "alice@devtenant.example" {
		t.Errorf("%d %v", status, got)
	}
	appOnly := postToken(t, tenant, map[string]string{"grant_type": "client_credentials", "client_id": api, "client_secret": apiSecret, "scope": "https://graph.microsoft.com/.default"})
	for name, test := range map[string]struct {
		token  string
		status int
	}{
		"no token": {"", 401}, "token A": {tenant.AccessToken("alice"), 401}, "an ID token": {signedIn.IDToken, 401}, "an application's own": {appOnly.AccessToken, 403},
	} {
		if status, _ := token(test.token); status != test.status {
			t.Errorf("%s: %d, want %d", name, status, test.status)
		}
	}
}
