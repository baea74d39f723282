package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/chrome"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
)

// window is a browser as a person sits in front of it, with one tab of it.
type window struct {
	t   *testing.T
	s   *stack.Stack
	tab context.Context
}

func open(t *testing.T, s *stack.Stack, options ...chromedp.ExecAllocatorOption) *window {
	t.Helper()
	tab, stop, err := chrome.Start(t.Context(), options...)
	if errors.Is(err, chrome.ErrMissing) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return &window{t, s, tab}
}

// newTab opens another tab of the same browser.
func (w *window) newTab() *window {
	tab, closeTab := chromedp.NewContext(w.tab)
	w.t.Cleanup(closeTab)
	if err := chromedp.Do(tab); err != nil { // opens it; under a context with a timeout it would close with that
		w.t.Fatal(err)
	}
	return &window{w.t, w.s, tab}
}

func (w *window) do(steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.tab, 20*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		w.t.Fatalf("%v\nthe page was:\n%s", err, w.text())
	}
}

// visit opens the web UI's start page.
func (w *window) visit() { w.t.Helper(); w.do(chromedp.Navigate(w.s.WebUI.URL + "/")) }

// click presses what a selector finds, once it is there.
func (w *window) click(selector string) {
	w.t.Helper()
	w.do(chromedp.WaitVisible(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector)))
}

// sees waits until a page of the web UI says text.
func (w *window) sees(text string) {
	w.t.Helper()
	w.waitFor(text, "location.origin === "+quote(w.s.WebUI.URL)+" && document.body !== null && document.body.innerText.includes("+quote(text)+")")
}

// waitFor waits until a condition holds on whatever page the browser has come to.
func (w *window) waitFor(what, condition string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.tab, 20*time.Second)
	defer cancel()
	for {
		_, err := chromedp.Run(ctx, chromedp.Poll[bool](condition))
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			w.t.Fatalf("waiting for %q: %v\nthe page was:\n%s", what, err, w.text())
		}
		// The browser went on to another page while this one was asked.
	}
}

func quote(text string) string { return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"` }

// text returns what the page shows.
func (w *window) text() string {
	ctx, cancel := context.WithTimeout(w.tab, 5*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body === null ? '' : document.body.innerText"))
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return text
}

// html returns the page's source.
func (w *window) html() string {
	w.t.Helper()
	source, err := chromedp.Run(w.tab, chromedp.Evaluate[string]("document.documentElement.outerHTML"))
	if err != nil {
		w.t.Fatal(err)
	}
	return source
}

// signIn presses the button and picks the user.
func (w *window) signIn(user string) {
	w.t.Helper()
	w.click(`a.button[href^="/account/login"]`)
	w.click("#user-" + user)
}

// signOut presses the button and waits until the browser has been to Entra and is back.
func (w *window) signOut() {
	w.t.Helper()
	w.click(`form[action="/account/logout"] button`)
	w.waitFor("the signed-out page", "location.origin === "+quote(w.s.WebUI.URL)+` && document.querySelector('a.button[href^="/account/login"]') !== null`)
}

// back presses Back so many times and waits until the web UI shows another document.
func (w *window) back(steps int) {
	w.t.Helper()
	if _, err := chromedp.Run(w.tab, chromedp.Evaluate[bool](fmt.Sprintf("window.here = true; history.go(-%d); true", steps))); err != nil {
		w.t.Fatal(err)
	}
	w.waitFor("the page before", "window.here === undefined && document.readyState === 'complete' && location.origin === "+quote(w.s.WebUI.URL))
}

func TestInABrowser(t *testing.T) {
	t.Parallel()
	s := start(t)
	w := open(t, s)

	t.Run("alice sees three, signs out, and Back shows nothing", func(t *testing.T) {
		w := &window{t, s, w.tab}
		w.visit()
		w.sees("Sign in")
		w.signIn("alice")
		w.sees("Alice Archer")
		if got := subscriptionsOn(w.html()); got != 3 {
			t.Errorf("%d subscriptions", got)
		}
		w.sees("Contoso production")
		w.signOut()
		w.back(1) // to the page with the subscriptions: Entra's went on by itself and left no entry
		if text := w.text(); strings.Contains(text, "Alice") || strings.Contains(text, "Contoso production") {
			t.Errorf("Back shows:\n%s", text)
		}
	})
	t.Run("bob's page explains", func(t *testing.T) {
		w := &window{t, s, w.tab}
		w.visit()
		w.signIn("bob")
		w.sees("Bob Baker")
		w.sees("No subscriptions")
		w.sees("role")
		w.signOut()
	})
	t.Run("grace has 250", func(t *testing.T) {
		w := &window{t, s, w.tab}
		w.visit()
		w.signIn("grace")
		w.sees("Grace Grant")
		if got := subscriptionsOn(w.html()); got != 250 {
			t.Errorf("%d subscriptions", got)
		}
		w.signOut()
	})
	t.Run("dave consents once and never again", func(t *testing.T) {
		w := &window{t, s, w.tab}
		w.visit()
		w.signIn("dave")
		w.click("#accept")
		w.sees("Dave Dyer")
		w.signOut()
		w.visit()
		w.signIn("dave")
		w.sees("Dave Dyer")
		w.signOut()
	})
	t.Run("carol approves a second factor", func(t *testing.T) {
		w := &window{t, s, w.tab}
		w.visit()
		w.signIn("carol")
		w.click("#approve")
		w.sees("Carol Carpenter")
		w.signOut()
	})
	t.Run("two tabs sign in at once", func(t *testing.T) {
		first := &window{t, s, w.newTab().tab}
		second := &window{t, s, w.newTab().tab}
		for _, tab := range []*window{first, second} {
			tab.visit()
		}
		for _, tab := range []*window{first, second} {
			tab.click(`a.button[href^="/account/login"]`) // both are at Entra now
		}
		for _, tab := range []*window{first, second} {
			tab.click("#user-alice")
			tab.sees("Alice Archer")
		}
		first.visit()
		first.sees("Alice Archer")
	})
}
