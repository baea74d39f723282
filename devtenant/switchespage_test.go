package devtenant_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// The page has first what is on, leaves what a search asks for, and keeps for whom a switch was thrown.
func TestSwitchesPage(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	press := func(name string, form url.Values) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tenant.BrowserURL()+"/switches/"+name, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept", "text/html")
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := tenant.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if text := body(t, response); response.Request.URL.Query().Get("q") != form.Get("q") || response.StatusCode != 200 {
			t.Fatalf("back at %s: %s", response.Request.URL, text)
		}
	}
	rows := func(text string) int { return strings.Count(text, `<form method="post" action="/switches/`) }
	row := func(text, name string) string {
		_, rest, _ := strings.Cut(text, `<li id="`+name+`"`)
		line, _, _ := strings.Cut(rest, "</li>")
		return line
	}
	all := 0
	for _, group := range devtenant.SwitchGroups() {
		all += len(group.Switches)
	}
	for query, want := range map[string]int{"": all, "?q=AADSTS53003": 2, "?q=expired+SECRET": 1, "?q=secret+page+clock": 0, "?q=redirect-uri": 1} {
		if got := rows(page(t, tenant, "/switches"+query)); got != want {
			t.Errorf("%q leaves %d switches, want %d", query, got, want)
		}
	}

	press("keys-bad-certificate", nil)
	press("revoke-sessions", url.Values{"user": {"grace"}})
	press("cae", url.Values{"user": {"bob"}, "times": {"2"}, "q": {"fresh sign-in"}})
	press("mfa", url.Values{"user": {"dave"}})
	press("mfa", url.Values{"user": {"dave"}, "off": {"1"}})
	text := page(t, tenant, "/switches")
	if rows(text) != all || strings.Index(text, `id="keys-bad-certificate"`) > strings.Index(text, `id="consent-missing"`) {
		t.Error("what is on is not first, or there twice")
	}
	for name, user := range map[string]string{"revoke-sessions": "grace", "cae": "bob", "mfa": "dave"} {
		if !strings.Contains(row(text, name), "<option selected>"+user+"</option>") {
			t.Errorf("%s has forgotten %s:%s", name, user, row(text, name))
		}
	}
	if text := page(t, tenant, "/switches?q=no+such+words"); rows(text) != 2 || !strings.Contains(text, "No other switch") {
		t.Errorf("a search hides what is on: %d", rows(text))
	}
	tenant.ClearSwitches()
	if text := page(t, tenant, "/switches"); strings.Contains(text, " selected>") || strings.Contains(text, `id="on-now"`) {
		t.Error("something is on or chosen still")
	}
	tenant.Faults().Set(devtenant.Fault{Name: "a-programs-own", Endpoint: "keys", Status: 500})
	if text := page(t, tenant, "/switches"); !strings.Contains(text, "a-programs-own") || !strings.Contains(text, `id="clear-all"`) {
		t.Error("a program's own fault is not on the page")
	}
}

// A refusal on demand names what the request has, as a real one does: redirect URI, application, user, tenant. Nothing is left empty.
func TestSwitchesNameWhatTheyRefuse(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	for _, group := range devtenant.SwitchGroups() {
		for _, row := range group.Switches {
			for _, fault := range row.Faults {
				if fault.AADSTS == 0 || fault.Endpoint == "token:device_code" {
					continue
				}
				redemption, renewal := redeem(code(t, tenant, "alice", nil), nil), refresh(postToken(t, tenant, redeem(code(t, tenant, "alice", nil), nil)).RefreshToken, nil)
				fault.Name = row.Name
				tenant.Faults().Set(fault)
				var said string
				switch fault.Endpoint {
				case "authorize":
					response, err := browser(tenant).Get(t.Context(), authorizeURL(tenant, nil))
					if err != nil {
						t.Fatal(err)
					}
					location, _ := url.QueryUnescape(response.Header.Get("Location"))
					said = strings.ReplaceAll(body(t, response), "&#39;", "'") + location
				case "token:authorization_code", "token":
					said = postToken(t, tenant, redemption).Description
				case "token:refresh_token":
					said = postToken(t, tenant, renewal).Description
				case "token:on_behalf_of":
					said = postToken(t, tenant, exchange(tenant.AccessToken("alice"), nil)).Description
				default:
					t.Fatalf("%s is about %s", row.Name, fault.Endpoint)
				}
				tenant.Faults().Clear("")
				for _, empty := range []string{"''", "()", "named .", "account  ", "named  ", "the  "} {
					if !strings.Contains(said, "AADSTS") || strings.Contains(said, empty) {
						t.Errorf("%s leaves %q: %s", row.Name, empty, said)
					}
				}
			}
		}
	}
}
