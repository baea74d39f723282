package devtenant_test

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

func getJSON(t *testing.T, tenant *devtenant.Tenant, address string) (int, map[string]any) {
	t.Helper()
	response, err := tenant.Client().Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var reply map[string]any
	if err := json.NewDecoder(response.Body).Decode(&reply); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, reply
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	tid := tenant.Directory().TenantID()
	_, got := getJSON(t, tenant, tenant.Authority()+"/v2.0/.well-known/openid-configuration")
	for name, want := range map[string]string{
		"issuer":                        tenant.BackURL() + "/" + tid + "/v2.0",
		"token_endpoint":                tenant.BackURL() + "/" + tid + "/oauth2/v2.0/token",
		"jwks_uri":                      tenant.BackURL() + "/" + tid + "/discovery/v2.0/keys",
		"device_authorization_endpoint": tenant.BackURL() + "/" + tid + "/oauth2/v2.0/devicecode",
		"authorization_endpoint":        tenant.BrowserURL() + "/" + tid + "/oauth2/v2.0/authorize",
		"end_session_endpoint":          tenant.BrowserURL() + "/" + tid + "/oauth2/v2.0/logout",
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %s", name, got[name], want)
		}
	}
	if !strings.HasPrefix(tenant.BrowserURL(), "http://") || got["frontchannel_logout_supported"] != true {
		t.Errorf("front channel %s", tenant.BrowserURL())
	}
	if _, got := getJSON(t, tenant, tenant.BackURL()+"/common/v2.0/.well-known/openid-configuration"); got["issuer"] != tenant.BackURL()+"/{tenantid}/v2.0" {
		t.Errorf("issuer of /common: %v", got["issuer"])
	}
	if status, got := getJSON(t, tenant, tenant.BackURL()+"/11111111-1111-4111-8111-111111111111/v2.0/.well-known/openid-configuration"); status != 400 || got["error_codes"].([]any)[0] != 90002.0 {
		t.Errorf("another tenant: %d %v", status, got)
	}
}

func TestInstanceDiscovery(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	_, got := getJSON(t, tenant, tenant.BackURL()+"/common/discovery/instance?api-version=1.1&authorization_endpoint="+url.QueryEscape(tenant.Authority()+"/oauth2/v2.0/authorize"))
	if got["tenant_discovery_endpoint"] != tenant.Authority()+"/v2.0/.well-known/openid-configuration" {
		t.Errorf("got %v", got)
	}
	if status, _ := getJSON(t, tenant, tenant.BackURL()+"/common/discovery/instance"); status != 400 {
		t.Errorf("without an authorization_endpoint: %d", status)
	}
}

// It vouches for no other host than its own.
func TestInstanceDiscoveryOfAnotherHost(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	for _, host := range []string{"login.evil.example", "login.microsoftonline.com", "localhost.evil.example"} {
		status, got := getJSON(t, tenant, tenant.BackURL()+"/common/discovery/instance?api-version=1.1&authorization_endpoint="+url.QueryEscape("https://"+host+"/common/oauth2/v2.0/authorize"))
		if status != 400 || got["error"] != "invalid_instance" || got["error_codes"].([]any)[0] != 50049.0 {
			t.Errorf("%s: %d %v", host, status, got)
		}
	}
}

// Pages of any site may read what single-page applications need, and keep it for a day.
func TestDiscoveryForPagesOfAnySite(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	instance := tenant.BackURL() + "/common/discovery/instance?authorization_endpoint=" + url.QueryEscape(tenant.Authority()+"/oauth2/v2.0/authorize")
	for name, address := range map[string]string{
		"discovery": tenant.Authority() + "/v2.0/.well-known/openid-configuration", "keys": tenant.Authority() + "/discovery/v2.0/keys", "instance": instance,
	} {
		response, err := tenant.Client().Get(address)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if h := response.Header; h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Cache-Control") != "max-age=86400, private" || h.Get("Expires") != "" {
			t.Errorf("%s: %v", name, h)
		}
	}
}

// go-oidc is what both tiers read the document and the keys with.
func TestGoOIDC(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	ctx := oidc.ClientContext(t.Context(), tenant.Client())
	provider, err := oidc.NewProvider(ctx, tenant.Authority()+"/v2.0")
	if err != nil {
		t.Fatal(err)
	}
	check := provider.VerifierContext(ctx, &oidc.Config{ClientID: api})
	old := tenant.AccessToken("alice")
	if _, err := check.Verify(ctx, old); err != nil {
		t.Error(err)
	}
	if err := tenant.RotateKeys(); err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{"before": old, "after": tenant.AccessToken("alice")} {
		if _, err := check.Verify(ctx, token); err != nil {
			t.Errorf("signed %s the rotation: %v", name, err)
		}
	}
	if err := tenant.WithdrawKeys(); err != nil {
		t.Fatal(err)
	}
	fresh := provider.VerifierContext(ctx, &oidc.Config{ClientID: api})
	if _, err := fresh.Verify(ctx, tenant.AccessToken("alice")); err != nil {
		t.Errorf("signed with the key that is left: %v", err)
	}
}

func TestKeySet(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	_, got := getJSON(t, tenant, tenant.Authority()+"/discovery/v2.0/keys")
	key := got["keys"].([]any)[0].(map[string]any)
	kid, private := tenant.SigningKey()
	if key["kid"] != kid || key["x5t"] != kid || key["kty"] != "RSA" || key["use"] != "sig" || key["issuer"] != tenant.Authority()+"/v2.0" {
		t.Errorf("key: %v", key)
	}
	if n, err := base64.RawURLEncoding.DecodeString(key["n"].(string)); err != nil || len(n) != 256 || private.N.BitLen() != 2048 {
		t.Errorf("n: %d bytes, %v", len(n), err)
	}
}

func TestCertificate(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t, func(o *devtenant.Options) { o.HostNames = []string{"devtenant", "login.microsoftonline.com"} })
	client := tenant.Client()
	roots := client.Transport.(*http.Transport).TLSClientConfig.RootCAs
	for _, name := range []string{"localhost", "127.0.0.1", "::1", "devtenant", "login.microsoftonline.com"} {
		connection, err := tls.Dial("tcp", strings.TrimPrefix(tenant.BackURL(), "https://"), &tls.Config{RootCAs: roots, ServerName: name, MinVersion: tls.VersionTLS12})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_ = connection.Close()
	}
	if _, err := tls.Dial("tcp", strings.TrimPrefix(tenant.BackURL(), "https://"), &tls.Config{RootCAs: roots, ServerName: "other.example", MinVersion: tls.VersionTLS12}); err == nil {
		t.Error("the certificate is good for any name")
	}
}
