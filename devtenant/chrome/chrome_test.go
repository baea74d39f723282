package chrome_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/chrome"
)

func TestStart(t *testing.T) {
	tab, stop, err := chrome.Start(t.Context())
	if errors.Is(err, chrome.ErrMissing) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<title>hello</title>"))
	}))
	defer page.Close()
	if err := chromedp.Do(tab, chromedp.Navigate(page.URL)); err != nil {
		t.Fatal(err)
	}
	if title, err := chromedp.Run(tab, chromedp.Title()); err != nil || title != "hello" {
		t.Errorf("title is %q, %v", title, err)
	}
}

func TestMissingBrowser(t *testing.T) {
	t.Setenv("CHROME", "no-such-browser")
	if _, _, err := chrome.Start(t.Context()); !errors.Is(err, chrome.ErrMissing) {
		t.Errorf("error is %v, want ErrMissing", err)
	}
}
