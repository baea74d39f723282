package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/chrome"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

// TestWithABrowser signs alice in with Chromium, from the address that the console opens to the answer that MSAL waits for on this
// machine, and has the API list her subscriptions.
func TestWithABrowser(t *testing.T) {
	t.Parallel()
	tab, stop, err := chrome.Start(t.Context())
	if errors.Is(err, chrome.ErrMissing) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	ctx, cancel := context.WithTimeout(tab, time.Minute)
	defer cancel()
	tenant, settings := startAPI(t)
	var opened url.URL
	done := make(chan error, 1)
	o := options{json: true, browse: func(address string) error {
		parsed, err := url.Parse(address)
		if err != nil {
			return err
		}
		opened = *parsed
		go func() { // MSAL listens for the answer only after this has returned
			defer close(done)
			done <- chromedp.Do(ctx, chromedp.Navigate(address), chromedp.Click(chromedp.CSS("#user-alice")),
				chromedp.WaitVisible(chromedp.CSS("#continue")), chromedp.Click(chromedp.CSS("#continue"))) // MSAL asks for its answer as a form
		}()
		return nil
	}}
	var stdout, stderr bytes.Buffer
	if err := o.list(ctx, func() (*env.Reader, error) { return env.From(settings), nil }, &stdout, &stderr); err != nil {
		t.Fatal(err)
	}
	asked := opened.Query()
	if asked.Get("code_challenge_method") != "S256" || asked.Get("code_challenge") == "" || asked.Get("state") == "" || !strings.HasPrefix(asked.Get("redirect_uri"), "http://localhost:") {
		t.Errorf("the browser was sent to Entra with %v", asked)
	}
	var list struct{ Value []any }
	if err := json.Unmarshal(stdout.Bytes(), &list); err != nil || len(list.Value) != 3 {
		t.Errorf("%v: %s", err, stdout.String())
	}
	if strings.Contains(stderr.String(), "eyJ") {
		t.Error("a token is printed")
	}
	if got := tenant.Count("token:authorization_code"); got != 1 {
		t.Errorf("%d codes were redeemed", got)
	}
	if err := <-done; err != nil {
		t.Errorf("in the browser: %v", err)
	}
}
