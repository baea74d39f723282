package devtenant_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// Every switch of the table can be thrown and cleared, and its row is whole.
func TestSwitches(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	name := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen, titles := map[string]bool{}, map[string]bool{}
	for _, group := range devtenant.SwitchGroups() {
		if group.Title == "" || group.Lesson == "" {
			t.Errorf("group %q lacks a title or a lesson", group.Title)
		}
		for _, row := range group.Switches {
			if seen[row.Name] || !name.MatchString(row.Name) {
				t.Errorf("the name %q is taken, or none", row.Name)
			}
			seen[row.Name] = true
			if row.Title == "" || strings.HasSuffix(row.Title, ".") || titles[row.Title] {
				t.Errorf("%s has the title %q, which is taken, or none", row.Name, row.Title)
			}
			titles[row.Title] = true
			if !strings.HasSuffix(row.Shows, ".") || (len(row.Faults) == 0) == (row.State == "") {
				t.Errorf("%s lacks a sentence, or is not either faults or a state", row.Name)
			}
			for _, fault := range row.Faults {
				if fault.AADSTS != 0 && !slices.ContainsFunc(devtenant.Failures(), func(f devtenant.Failure) bool { return f.Code == fault.AADSTS }) {
					t.Errorf("%s: AADSTS%d is not in the table of failures", row.Name, fault.AADSTS)
				}
			}
			if row.Name == "user-removed" {
				continue // alice would be nobody to throw the others for
			}
			if err := tenant.Switch(row.Name, devtenant.For("alice")); err != nil {
				t.Errorf("%s: %v", row.Name, err)
			}
		}
	}
	if err := tenant.Switch("user-removed", devtenant.For("alice")); err != nil {
		t.Error(err)
	}
	for _, on := range tenant.SwitchedOn() {
		if on.User != "alice" {
			t.Errorf("%s is on for %q", on.Name, on.User)
		}
	}
	tenant.ClearSwitches()
	if on := tenant.SwitchedOn(); len(on) != 0 || len(tenant.Faults().Active()) != 0 {
		t.Errorf("still on: %v", on)
	}
	if alice, ok := tenant.Directory().User("alice"); !ok || !alice.AccountEnabled || len(alice.Devtenant.SecondFactorFor) != 0 {
		t.Errorf("alice is not as she was: %+v", alice)
	}
	for _, wrong := range []error{tenant.Switch("no-such-switch"), tenant.Switch("mfa", devtenant.For("nobody"))} {
		if wrong == nil {
			t.Error("no error")
		}
	}
}

// A switch for one user leaves the others alone, at each place where a request says whom it is about.
func TestSwitchForOneUser(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	for _, endpoint := range []string{"token:authorization_code", "token:refresh_token", "token:on_behalf_of"} {
		tenant.Faults().Set(devtenant.Fault{Name: "f", Endpoint: endpoint, AADSTS: 90033, User: "bob"})
		for user, want := range map[string]int{"alice": 0, "bob": 90033} {
			tenant.Faults().Clear("")
			form := exchange(tenant.AccessToken(user), nil)
			switch endpoint {
			case "token:authorization_code":
				form = redeem(code(t, tenant, user, nil), nil)
			case "token:refresh_token":
				form = refresh(postToken(t, tenant, redeem(code(t, tenant, user, nil), nil)).RefreshToken, nil)
			}
			tenant.Faults().Set(devtenant.Fault{Name: "f", Endpoint: endpoint, AADSTS: 90033, User: "bob"})
			if got := postToken(t, tenant, form); got.code() != want {
				t.Errorf("%s by %s: %d, want %d", endpoint, user, got.code(), want)
			}
		}
		tenant.Faults().Clear("")
	}
	if err := tenant.Switch("arm-forbidden", devtenant.For("bob")); err != nil {
		t.Fatal(err)
	}
	for user, want := range map[string]int{"alice": 200, "bob": 403} {
		if got := getSubscriptions(t, tenant, tenant.ResourceManagerURL()+"/subscriptions?api-version=2022-12-01", "Bearer "+tokenB(t, tenant, user)); got.Status != want {
			t.Errorf("%s: %d, want %d", user, got.Status, want)
		}
	}
}

// Resource Manager refuses the token of a user whose sessions were revoked, with claims that only a new sign-in meets.
func TestContinuousAccessEvaluation(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"revoke-sessions", "revoke-sessions-documented", "user-disabled", "user-removed"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := devtenant.Start(t)
			assertion := tenant.AccessToken("alice")
			token := postToken(t, tenant, exchange(assertion, map[string]string{"claims": `{"access_token":{"xms_cc":{"values":["CP1"]}}}`})).AccessToken
			unaware := tokenB(t, tenant, "alice")
			if err := tenant.Switch(name); err != nil {
				t.Fatal(err)
			}
			address := tenant.ResourceManagerURL() + "/subscriptions?api-version=2022-12-01"
			got := getSubscriptions(t, tenant, address, "Bearer "+token)
			form, code := `Bearer authorization_uri="https://login.windows.net/", error="invalid_token", error_description="User session has been revoked", claims="`, "AuthenticationFailed"
			if name == "revoke-sessions-documented" {
				form, code = `Bearer realm="", authorization_uri="`+tenant.BrowserURL()+`/common/oauth2/authorize", error="insufficient_claims", claims="`, "InvalidAuthenticationToken"
			}
			if challenge := got.Header.Get("WWW-Authenticate"); got.Status != 401 || !strings.HasPrefix(challenge, form) || got.Error.Code != code {
				t.Errorf("%d %s %s", got.Status, challenge, got.Error.Code)
			}
			// A client that didn't say that it understands challenges gets none.
			if got := getSubscriptions(t, tenant, address, "Bearer "+unaware); got.Status != 200 {
				t.Errorf("without CP1: %d", got.Status)
			}
			want := map[string]int{"revoke-sessions": 50173, "revoke-sessions-documented": 50173, "user-disabled": 50057, "user-removed": 50034}[name]
			if got := postToken(t, tenant, exchange(assertion, nil)); got.code() != want {
				t.Errorf("the exchange answers %d, want %d", got.code(), want)
			}
		})
	}
}

// The same over HTTP, as programs and as the page do it.
func TestSwitchesOverHTTP(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	ask := func(method, path, accept string, form url.Values) (int, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, tenant.BrowserURL()+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept", accept)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := tenant.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(body)
	}
	on := func() string {
		var names []string
		for _, state := range tenant.SwitchedOn() {
			names = append(names, state.Name)
		}
		return strings.Join(names, " ")
	}
	const program, person = "application/json", "text/html,*/*"
	for _, step := range []struct {
		name, method, path, accept string
		form                       url.Values
		status                     int
		on, says                   string
	}{
		{"one by a program", "POST", "/switches/cae?times=3&user=alice", program, nil, 200, "cae", `"on":{"name":"cae","user":"alice","times":3}`},
		{"one by the page", "POST", "/switches/clock-ahead", person, url.Values{"user": {""}}, 200, "cae clock-ahead", "until cleared"},
		{"the page", "GET", "/switches", person, nil, 200, "cae clock-ahead", "for 3 requests"},
		{"the tenant's page", "GET", "/", person, nil, 200, "cae clock-ahead", `href="/switches#cae">Azure wants a fresh sign-in`},
		{"off by the page", "POST", "/switches/cae", person, url.Values{"off": {"1"}, "user": {""}}, 200, "clock-ahead", "On now"},
		{"off by a program", "DELETE", "/switches/clock-ahead", program, nil, 200, "", "switches"},
		{"another", "POST", "/switches/blocked", program, nil, 200, "blocked", "switches"},
		{"no such switch", "POST", "/switches/nothing", program, nil, 404, "blocked", "no switch"},
		{"no such user", "POST", "/switches/mfa?user=nobody", program, nil, 404, "blocked", "no user"},
		{"no number", "POST", "/switches/cae?times=-1", program, nil, 400, "blocked", "times"},
		{"all off by the page", "POST", "/switches", person, nil, 200, "", "Make something fail"},
		{"all off by a program", "DELETE", "/switches", program, nil, 200, "", "switches"},
	} {
		status, body := ask(step.method, step.path, step.accept, step.form)
		if status != step.status || on() != step.on || !strings.Contains(body, step.says) {
			t.Errorf("%s: %d, on: %q, and the answer says %q: %v", step.name, status, on(), step.says, strings.Contains(body, step.says))
		}
	}
	var listed struct {
		Address  string
		Switches []struct{ Name, Group, Shows string }
	}
	if _, body := ask("GET", "/switches", program, nil); json.Unmarshal([]byte(body), &listed) != nil || len(listed.Switches) < 40 || listed.Switches[0].Shows == "" || listed.Address != tenant.BrowserURL() {
		t.Errorf("the list: %s", body)
	}

	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tenant.BrowserURL()+"/switches/cae", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	response, err := tenant.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusForbidden || on() != "" {
		t.Errorf("from another site: %d, on: %q", response.StatusCode, on())
	}
}
