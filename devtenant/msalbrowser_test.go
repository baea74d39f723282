package devtenant_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/chrome"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/node"
)

// A single-page application in a real browser, with MSAL for browsers: sign-in by a redirect, a token for the API from the
// cache and a renewed one, both fetched by the page itself from another origin, and the sign-out.
func TestMSALBrowser(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	dir := node.Install(t, ctx, "testdata/msal-browser")
	tenant := devtenant.Start(t)
	settings := map[string]string{"authority": tenant.Authority(), "scope": apiScope}
	origin := servePage(t, dir, settings)
	settings["clientId"] = registerSPA(t, tenant, origin+"/").AppID // before anybody asks

	tab, stop, err := chrome.Start(ctx, chromedp.Flag("ignore-certificate-errors", true)) // a person would trust the authority's file
	if errors.Is(err, chrome.ErrMissing) {
		unavailable(t, err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	// result is what the page says once it is the page that is meant: on the way there the browser is at the tenant.
	result := func(meant func(pageResult) bool) pageResult {
		t.Helper()
		var got pageResult
		eventually(t, func() bool {
			text, err := chromedp.Run(tab, chromedp.Evaluate[string](`(document.getElementById('problem')?.textContent || document.getElementById('result')?.textContent) ?? ''`))
			if err != nil || text == "" {
				return false // between two pages
			}
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				t.Fatalf("the page says: %s", text)
			}
			return meant(got)
		})
		return got
	}
	do := func(actions ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(tab, actions...); err != nil {
			t.Fatal(err)
		}
	}

	nobody := func(r pageResult) bool { return r.Accounts != nil && *r.Accounts == 0 }
	do(chromedp.Navigate(origin + "/"))
	result(nobody)
	do(chromedp.Click("#sign-in"), chromedp.Click("#user-alice"))
	got := result(func(r pageResult) bool { return r.User != "" })
	if got.User != "alice@devtenant.example" || !got.FromCache || !got.Renewed {
		t.Fatalf("signed in: %+v", got)
	}
	if claims := claimsOf(t, got.Token); claims["aud"] != api || claims["azpacr"] != "0" || claims["scp"] != "access_as_user" {
		t.Errorf("token A: %v", claims)
	}
	if tenant.Count("token:authorization_code") != 1 || tenant.Count("token:refresh_token") != 1 {
		t.Errorf("%d codes, %d refresh tokens", tenant.Count("token:authorization_code"), tenant.Count("token:refresh_token"))
	}
	do(chromedp.Click("#sign-out"))
	result(nobody)
	if tenant.Count("logout") != 1 {
		t.Errorf("%d sign-outs", tenant.Count("logout"))
	}
}

// pageResult is what the page says.
type pageResult struct {
	Accounts           *int // nil unless nobody has just signed in
	User, Token        string
	FromCache, Renewed bool
}

// servePage serves the application and its settings.
func servePage(t *testing.T, dir string, settings map[string]string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	origin := "http://localhost:" + port
	mux := http.NewServeMux()
	mux.HandleFunc("GET /settings.json", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(settings) })
	for path, file := range map[string]string{
		"/{$}": "index.html", "/page.js": "page.js", "/msal-browser.min.js": "node_modules/@azure/msal-browser/lib/msal-browser.min.js",
	} {
		content, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			switch filepath.Ext(file) {
			case ".js":
				w.Header().Set("Content-Type", "text/javascript")
			default:
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
			}
			_, _ = w.Write(content)
		})
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return origin
}
