package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
)

// TestFieldCase22SigningOutToAnotherOrigin: Chromium holds each redirect behind the sign-out button against the page's form-action.
// The user comes to where the setting, or the tenant's own sign-out, leads, and is signed out.
func TestFieldCase22SigningOutToAnotherOrigin(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!doctype html><title>Elsewhere</title><p>You are elsewhere")
	}))
	t.Cleanup(elsewhere.Close)
	other := strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1) // another port is another origin
	bounce := httptest.NewServer(http.RedirectHandler(other+"/from-the-bounce", http.StatusFound))
	t.Cleanup(bounce.Close)
	for name, test := range map[string]struct {
		tenantGoesTo string
		next         string // WEBUI_POST_LOGOUT_REDIRECT_URI
	}{
		"the tenant's sign-out redirects to another host":      {tenantGoesTo: elsewhere.URL + "/"},
		"the tenant's sign-out redirects, and that once again": {tenantGoesTo: bounce.URL + "/"},
		"the setting is on another origin":                     {next: other + "/signed-out"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, func(o *stack.Options) {
				if test.next != "" {
					o.Settings = map[string]string{"WEBUI_POST_LOGOUT_REDIRECT_URI": test.next}
				}
			})
			goesTo := test.tenantGoesTo
			if goesTo == "" {
				goesTo = test.next // devtenant sends nobody to an address that isn't registered; Entra does once it is
			}
			s.Tenant.Faults().Set(devtenant.Fault{
				Name: "elsewhere", Endpoint: "logout", Status: http.StatusFound, Header: http.Header{"Location": {goesTo}},
			})
			w := open(t, s)
			w.visit()
			w.signIn("alice")
			w.sees("Alice Archer")
			w.click(`form[action="/account/logout"] button`)
			w.waitFor("the page elsewhere", `document.body !== null && document.body.innerText.includes("You are elsewhere")`)
			asked := s.Tenant.Requests()[0]
			if test.next != "" && !strings.Contains(strings.Join(values(asked), " "), test.next) {
				t.Errorf("the tenant was asked to go on to %q", values(asked))
			}
			w.visit()
			w.sees("Sign in")
			if text := w.text(); strings.Contains(text, "Alice") {
				t.Errorf("the user is still signed in:\n%s", text)
			}
		})
	}
}

func values(request devtenant.Request) []string {
	var all []string
	for _, parameter := range request.Parameters {
		all = append(all, parameter.Value)
	}
	return all
}
