package devtenant_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

func body(t *testing.T, response *http.Response) string {
	t.Helper()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// Mistakes before the redirect URI is known to be the application's are a page, never a redirect.
func TestAuthorizeErrorPage(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	tests := map[string]struct {
		change map[string]string
		says   string
	}{
		"another redirect URI":       {map[string]string{"redirect_uri": "http://localhost:8000/other"}, "AADSTS50011"},
		"a slash more":               {map[string]string{"redirect_uri": redirectURI + "/"}, "AADSTS50011"},
		"another case":               {map[string]string{"redirect_uri": "http://localhost:8000/Account/callback"}, "AADSTS50011"},
		"another port":               {map[string]string{"redirect_uri": "http://localhost:9000/account/callback"}, "AADSTS50011"},
		"with a query":               {map[string]string{"redirect_uri": redirectURI + "?x=1"}, "AADSTS50011"},
		"127.0.0.1":                  {map[string]string{"redirect_uri": "http://127.0.0.1:8000/account/callback"}, "AADSTS50011"},
		"script":                     {map[string]string{"redirect_uri": "javascript:alert(1)"}, "AADSTS50011"},
		"no redirect URI":            {map[string]string{"redirect_uri": ""}, "AADSTS50011"},
		"unknown client":             {map[string]string{"client_id": "<script>"}, "AADSTS700016"},
		"no client":                  {map[string]string{"client_id": ""}, "AADSTS900144"},
		"user code that nobody has":  {map[string]string{"response_type": "device_code", "user_code": "ABC"}, "AADSTS70018"},
		"a public client's other":    {map[string]string{"client_id": azureCLI, "redirect_uri": "http://localhost:1/x"}, "AADSTS50011"},
		"a public client's userinfo": {map[string]string{"client_id": azureCLI, "redirect_uri": "http://x@localhost:1"}, "AADSTS50011"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response, err := browser(tenant).SignIn(t.Context(), authorizeURL(tenant, test.change), "alice")
			if err != nil {
				t.Fatal(err)
			}
			page := body(t, response)
			if response.Header.Get("Location") != "" || !strings.Contains(page, test.says) {
				t.Errorf("%d %s, want a page that says %s", response.StatusCode, response.Header.Get("Location"), test.says)
			}
			if strings.Contains(page, "<script>") {
				t.Error("the page holds what was sent, unescaped")
			}
		})
	}
}

func TestAuthorizeErrorRedirect(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	tests := map[string]struct {
		change      map[string]string
		error, says string
	}{
		"no response type":     {map[string]string{"response_type": ""}, "invalid_request", "AADSTS900144"},
		"unknown mode":         {map[string]string{"response_mode": "web_message"}, "invalid_request", "AADSTS9002313"},
		"PKCE plain":           {map[string]string{"code_challenge_method": "plain"}, "invalid_request", "AADSTS9002313"},
		"PKCE without method":  {map[string]string{"code_challenge_method": ""}, "invalid_request", "AADSTS9002313"},
		"PKCE of other length": {map[string]string{"code_challenge": "short"}, "invalid_request", "AADSTS9002313"},
		"unknown prompt":       {map[string]string{"prompt": "create"}, "invalid_request", "AADSTS9002313"},
		"none with another":    {map[string]string{"prompt": "none login"}, "invalid_request", "AADSTS9002313"},
		"no scope":             {map[string]string{"scope": ""}, "invalid_request", "AADSTS900144"},
		"unknown resource":     {map[string]string{"scope": "api://nobody/.default"}, "invalid_resource", "AADSTS500011"},
		"unknown scope":        {map[string]string{"scope": "api://" + api + "/other"}, "invalid_client", "AADSTS650053"},
		"mixed with .default":  {map[string]string{"scope": apiDefault + " " + apiScope}, "invalid_scope", "AADSTS70011"},
		"claims not JSON":      {map[string]string{"claims": "{"}, "invalid_request", "AADSTS9002313"},
		"nobody signed in":     {map[string]string{"prompt": "none"}, "login_required", "AADSTS50058"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := answer(t, browser(tenant), authorizeURL(tenant, test.change), "alice")
			if got.Get("error") != test.error || !strings.HasPrefix(got.Get("error_description"), test.says+": ") || got.Get("state") != "s1" || got.Get("code") != "" {
				t.Errorf("got %v", got)
			}
		})
	}
	t.Run("common", func(t *testing.T) {
		t.Parallel()
		address := strings.Replace(authorizeURL(tenant, nil), tenant.Directory().TenantID(), "common", 1)
		response, err := browser(tenant).SignIn(t.Context(), address, "frank")
		if err != nil {
			t.Fatal(err)
		}
		if page := body(t, response); !strings.Contains(page, "AADSTS50194") {
			t.Error("a single-tenant application could use /common")
		}
	})
}

func TestSingleSignOn(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change map[string]string
		wait   time.Duration
		pages  []string
	}{
		"nothing asked":                {nil, 0, nil},
		"prompt=none":                  {map[string]string{"prompt": "none"}, 0, nil},
		"prompt=login":                 {map[string]string{"prompt": "login"}, 0, []string{"sign-in"}},
		"prompt=select_account":        {map[string]string{"prompt": "select_account"}, 0, []string{"sign-in"}},
		"prompt=consent":               {map[string]string{"prompt": "consent"}, 0, []string{"consent"}},
		"prompt=login consent":         {map[string]string{"prompt": "login consent"}, 0, []string{"sign-in", "consent"}},
		"login_hint, the same":         {map[string]string{"login_hint": "alice@devtenant.example"}, 0, nil},
		"login_hint, another":          {map[string]string{"login_hint": "bob@devtenant.example"}, 0, []string{"sign-in"}},
		"domain_hint":                  {map[string]string{"domain_hint": "devtenant.example"}, 0, nil},
		"max_age, young enough":        {map[string]string{"max_age": "3600"}, 0, nil},
		"max_age, too old":             {map[string]string{"max_age": "60"}, 2 * time.Minute, []string{"sign-in"}},
		"a day later":                  {nil, 25 * time.Hour, []string{"sign-in"}},
		"a claims challenge":           {map[string]string{"claims": `{"access_token":{"capolids":{"essential":true,"values":["x"]}}}`}, 0, []string{"second-factor"}},
		"an authentication context":    {map[string]string{"claims": `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`}, 0, []string{"second-factor"}},
		"a session that was ended":     {map[string]string{"claims": `{"access_token":{"nbf":{"essential":true,"value":"99999999999"}}}`}, 0, []string{"sign-in", "sign-in"}},
		"CP1 alone is no challenge":    {map[string]string{"claims": `{"access_token":{"xms_cc":{"values":["CP1"]}}}`}, 0, nil},
		"unknown claims are no matter": {map[string]string{"claims": `{"id_token":{"email":null}}`}, 0, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := devtenant.Start(t)
			agent := browser(tenant)
			answer(t, agent, authorizeURL(tenant, nil), "alice")
			tenant.MoveClock(test.wait)
			if _, err := agent.SignIn(t.Context(), authorizeURL(tenant, test.change), "alice"); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(agent.Pages, test.pages) {
				t.Errorf("pages %v, want %v", agent.Pages, test.pages)
			}
		})
	}
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*devtenant.Tenant) error{
		"revoked": func(tenant *devtenant.Tenant) error { return tenant.RevokeSessions("alice") },
		"disabled": func(tenant *devtenant.Tenant) error {
			_, err := tenant.Directory().UpdateUser("alice", func(u *directory.User) { u.AccountEnabled = false })
			return err
		},
	}
	for name, end := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := devtenant.Start(t)
			agent := browser(tenant)
			answer(t, agent, authorizeURL(tenant, nil), "alice")
			if err := end(tenant); err != nil {
				t.Fatal(err)
			}
			if got := answer(t, agent, authorizeURL(tenant, map[string]string{"prompt": "none"}), ""); got.Get("error") != "login_required" {
				t.Errorf("the session lives on: %v", got)
			}
		})
	}
}

func TestSignInOfSomebodyWhoMayNot(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	if _, err := tenant.Directory().UpdateUser("bob", func(u *directory.User) { u.AccountEnabled = false }); err != nil {
		t.Fatal(err)
	}
	for user, says := range map[string]string{"bob": "AADSTS50057", "nobody": "AADSTS50034"} {
		response, err := browser(tenant).SignIn(t.Context(), authorizeURL(tenant, nil), user)
		if err != nil {
			t.Fatal(err)
		}
		if page := body(t, response); !strings.Contains(page, says) {
			t.Errorf("%s: the page does not say %s", user, says)
		}
	}
}

// Erin comes back to the sign-in page after she was disabled: it says why.
func TestSignInPageSaysWhyItIsBack(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	agent := browser(tenant)
	signedIn := answer(t, agent, authorizeURL(tenant, nil), "erin")
	postToken(t, tenant, redeem(signedIn.Get("code"), nil))
	for name, agent := range map[string]*devtenant.UserAgent{"with her session": agent, "in another browser": browser(tenant)} {
		response, err := agent.Get(t.Context(), authorizeURL(tenant, map[string]string{"login_hint": "erin@devtenant.example"}))
		if err != nil {
			t.Fatal(err)
		}
		if page := body(t, response); !strings.Contains(page, "AADSTS50057") {
			t.Errorf("%s: the page does not say AADSTS50057", name)
		}
	}
}

func TestResponseModes(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)

	fragment := browser(tenant)
	response, err := fragment.SignIn(t.Context(), authorizeURL(tenant, map[string]string{"response_mode": "fragment"}), "alice")
	if err != nil {
		t.Fatal(err)
	}
	location, err := response.Location()
	if err != nil {
		t.Fatal(err)
	}
	if values, err := url.ParseQuery(location.Fragment); err != nil || values.Get("code") == "" || location.RawQuery != "" {
		t.Errorf("fragment: %s", location)
	}

	received := make(chan url.Values, 1)
	application := http.NewServeMux()
	application.HandleFunc("POST /account/callback", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		received <- r.PostForm
	})
	address := serveApplication(t, tenant, application)
	form := devtenant.NewUserAgent(tenant)
	if _, err := form.SignIn(t.Context(), authorizeURL(tenant, map[string]string{"response_mode": "form_post", "redirect_uri": address + "/account/callback"}), "alice"); err != nil {
		t.Fatal(err)
	}
	if got := <-received; got.Get("code") == "" || got.Get("state") != "s1" {
		t.Errorf("form_post: %v", got)
	}
}

func TestPagesHaveHeaders(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	for name, address := range map[string]string{
		"home": tenant.BrowserURL() + "/", "sign-in": authorizeURL(tenant, nil), "error": authorizeURL(tenant, map[string]string{"client_id": ""}),
		"device": tenant.BrowserURL() + "/devicelogin", "explain": tenant.BrowserURL() + "/error?code=65001",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response, err := browser(tenant).Get(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			policy := response.Header.Get("Content-Security-Policy")
			for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
				if !strings.Contains(policy, want) {
					t.Errorf("Content-Security-Policy %q lacks %s", policy, want)
				}
			}
			if strings.Contains(policy, "unsafe") || response.Header.Get("X-Content-Type-Options") != "nosniff" || response.Header.Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("headers: %v", response.Header)
			}
			page := body(t, response)
			if !strings.Contains(page, "or development only") {
				t.Error("does not say that it is for development only")
			}
			for _, inline := range []string{"<script", " style=", "<style", " onclick"} {
				if strings.Contains(page, inline) {
					t.Errorf("holds %s", inline)
				}
			}
			if name == "sign-in" && !strings.Contains(policy, "form-action 'self' http://localhost:8000;") {
				// Chromium blocks the redirect that follows a form unless its origin is allowed.
				t.Errorf("the form's redirect would be blocked: %s", policy)
			}
		})
	}
}

func TestPagesRefuseOtherSites(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	for _, path := range []string{"/sign-in", "/consent", "/second-factor"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tenant.BrowserURL()+"/"+tenant.Directory().TenantID()+path, strings.NewReader("user=alice"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Sec-Fetch-Site", "cross-site")
		response, err := tenant.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusForbidden {
			t.Errorf("%s from another site: %d", path, response.StatusCode)
		}
	}
}
