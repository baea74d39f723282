package e2e

import (
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
)

// Names as directories have them: one without a space, one from right to left, and none at all.
var (
	longName     = strings.Repeat("Donaudampfschiff", 6)
	arabicName   = "محمد عبد الرحمن"
	longWord     = strings.Repeat("Contoso_production_", 3)
	hebrewJob    = "מנהלת ענן"
	renamedUsers = strings.NewReplacer(
		`"displayName": "Alice Archer", "givenName": "Alice", "surname": "Archer", "jobTitle": "Cloud administrator"`,
		`"displayName": "`+longName+`", "givenName": "", "surname": "", "jobTitle": "`+hebrewJob+`"`,
		`"displayName": "Bob Baker", "givenName": "Bob", "surname": "Baker"`,
		`"displayName": "`+arabicName+`", "givenName": "محمد", "surname": "عبد الرحمن"`,
		`"displayName": "Grace Grant", "givenName": "Grace", "surname": "Grant"`,
		`"displayName": " ", "givenName": "", "surname": ""`,
		"Contoso production", longWord,
		"Contoso staging", "اشتراك التجربة (staging)",
	)
)

// renamed is devtenant's own directory with such names.
func renamed(t *testing.T) *directory.Directory {
	t.Helper()
	published, err := os.ReadFile("../../devtenant/directory/tenant.json")
	if err != nil {
		t.Fatal(err)
	}
	replaced := renamedUsers.Replace(string(published))
	if strings.Contains(replaced, "Grace Grant") || !strings.Contains(replaced, arabicName) || !strings.Contains(replaced, longName) {
		t.Fatal("devtenant's directory has other names than this test replaces")
	}
	own, err := directory.Load(strings.NewReader(replaced))
	if err != nil {
		t.Fatal(err)
	}
	return own
}

// TestEveryPage walks through the pages of the web UI and of devtenant, with names that are hard to show. Each of them has to fit
// into windows of all widths, and to break no rule of axe.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	axe := axeSource(t)
	s := start(t, func(o *stack.Options) {
		o.Settings = map[string]string{"API_GRAPH_URL": "https://localhost:1"} // the greeting says why it is without Graph
		o.Tenant = func(o *devtenant.Options) { o.Directory = renamed(t) }
	})
	w := open(t, s)
	id, client := s.Tenant.Directory().TenantID(), s.Settings["WEBUI_CLIENT_ID"]
	// look is for the page that the browser is at; a selector finds what only that page has.
	look := func(selector string) {
		t.Helper()
		w.do(chromedp.EmulateViewport(1280, 800), chromedp.WaitVisible(chromedp.CSS(selector)))
		w.unfold()
		w.fits(selector)
		w.prints(selector)
		w.accessible(selector, axe)
		w.do(chromedp.EmulateViewport(1280, 800))
	}
	webUI := func(path, selector string) {
		t.Helper()
		w.do(chromedp.Navigate(s.WebUI.URL + path))
		look(selector)
	}
	tenant := func(path, selector string) {
		t.Helper()
		w.do(chromedp.Navigate(s.Tenant.BrowserURL() + path))
		look(selector)
	}
	signIn := func(user, selector string) { t.Helper(); w.visit(); w.signIn(user); look(selector) }
	authorize := func(name, value string) string {
		query := url.Values{"client_id": {client}, "response_type": {"code"}, "scope": {"openid"}, "redirect_uri": {s.WebUI.URL + "/account/callback"}}
		query.Set(name, value)
		return "/" + id + "/oauth2/v2.0/authorize?" + query.Encode()
	}
	adminConsent := "/" + id + "/adminconsent?client_id=" + client

	// Nobody is signed in.
	tenant("/", "main#home")
	tenant("/requests", "main#requests")
	tenant("/error?code=65001", "#explain")
	tenant(authorize("redirect_uri", "https://elsewhere.example/"), "#error")
	tenant(authorize("prompt", "login"), "#sign-in")
	tenant("/devicelogin", "#device")
	w.do(chromedp.SetValue(chromedp.CSS("#code"), "NONE"))
	w.click("#next")
	look("#device #problem")
	webUI("/", ".hero")
	webUI("/nowhere", ".error")
	webUI("/account/callback?admin_consent=True&tenant="+id, "#admin-consented")
	webUI("/account/callback?error=access_denied&error_description=AADSTS65004%3A+declined&state=x", ".error")

	// Each user's own way.
	signIn("dave", "#consent #accept")
	w.click("#accept")
	w.sees("Dave Dyer")
	w.signOut()
	signIn("carol", "#second-factor")
	w.click("#approve")
	w.sees("Carol Carpenter")
	w.signOut()
	signIn("erin", ".error")
	signIn("bob", "#subscriptions .empty")
	w.signOut()
	signIn("grace", "#subscriptions .pages")
	webUI("/?page=10", "#subscriptions .pages")
	webUI("/?q="+longName, "#subscriptions .search [role=status]")
	w.signOut()
	signIn("alice", "#subscriptions table")
	w.do(chromedp.WaitVisible(chromedp.CSS("#greeting details")))
	w.click(`header a[href="/orders"]`)
	look("#orders .empty")
	w.do(chromedp.SetValue(chromedp.CSS("#place [name=item]"), strings.Repeat("W", 100)))
	w.click("#place-order")
	look("#orders [name=delete]")
	w.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#place").noValidate = true`), chromedp.SetValue(chromedp.CSS("#place [name=item]"), longName))
	w.do(chromedp.SetValue(chromedp.CSS("#place [name=quantity]"), "0"))
	w.click("#place-order")
	look("#orders #refused")
	w.click("#orders [name=delete]")
	w.do(chromedp.WaitVisible(chromedp.CSS("#orders .empty")))

	// What failed is on the pages, and switches are on.
	throw(t, s, "arm-throttled", devtenant.Times(0))
	throw(t, s, "cae", devtenant.For("bob"))
	webUI("/", ".error")
	tenant("/switches", "#switches #on-now")
	tenant("/", "main#home")
	tenant("/requests", "main .trace")
	s.Tenant.ClearSwitches()

	// What alice's sign-in page, and those behind it, have besides: she is an administrator.
	tenant(authorize("prompt", "select_account"), "#sign-in .tag.on")
	tenant(authorize("prompt", "consent"), "#consent #organization")
	tenant(authorize("response_mode", "form_post"), "#form-post")
	w.do(chromedp.Navigate(s.Tenant.BrowserURL() + adminConsent))
	w.click("#user-alice")
	look("#consent #accept")
	w.do(chromedp.Navigate(s.Tenant.BrowserURL() + adminConsent))
	w.click("#user-bob")
	look("#consent #decline.primary")
	tenant("/"+id+"/oauth2/v2.0/logout", "#signed-out")
}
