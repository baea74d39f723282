package devtenant_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// refused checks that the token endpoint answered with a row of the table.
func refused(t *testing.T, got tokenReply, want int) {
	t.Helper()
	if got.code() != want {
		t.Fatalf("got AADSTS%d (%d %s: %s), want AADSTS%d", got.code(), got.Status, got.Error, got.Description, want)
	}
	for _, row := range devtenant.Failures() {
		if row.Code == want && (got.Status != row.Status || got.Suberror != row.Suberror) {
			t.Errorf("status %d suberror %q, want %d %q", got.Status, got.Suberror, row.Status, row.Suberror)
		}
	}
	if got.AccessToken != "" || got.RefreshToken != "" {
		t.Error("a refusal holds a token")
	}
	if strings.ContainsAny(got.Description, "{}") {
		t.Errorf("a name was not filled in: %s", got.Description)
	}
}

func TestErrorBody(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	body := url.Values{"grant_type": {"client_credentials"}, "client_id": {api}, "client_secret": {"wrong"}, "scope": {"https://management.azure.com/.default"}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tenant.Authority()+"/oauth2/v2.0/token", strings.NewReader(body.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	const id = "11111111-2222-4333-8444-555555555555"
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("client-request-id", id)
	request.Header.Set("return-client-request-id", "true")
	got := sendToken(t, tenant, request)
	refused(t, got, 7000215)
	form := regexp.MustCompile(`^AADSTS7000215: [^\r\n]+\. Trace ID: [0-9a-f-]{36} Correlation ID: ` + id + ` Timestamp: \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$`)
	if !form.MatchString(got.Description) {
		t.Errorf("error_description: %q", got.Description)
	}
	if got.Correlation != id || got.Header.Get("client-request-id") != id {
		t.Errorf("correlation id %q, header %q", got.Correlation, got.Header.Get("client-request-id"))
	}
	for header, want := range map[string]string{
		"Cache-Control": "no-store, no-cache", "Pragma": "no-cache", "Expires": "-1", "X-Ms-Clitelem": "1,7000215,0,,", "X-Ms-Request-Id": got.Trace,
	} {
		if got.Header.Get(header) != want {
			t.Errorf("%s: %q, want %q", header, got.Header.Get(header), want)
		}
	}
	if strings.Contains(got.Raw, "wrong") {
		t.Error("the secret is in the answer")
	}
}

func TestTokenRequestRefused(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	application, _ := tenant.Directory().ApplicationByAppID(api)
	expired, err := tenant.Directory().AddPassword(application.ID, "expired", time.Now().Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	form := func(change map[string]string) map[string]string {
		return altered(map[string]string{
			"grant_type": "client_credentials", "client_id": api, "client_secret": apiSecret, "scope": "https://management.azure.com/.default",
		}, change)
	}
	tests := map[string]struct {
		form map[string]string
		want int
	}{
		"no grant type":               {form(map[string]string{"grant_type": ""}), 900144},
		"unknown grant type":          {form(map[string]string{"grant_type": "password"}), 70003},
		"no client":                   {form(map[string]string{"client_id": ""}), 900144},
		"unknown client":              {form(map[string]string{"client_id": "11111111-2222-4333-8444-555555555555"}), 700016},
		"wrong secret":                {form(map[string]string{"client_secret": "wrong"}), 7000215},
		"the secret's id":             {form(map[string]string{"client_secret": expired.KeyID}), 7000215},
		"another application's":       {form(map[string]string{"client_secret": webUISecret}), 7000215},
		"expired secret":              {form(map[string]string{"client_secret": *expired.SecretText}), 7000222},
		"no credential":               {form(map[string]string{"client_secret": ""}), 7000218},
		"a public client's secret":    {form(map[string]string{"client_id": azureCLI}), 700025},
		"secret and assertion":        {form(map[string]string{"client_assertion": "x.y.z"}), 9002313},
		"assertion of no type":        {form(map[string]string{"client_secret": "", "client_assertion": "x.y.z"}), 900144},
		"no scope":                    {form(map[string]string{"scope": ""}), 900144},
		"unknown resource":            {form(map[string]string{"scope": "api://nobody/.default"}), 500011},
		"App ID URI in another case":  {form(map[string]string{"scope": "API://" + api + "/.default"}), 500011},
		"unknown scope":               {form(map[string]string{"scope": "https://management.azure.com/other"}), 70011},
		"a scope, not .default":       {form(map[string]string{"scope": armScope}), 1002012},
		".default mixed with a scope": {form(map[string]string{"scope": armScope + " https://management.azure.com/.default"}), 70011},
		"two resources":               {form(map[string]string{"scope": "https://management.azure.com/.default https://graph.microsoft.com/.default"}), 700022},
		"itself by URI":               {form(map[string]string{"scope": apiDefault}), 90009},
		"claims are not JSON":         {form(map[string]string{"claims": "{"}), 9002313},
		"a scope that ends in slash":  {form(map[string]string{"scope": "https://management.azure.com/"}), 70011},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, postToken(t, tenant, test.form), test.want)
		})
	}
	t.Run("itself by GUID", func(t *testing.T) {
		t.Parallel()
		if got := postToken(t, tenant, form(map[string]string{"scope": api + "/.default"})); got.Status != 200 {
			t.Errorf("refused: %s", got.Description)
		}
	})
}

func TestTokenEndpointForm(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	endpoint := tenant.Authority() + "/oauth2/v2.0/token"
	good := "grant_type=client_credentials&client_id=" + api + "&client_secret=" + apiSecret + "&scope=https://management.azure.com/.default"
	tests := map[string]struct {
		method, url, body string
		basic             [2]string
		status            int
	}{
		"good":                {"POST", endpoint, good, [2]string{}, 200},
		"GET":                 {"GET", endpoint + "?" + good, "", [2]string{}, 405},
		"in the query":        {"POST", endpoint + "?" + good, "", [2]string{}, 400},
		"a parameter twice":   {"POST", endpoint, good + "&scope=x", [2]string{}, 400},
		"too large":           {"POST", endpoint, good + "&x=" + strings.Repeat("x", 1<<18), [2]string{}, 413},
		"basic":               {"POST", endpoint, "grant_type=client_credentials&scope=https://management.azure.com/.default", [2]string{api, apiSecret}, 200},
		"basic, wrong secret": {"POST", endpoint, "grant_type=client_credentials&scope=https://management.azure.com/.default", [2]string{api, "wrong"}, 401},
		"basic and post":      {"POST", endpoint, good, [2]string{api, apiSecret}, 400},
		"another tenant":      {"POST", strings.Replace(endpoint, "de7e0000", "11111111", 1), good, [2]string{}, 400},
		"by domain":           {"POST", tenant.BackURL() + "/devtenant.example/oauth2/v2.0/token", good, [2]string{}, 200},
		"common":              {"POST", tenant.BackURL() + "/common/oauth2/v2.0/token", good, [2]string{}, 400},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request, err := http.NewRequestWithContext(t.Context(), test.method, test.url, strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if test.basic[0] != "" {
				request.SetBasicAuth(url.QueryEscape(test.basic[0]), url.QueryEscape(test.basic[1]))
			}
			response, err := tenant.Client().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if response.StatusCode != test.status {
				t.Errorf("status %d, want %d", response.StatusCode, test.status)
			}
		})
	}
}

func TestAuthorizationCode(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	got := postToken(t, tenant, redeem(code(t, tenant, "alice", nil), nil))
	if got.Status != 200 || got.RefreshToken == "" || got.ExpiresIn < 3600 || got.RefreshIn != 0 {
		t.Fatalf("answer: %d %+v", got.Status, got.Description)
	}
	if want := apiScope + " " + apiDefault; got.Scope != want {
		t.Errorf("scope %q, want %q", got.Scope, want)
	}
	token := claimsOf(t, got.AccessToken)
	for name, want := range map[string]any{
		"aud": api, "iss": tenant.Authority() + "/v2.0", "ver": "2.0", "azp": webUI, "azpacr": "1", "scp": "access_as_user",
		"tid": tenant.Directory().TenantID(), "oid": "de7e0000-0000-4000-8000-0000000000d1", "name": "Alice Archer",
		"preferred_username": "alice@devtenant.example", "idtyp": "user",
	} {
		if token[name] != want {
			t.Errorf("access token: %s is %v, want %v", name, token[name], want)
		}
	}
	for _, v1 := range []string{"appid", "upn", "amr", "unique_name", "xms_cc"} {
		if token[v1] != nil {
			t.Errorf("access token: has %s", v1)
		}
	}
	id := claimsOf(t, got.IDToken)
	if id["aud"] != webUI || id["nonce"] != "n1" || id["iss"] != tenant.Authority()+"/v2.0" || id["sid"] == nil || id["scp"] != nil {
		t.Errorf("ID token: %v", id)
	}
	if id["sub"] == token["sub"] {
		t.Error("sub is not pairwise")
	}
	info, err := base64.RawURLEncoding.DecodeString(got.ClientInfo)
	if err != nil || !strings.Contains(string(info), `"utid":"`+tenant.Directory().TenantID()) {
		t.Errorf("client_info: %s %v", info, err)
	}
}

func TestAuthorizationCodeRefused(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	other, err := tenant.Directory().CreateApplication(directory.Application{DisplayName: "other", Web: directory.WebApplication{RedirectURIs: []string{redirectURI}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tenant.Directory().CreateServicePrincipal(directory.ServicePrincipal{AppID: other.AppID}); err != nil {
		t.Fatal(err)
	}
	otherSecret, err := tenant.Directory().AddPassword(other.ID, "", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		change map[string]string
		want   int
	}{
		"no code":              {map[string]string{"code": ""}, 900144},
		"made up":              {map[string]string{"code": "made-up"}, 9002313},
		"another client":       {map[string]string{"client_id": other.AppID, "client_secret": *otherSecret.SecretText}, 70000},
		"another redirect URI": {map[string]string{"redirect_uri": "http://localhost:8000/"}, 500112},
		"no redirect URI":      {map[string]string{"redirect_uri": ""}, 900144},
		"wrong verifier":       {map[string]string{"code_verifier": strings.Repeat("x", 43)}, 501481},
		"no verifier":          {map[string]string{"code_verifier": ""}, 501481},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, postToken(t, tenant, redeem(code(t, tenant, "alice", nil), test.change)), test.want)
		})
	}
	t.Run("verifier without challenge", func(t *testing.T) {
		t.Parallel()
		plain := code(t, tenant, "alice", map[string]string{"code_challenge": "", "code_challenge_method": ""})
		refused(t, postToken(t, tenant, redeem(plain, nil)), 501481)
	})
	t.Run("twice", func(t *testing.T) {
		t.Parallel()
		once := code(t, tenant, "alice", nil)
		if got := postToken(t, tenant, redeem(once, nil)); got.Status != 200 {
			t.Fatal(got.Description)
		}
		refused(t, postToken(t, tenant, redeem(once, nil)), 54005)
	})
	t.Run("a refresh token as a code", func(t *testing.T) {
		t.Parallel()
		got := postToken(t, tenant, redeem(code(t, tenant, "alice", nil), nil))
		refused(t, postToken(t, tenant, redeem(got.RefreshToken, nil)), 9002313)
	})
}

func TestCodeExpires(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	late := code(t, tenant, "alice", nil)
	tenant.MoveClock(11 * time.Minute)
	refused(t, postToken(t, tenant, redeem(late, nil)), 70008)
}

// refresh is a good renewal by the web UI.
func refresh(token string, change map[string]string) map[string]string {
	return altered(map[string]string{
		"grant_type": "refresh_token", "refresh_token": token, "client_id": webUI, "client_secret": webUISecret, "scope": apiScope + " openid offline_access",
	}, change)
}

func TestRefreshToken(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	first := postToken(t, tenant, redeem(code(t, tenant, "alice", nil), nil))
	for range 2 { // the old one goes on working beside the new
		got := postToken(t, tenant, refresh(first.RefreshToken, nil))
		if got.Status != 200 || got.RefreshToken == "" || claimsOf(t, got.IDToken)["nonce"] != nil {
			t.Fatalf("renewal: %s", got.Description)
		}
	}
	// Without scope it is for what it was for at sign-in, also after a renewal for less.
	less := postToken(t, tenant, refresh(first.RefreshToken, map[string]string{"scope": "openid offline_access"}))
	for _, token := range []string{first.RefreshToken, less.RefreshToken} {
		if got := postToken(t, tenant, refresh(token, map[string]string{"scope": ""})); got.Scope != first.Scope || got.IDToken == "" || got.RefreshToken == "" {
			t.Errorf("without scope: %q, want %q; %s", got.Scope, first.Scope, got.Description)
		}
	}
	tests := map[string]struct {
		change map[string]string
		want   int
	}{
		"none":                     {map[string]string{"refresh_token": ""}, 900144},
		"made up":                  {map[string]string{"refresh_token": "made-up"}, 9002313},
		"another client":           {map[string]string{"client_id": api, "client_secret": apiSecret, "scope": armScope}, 70000},
		"no consent":               {map[string]string{"scope": armScope}, 65001},
		"a second factor demanded": {map[string]string{"claims": `{"access_token":{"capolids":{"essential":true,"values":["x"]}}}`}, 50076},
		"a newer sign-in demanded": {map[string]string{"claims": `{"access_token":{"nbf":{"essential":true,"value":"99999999999"}}}`}, 50173},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			refused(t, postToken(t, tenant, refresh(first.RefreshToken, test.change)), test.want)
		})
	}
	if err := tenant.RevokeSessions("alice"); err != nil {
		t.Fatal(err)
	}
	refused(t, postToken(t, tenant, refresh(first.RefreshToken, nil)), 50173)
	tenant.MoveClock(91 * 24 * time.Hour)
	refused(t, postToken(t, tenant, refresh(first.RefreshToken, nil)), 700082)
}

func TestErinIsDisabledAfterSignIn(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	for range 2 { // as often as one likes
		got := postToken(t, tenant, redeem(code(t, tenant, "erin", nil), nil))
		if got.Status != 200 {
			t.Fatalf("erin can't sign in: %s", got.Description)
		}
		refused(t, postToken(t, tenant, exchange(got.AccessToken, nil)), 50057)
		refused(t, postToken(t, tenant, refresh(got.RefreshToken, nil)), 50057)
	}
	refused(t, postToken(t, tenant, exchange(tenant.AccessToken("erin"), nil)), 50057)
}

func TestAccessTokenFormatFollowsTheResource(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	application, _ := tenant.Directory().ApplicationByAppID(api)
	if _, err := tenant.Directory().UpdateApplication(application.ID, func(a *directory.Application) error {
		a.API.RequestedAccessTokenVersion = nil
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	got := postToken(t, tenant, redeem(code(t, tenant, "frank", nil), nil))
	token := claimsOf(t, got.AccessToken)
	for name, want := range map[string]any{
		"aud": "api://" + api, "iss": "https://sts.windows.net/" + tenant.Directory().TenantID() + "/", "ver": "1.0", "appid": webUI,
		"appidacr": "1", "upn": "frank_fabrikam.example#EXT#@devtenant.example", "idp": "https://sts.windows.net/fab00000-0000-4000-8000-000000000000/",
		"tid": tenant.Directory().TenantID(),
	} {
		if token[name] != want {
			t.Errorf("%s is %v, want %v", name, token[name], want)
		}
	}
	if token["azp"] != nil || token["preferred_username"] != nil {
		t.Errorf("a v1.0 token has v2.0 claims: %v", token)
	}
	if id := claimsOf(t, got.IDToken); id["ver"] != "2.0" {
		t.Errorf("the ID token's version is %v", id["ver"])
	}
	if got := postToken(t, tenant, exchange(got.AccessToken, nil)); got.Status != 200 {
		t.Errorf("a v1.0 assertion: %s", got.Description)
	}
}

func TestLongLifetimeSaysWhenToRefresh(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	cp1 := map[string]string{"claims": `{"access_token":{"xms_cc":{"values":["CP1"]}}}`}
	got := postToken(t, tenant, exchange(tenant.AccessToken("alice"), cp1))
	if got.ExpiresIn < 86000 || got.RefreshIn != 43200 {
		t.Errorf("expires_in %d, refresh_in %d", got.ExpiresIn, got.RefreshIn)
	}
	if token := claimsOf(t, got.AccessToken); token["xms_cc"] == nil {
		t.Error("no xms_cc for a client that sent CP1")
	}
	if got := postToken(t, tenant, exchange(tenant.AccessToken("alice"), nil)); got.RefreshIn != 0 || claimsOf(t, got.AccessToken)["xms_cc"] != nil {
		t.Error("a client without CP1 got a long-lived token")
	}
}
