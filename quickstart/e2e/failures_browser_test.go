package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
)

// throw throws a switch as a person does, on the tenant's page, and waits until the page says that it is on. times is as
// in the page's buttons: 1 for the next request, 0 until it is cleared, -1 for the one button of a change of state.
func (w *window) throw(name string, times int) {
	w.t.Helper()
	button := "#" + name + " button"
	if times >= 0 {
		button += fmt.Sprintf(`[name="times"][value="%d"]`, times)
	}
	w.do(chromedp.Navigate(w.s.Tenant.BrowserURL() + "/switches"))
	w.click(button)
	w.waitFor("the switches page", "location.hash === "+quote("#"+name)+" && document.readyState === 'complete'")
}

// clear switches everything off with the page's button.
func (w *window) clear() {
	w.t.Helper()
	w.do(chromedp.Navigate(w.s.Tenant.BrowserURL() + "/switches"))
	w.click("#clear-all")
	w.waitFor("a page on which nothing is on", "document.querySelector('#switches') !== null && document.querySelector('#on-now') === null")
	if on := w.s.Tenant.SwitchedOn(); len(on) != 0 {
		w.t.Errorf("still on: %v", on)
	}
}

// The six failures from which one learns most. Each brings the browser to its page and leaves it there.

// toConsent: consent was withdrawn, and the user signs in again.
func (w *window) toConsent(user string) {
	w.throw("consent-withdrawn", -1)
	w.visit()
	w.signIn(user)
	w.waitFor("the consent page", "document.querySelector('#accept') !== null")
}

// toSecondFactor: Conditional Access protects Resource Manager.
func (w *window) toSecondFactor(user string) {
	w.throw("mfa", -1)
	w.visit()
	w.signIn(user)
	w.waitFor("the second factor", "document.querySelector('#approve') !== null")
}

// toRevocation: the sessions of a user who is signed in were revoked.
func (w *window) toRevocation(user string) {
	w.visit()
	w.signIn(user)
	w.sees("subscription")
	w.throw("revoke-sessions", -1)
	w.visit()
	w.waitFor("the sign-in page", "document.querySelector("+quote("#user-"+user)+") !== null")
}

// toKeyRotation: the keys were rotated under a user who is signed in, which nobody sees.
func (w *window) toKeyRotation(user string) {
	w.visit()
	w.signIn(user)
	w.sees("subscription")
	w.throw("rotate-keys", -1)
	w.visit()
}

// toThrottling: Resource Manager has had enough of a user who is signed in.
func (w *window) toThrottling(user string) {
	w.visit()
	w.signIn(user)
	w.sees("subscription")
	w.throw("arm-throttled", 0)
	w.visit()
	w.sees("busy")
}

// toOutage: Entra's token endpoint is away while a user signs in.
func (w *window) toOutage(user string) {
	w.throw("token-unavailable", 0)
	w.visit()
	w.signIn(user)
	w.sees("Entra can")
}

func TestFailuresInABrowser(t *testing.T) {
	t.Parallel()
	w := open(t, nil)
	for _, scene := range []struct {
		name string
		play func(w *window)
	}{
		{"consent", func(w *window) {
			w.toConsent("grace")
			w.shows("Subscriptions web UI", "Subscriptions API", "Azure")
			w.click("#decline")
			w.sees("Consent was declined")
			w.shows("AADSTS65004", "Trace ID")
			w.click(`a.button[href="/account/login"]`)
			w.click("#user-grace")
			w.click("#accept")
			w.sees("250 subscriptions")
		}},
		{"second factor", func(w *window) {
			w.toSecondFactor("alice")
			w.shows("Approve sign-in request")
			w.click("#deny")
			w.sees("Entra did not sign you in")
			w.shows("AADSTS500121", "Trace ID")
			w.click(`a.button[href="/account/login"]`)
			w.click("#user-alice")
			w.click("#approve")
			w.sees("3 subscriptions")
		}},
		{"revocation", func(w *window) {
			w.toRevocation("alice")
			w.click("#user-alice")
			w.sees("3 subscriptions")
		}},
		{"key rotation", func(w *window) {
			w.toKeyRotation("alice")
			w.sees("3 subscriptions")
			w.signOut()
			w.visit()
			w.signIn("grace") // with a token of the new key
			w.sees("250 subscriptions")
		}},
		{"throttling", func(w *window) {
			w.toThrottling("alice")
			w.shows("Azure is busy with your requests", "Wait 17 seconds first", apperror.ResourceThrottled, "Trace ID")
			w.clear()
			w.visit()
			w.sees("3 subscriptions")
		}},
		{"outage", func(w *window) {
			w.visit()
			w.signIn("alice")
			w.sees("3 subscriptions")
			w.throw("token-unavailable", 0)
			w.visit()
			w.sees("3 subscriptions") // whoever has tokens sees nothing of it
			w.signOut()
			w.toOutage("grace")
			w.shows(apperror.ProviderUnavailable, apperror.Get(apperror.ProviderUnavailable).What, "Trace ID")
			w.clear()
			w.visit()
			w.signIn("grace")
			w.sees("250 subscriptions")
		}},
	} {
		t.Run(scene.name, func(t *testing.T) {
			s := start(t, quick) // whoever withdrew everyone's consent would be in the others' way
			w := &window{t, s, w.tab}
			scene.play(w)
			if match := secretShown(w.html()); match != "" {
				t.Errorf("the page shows %q", match)
			}
			s.Tenant.ClearSwitches()
			w.visit()
			w.signOut()
		})
	}
}

// TestSwitchesPage: what is on shows, for whom, and can be cleared one by one.
func TestSwitchesPage(t *testing.T) {
	t.Parallel()
	s := start(t)
	w := open(t, s)
	throw(t, s, "cae", devtenant.For("alice"))
	w.throw("arm-html", 1)
	w.shows("On now", "on for the next request, for alice", "on for the next request")
	w.click("#cae .clear")
	w.waitFor("cae off", "document.querySelector('#cae.is-on') === null && document.querySelector('#arm-html.is-on') !== null")
	w.throw("user-disabled", -1)
	w.shows("on until cleared")
	w.clear()
	if alice, _ := s.Tenant.Directory().User("alice"); !alice.AccountEnabled {
		t.Error("alice is disabled still")
	}
}

// shows checks that the page says all of it.
func (w *window) shows(texts ...string) {
	w.t.Helper()
	shown := w.text()
	for _, text := range texts {
		if !strings.Contains(shown, text) {
			w.t.Errorf("the page doesn't say %q:\n%s", text, shown)
		}
	}
}
