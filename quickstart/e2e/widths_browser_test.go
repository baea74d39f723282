package e2e

import (
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
)

// TestNoPageScrollsSideways walks the web UI's pages through the widths of a small phone to a big screen, for a user with a long
// name without a space, and with an order of one.
func TestNoPageScrollsSideways(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *stack.Options) {
		o.Settings = map[string]string{"API_GRAPH_URL": "https://localhost:1"} // the greeting says why it is without Graph
		o.Tenant = func(o *devtenant.Options) { o.Directory = longNames(t) }
	})
	w := open(t, s)
	at := func(path string) {
		t.Helper()
		w.do(chromedp.EmulateViewport(1280, 800), chromedp.Navigate(s.WebUI.URL+path))
		w.fits(path)
	}
	at("/")
	at("/nowhere")
	at("/account/callback?admin_consent=True&tenant=" + s.Tenant.Directory().TenantID())
	at("/account/callback?error=access_denied&error_description=AADSTS65004%3A+declined&state=x")
	w.visit()
	w.signIn("alice")
	w.sees("Sign out")
	w.do(chromedp.WaitVisible(chromedp.CSS("#greeting details")))
	at("/")
	w.click(`header a[href="/orders"]`)
	w.sees("There are none yet")
	w.fits("/orders")
	w.do(
		chromedp.SetValue(chromedp.CSS("#place [name=item]"), strings.Repeat("W", 100)),
		chromedp.Click(chromedp.CSS("#place-order")), chromedp.WaitVisible(chromedp.CSS("[name=delete]")),
	)
	at("/orders")
}

// fits opens what is folded on the page, and fails the test for each width at which the page is wider than its window.
func (w *window) fits(page string) {
	w.t.Helper()
	if _, err := chromedp.Run(w.tab, chromedp.Evaluate[bool](`document.querySelectorAll("details").forEach(d => d.open = true); true`)); err != nil {
		w.t.Fatal(err)
	}
	for _, width := range []int64{320, 390, 580, 768, 930, 1280, 1920, 2560} {
		w.do(chromedp.EmulateViewport(width, 800))
		over, err := chromedp.Run(w.tab, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`))
		if err != nil {
			w.t.Fatal(err)
		}
		if over > 0 {
			w.t.Errorf("%s is %d pixels wider than a window of %d", page, over, width)
		}
	}
}

// longNames is devtenant's own directory, in which alice and a subscription have names that can't be broken at a space.
func longNames(t *testing.T) *directory.Directory {
	t.Helper()
	published, err := os.ReadFile("../../devtenant/directory/tenant.json")
	if err != nil {
		t.Fatal(err)
	}
	replaced := strings.NewReplacer("Alice Archer", strings.Repeat("Donaudampfschiff", 6), "Contoso production", strings.Repeat("Contoso_production_", 3)).Replace(string(published))
	own, err := directory.Load(strings.NewReader(replaced))
	if err != nil {
		t.Fatal(err)
	}
	return own
}
