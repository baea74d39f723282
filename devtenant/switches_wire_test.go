package devtenant_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

const subscriptionsQuery = "/subscriptions?api-version=2022-12-01"

// The switches of the wire forms, as whoever reads the wire sees them.
func TestChallengeForms(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prefix   string
		encoding *base64.Encoding
		claims   string // beginning
		longer   int
	}{
		"challenge-session-revoked": {`Bearer authorization_uri="https://login.windows.net/", error="invalid_token", error_description="User session has been revoked", claims="`, base64.StdEncoding, `{"access_token":{"nbf":`, 0},
		"challenge-unpadded":        {`Bearer authorization_uri="https://login.windows.net/"`, base64.RawStdEncoding, `{"access_token":{"nbf":`, 0},
		"challenge-url-alphabet":    {`Bearer realm=""`, base64.RawURLEncoding, `{"access_token":{`, 0},
		"challenge-many-policies":   {`Bearer realm=""`, base64.StdEncoding, `{"access_token":{"capolids":`, 2000},
		"challenge-null":            {`Bearer realm=""`, base64.StdEncoding, `null`, 0},
		"challenge-array":           {`Bearer realm=""`, base64.StdEncoding, `[]`, 0},
		"challenge-empty-member":    {`Bearer realm=""`, base64.StdEncoding, `{"access_token":null}`, 0},
		"cae":                       {`Bearer realm="", authorization_uri="`, base64.StdEncoding, `{"access_token":{"nbf":`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := devtenant.Start(t)
			if err := tenant.Switch(name); err != nil {
				t.Fatal(err)
			}
			token := "Bearer " + tokenB(t, tenant, "alice")
			got := getSubscriptions(t, tenant, tenant.ResourceManagerURL()+subscriptionsQuery, token)
			challenge := got.Header.Get("WWW-Authenticate")
			_, rest, _ := strings.Cut(challenge, `claims="`)
			encoded := strings.TrimSuffix(rest, `"`)
			claims, err := test.encoding.DecodeString(encoded)
			if got.Status != 401 || !strings.HasPrefix(challenge, test.prefix) || err != nil || !strings.HasPrefix(string(claims), test.claims) || len(encoded) < test.longer {
				t.Errorf("%d %s: %s %v", got.Status, challenge, claims, err)
			}
			if revoked := strings.Contains(challenge, "invalid_token"); revoked != (got.Error.Code == "AuthenticationFailed") || revoked != (got.Header.Get("X-Ms-Failure-Cause") == "gateway") {
				t.Errorf("%s with %s, x-ms-failure-cause %q", challenge, got.Error.Code, got.Header.Get("X-Ms-Failure-Cause"))
			}
			switch name { // each form differs from the usual one, or the switch shows nothing
			case "challenge-unpadded":
				if len(encoded)%4 == 0 {
					t.Error("the claims need no padding")
				}
			case "challenge-url-alphabet":
				if !strings.ContainsAny(encoded, "-_") {
					t.Error("the claims have no character of the URL alphabet")
				}
			}
			if again := getSubscriptions(t, tenant, tenant.ResourceManagerURL()+subscriptionsQuery, token); again.Status != 200 {
				t.Errorf("the second request: %d", again.Status)
			}
		})
	}
}

func TestExchangeForms(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		code        int
		error       string
		claims      string // beginning
		shortest    int    // of the claims
		description string
	}{
		"mfa-interaction-required":    {50076, "interaction_required", `{"access_token":{"capolids":`, 0, " Trace ID: "},
		"mfa-many-policies":           {50076, "invalid_grant", `{"access_token":{"capolids":`, 1400, " Trace ID: "},
		"mfa-claims-null":             {50076, "invalid_grant", "null", 0, ""},
		"mfa-claims-array":            {50076, "invalid_grant", "[]", 0, ""},
		"description-lines":           {65001, "invalid_grant", "", 0, "\r\nCorrelation ID: "},
		"unknown-resource-downstream": {500011, "invalid_resource", "", 0, ""},
		"admin-consent-required":      {90094, "invalid_grant", "", 0, ""},
		"not-assigned":                {50105, "invalid_grant", "", 0, "The signed-in user 'alice"},
		"wrong-login-domain":          {500208, "invalid_grant", "", 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := devtenant.Start(t)
			if err := tenant.Switch(name, devtenant.For("alice")); err != nil {
				t.Fatal(err)
			}
			if got := postToken(t, tenant, exchange(tenant.AccessToken("bob"), nil)); got.Status != 200 {
				t.Errorf("bob meets it: %s", got.Description)
			}
			got := postToken(t, tenant, exchange(tenant.AccessToken("alice"), nil))
			refused(t, got, want.code)
			if got.Error != want.error || !strings.HasPrefix(got.Claims, want.claims) || len(got.Claims) < want.shortest || !strings.Contains(got.Description, want.description) {
				t.Errorf("%s %q: %s", got.Error, got.Claims, got.Description)
			}
			if name == "mfa-many-policies" && strings.Count(got.Claims, "de7e0000") != 38 {
				t.Errorf("%d policies", strings.Count(got.Claims, "de7e0000"))
			}
			if got := postToken(t, tenant, exchange(tenant.AccessToken("alice"), nil)); got.Status != 200 {
				t.Errorf("the second exchange: %s", got.Description)
			}
		})
	}
}

func TestOddPages(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	get := func(address string) (*http.Response, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+tokenB(t, tenant, "alice"))
		response, err := tenant.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		raw, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response, string(raw)
	}
	throw := func(name string) {
		t.Helper()
		tenant.ClearSwitches()
		if err := tenant.Switch(name); err != nil {
			t.Fatal(err)
		}
	}
	first := tenant.ResourceManagerURL() + subscriptionsQuery

	throw("arm-byte-order-mark")
	if _, page := get(first); !strings.HasPrefix(page, "\ufeff{") || strings.Count(page, "\ufeff") != 1 || !json.Valid([]byte(strings.TrimPrefix(page, "\ufeff"))) {
		t.Errorf("no byte order mark before a good page: %.40q", page)
	}

	throw("arm-relative-link")
	base, err := url.Parse(first)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for next := first; next != ""; {
		_, raw := get(next)
		var page struct {
			Value    []any  `json:"value"`
			NextLink string `json:"nextLink"`
		}
		if err := json.Unmarshal([]byte(raw), &page); err != nil {
			t.Fatal(err)
		}
		total += len(page.Value)
		if next = ""; page.NextLink != "" {
			if !strings.HasPrefix(page.NextLink, "/subscriptions?") {
				t.Fatalf("nextLink %s", page.NextLink)
			}
			link, err := base.Parse(page.NextLink)
			if err != nil {
				t.Fatal(err)
			}
			next = link.String()
		}
	}
	if total != 3 {
		t.Errorf("%d subscriptions over relative links", total)
	}

	throw("arm-deep-tags")
	if _, page := get(first); strings.Count(page, "[") < 9000 || len(page) > 20000 {
		t.Errorf("%d arrays in %d bytes", strings.Count(page, "["), len(page))
	}

	for name, code := range map[string]string{"arm-wrong-tenant": "InvalidAuthenticationTokenTenant", "arm-wrong-audience": "InvalidAuthenticationTokenAudience"} {
		throw(name)
		if response, page := get(first); response.StatusCode != 401 || !strings.Contains(page, `"`+code+`"`) || strings.Contains(response.Header.Get("WWW-Authenticate"), "claims") || response.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %d %s %s", name, response.StatusCode, response.Header.Get("WWW-Authenticate"), page)
		}
	}
}

func TestOddKeys(t *testing.T) {
	t.Parallel()
	for name, check := range map[string]func(t *testing.T, kid string, keys []map[string]any){
		"keys-other-algorithm": func(t *testing.T, _ string, keys []map[string]any) {
			if len(keys) != 1 || keys[0]["alg"] != "RSA-OAEP" {
				t.Errorf("keys %v", keys)
			}
		},
		"keys-twins": func(t *testing.T, kid string, keys []map[string]any) {
			if len(keys) != 2 || keys[0]["kid"] != kid || keys[1]["kid"] != kid || keys[0]["n"] == keys[1]["n"] || len(keys[0]["n"].(string)) != len(keys[1]["n"].(string)) {
				t.Errorf("keys %v", keys)
			}
		},
		"keys-bad-certificate": func(t *testing.T, kid string, keys []map[string]any) {
			if len(keys) != 1 || keys[0]["kid"] != kid {
				t.Fatalf("keys %v", keys)
			}
			der, err := base64.StdEncoding.DecodeString(keys[0]["x5c"].([]any)[0].(string))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := x509.ParseCertificate(der); err == nil || !strings.Contains(err.Error(), "negative serial") {
				t.Errorf("the certificate is read: %v", err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := devtenant.Start(t)
			kid, _ := tenant.SigningKey()
			if err := tenant.Switch(name); err != nil {
				t.Fatal(err)
			}
			_, got := getJSON(t, tenant, tenant.Authority()+"/discovery/v2.0/keys")
			var keys []map[string]any
			for _, key := range got["keys"].([]any) {
				keys = append(keys, key.(map[string]any))
			}
			check(t, kid, keys)
		})
	}
}

func TestLargeToken(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	if err := tenant.Switch("large-token", devtenant.For("alice")); err != nil {
		t.Fatal(err)
	}
	got := postToken(t, tenant, redeem(code(t, tenant, "alice", nil), nil))
	if size := len(got.AccessToken); size < 20_000 || size > 24_000 {
		t.Errorf("token A has %d bytes", size)
	}
	if got := postToken(t, tenant, exchange(got.AccessToken, nil)); got.Status != 200 {
		t.Errorf("the exchange: %s", got.Description)
	}
}
