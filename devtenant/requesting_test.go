package devtenant_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// The sample's applications in the embedded tenant.
const (
	webUI       = "de7e0000-0000-4000-8000-0000000000a1"
	api         = "de7e0000-0000-4000-8000-0000000000a2"
	apiScope    = "api://" + api + "/access_as_user"
	apiDefault  = "api://" + api + "/.default"
	redirectURI = "http://localhost:8000/account/callback"
	armScope    = "https://management.azure.com/user_impersonation"
	azureCLI    = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"

	webUISecret = "web-ui-for-development-only"
	apiSecret   = "api-for-development-only"

	verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" // RFC 7636, appendix B
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

// authorizeURL is an authorization request of the web UI; change adds to it or alters it ("" deletes).
func authorizeURL(tenant *devtenant.Tenant, change map[string]string) string {
	query := url.Values{
		"client_id": {webUI}, "response_type": {"code"}, "redirect_uri": {redirectURI}, "scope": {apiDefault + " openid profile offline_access"},
		"state": {"s1"}, "nonce": {"n1"}, "code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}
	for name, value := range change {
		query.Set(name, value)
		if value == "" {
			query.Del(name)
		}
	}
	return tenant.BrowserURL() + "/" + tenant.Directory().TenantID() + "/oauth2/v2.0/authorize?" + query.Encode()
}

// browser is a user agent that stops where the application would take over.
func browser(tenant *devtenant.Tenant) *devtenant.UserAgent {
	agent := devtenant.NewUserAgent(tenant)
	agent.StopAt(redirectURI)
	return agent
}

// answer is what the application is sent at the end of a sign-in.
func answer(t *testing.T, agent *devtenant.UserAgent, address, user string) url.Values {
	t.Helper()
	response, err := agent.SignIn(t.Context(), address, user)
	if err != nil {
		t.Fatal(err)
	}
	location, err := response.Location()
	if err != nil {
		body, _ := io.ReadAll(response.Body)
		t.Fatalf("no redirect to the application, but %d after pages %v:\n%s", response.StatusCode, agent.Pages, body)
	}
	return location.Query()
}

func code(t *testing.T, tenant *devtenant.Tenant, user string, change map[string]string) string {
	t.Helper()
	got := answer(t, browser(tenant), authorizeURL(tenant, change), user)
	if got.Get("code") == "" {
		t.Fatalf("no code: %v", got)
	}
	return got.Get("code")
}

// tokenReply is what the token endpoint answers, good or bad.
type tokenReply struct {
	Status       int
	Header       http.Header
	Raw          string
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	IDToken      string `json:"id_token"`
	Scope        string `json:"scope"`
	ExpiresIn    int    `json:"expires_in"`
	RefreshIn    int    `json:"refresh_in"`
	ClientInfo   string `json:"client_info"`
	Error        string `json:"error"`
	Suberror     string `json:"suberror"`
	Description  string `json:"error_description"`
	Codes        []int  `json:"error_codes"`
	Correlation  string `json:"correlation_id"`
	Trace        string `json:"trace_id"`
	Claims       string `json:"claims"`
}

func (r tokenReply) code() int {
	if len(r.Codes) == 0 {
		return 0
	}
	return r.Codes[0]
}

func postToken(t *testing.T, tenant *devtenant.Tenant, form map[string]string) tokenReply {
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
	return sendToken(t, tenant, request)
}

func sendToken(t *testing.T, tenant *devtenant.Tenant, request *http.Request) tokenReply {
	t.Helper()
	response, err := tenant.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	reply := tokenReply{Status: response.StatusCode, Header: response.Header, Raw: string(raw)}
	if err := json.Unmarshal(raw, &reply); err != nil {
		t.Fatalf("not JSON (%v): %s", err, raw)
	}
	return reply
}

// redeem is a good redemption by the web UI; change alters it.
func redeem(code string, change map[string]string) map[string]string {
	return altered(map[string]string{
		"grant_type": "authorization_code", "code": code, "redirect_uri": redirectURI, "code_verifier": verifier,
		"client_id": webUI, "client_secret": webUISecret, "scope": apiDefault + " openid profile offline_access", "client_info": "1",
	}, change)
}

// exchange is a good on-behalf-of request by the API.
func exchange(assertion string, change map[string]string) map[string]string {
	return altered(map[string]string{
		"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "requested_token_use": "on_behalf_of", "assertion": assertion,
		"client_id": api, "client_secret": apiSecret, "scope": armScope,
	}, change)
}

func altered(form, change map[string]string) map[string]string {
	for name, value := range change {
		form[name] = value
	}
	return form
}

// claimsOf decodes a token without checking it.
func claimsOf(t *testing.T, raw string) map[string]any {
	t.Helper()
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		t.Fatalf("not a JWS: %q", raw)
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}
