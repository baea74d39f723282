package devtenant_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// Nothing secret is in the list, on the page or in the log, whatever was asked.
func TestRequestsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	var mu sync.Mutex
	tenant := devtenant.Start(t, func(o *devtenant.Options) {
		o.Log = slog.New(slog.NewTextHandler(lockedWriter{&mu, &log}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	agent := browser(tenant)
	signedIn := answer(t, agent, authorizeURL(tenant, nil), "alice")
	tokens := postToken(t, tenant, redeem(signedIn.Get("code"), nil))
	postToken(t, tenant, refresh(tokens.RefreshToken, nil))
	exchanged := postToken(t, tenant, exchange(tokens.AccessToken, nil))
	getSubscriptions(t, tenant, tenant.ResourceManagerURL()+"/subscriptions?api-version=2022-12-01", "Bearer "+exchanged.AccessToken)
	getSubscriptions(t, tenant, tenant.ResourceManagerURL()+"/subscriptions?api-version=2022-12-01&access_token="+exchanged.AccessToken, "")

	pages := page(t, tenant, "/") + page(t, tenant, "/requests")
	mu.Lock()
	defer mu.Unlock()
	everything := pages + fmt.Sprintf("%+v", tenant.Requests()) + log.String()
	secrets := []string{
		signedIn.Get("code"), tokens.AccessToken, tokens.RefreshToken, tokens.IDToken, exchanged.AccessToken, webUISecret, apiSecret, verifier,
	}
	for _, cookie := range agent.Cookies(tenant.BrowserURL()) {
		secrets = append(secrets, cookie.Value)
	}
	for i, secret := range secrets {
		if secret == "" || strings.Contains(everything, secret) {
			t.Errorf("secret %d is empty or can be seen", i)
		}
	}
	for endpoint, want := range map[string]int{
		"token:authorization_code": 1, "token:refresh_token": 1, "token:on_behalf_of": 1, "token": 3, "subscriptions": 2, "sign-in": 1, "authorize": 2, "consent": 0,
	} {
		if got := tenant.Count(endpoint); got != want {
			t.Errorf("%s was asked %d times, want %d", endpoint, got, want)
		}
	}
	if last := tenant.Requests()[0]; last.Endpoint != "subscriptions" || last.Status != 401 {
		t.Errorf("the last request comes first: %+v", last)
	}
}

func TestRequestsAreBounded(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	client := tenant.Client()
	for range 250 {
		response, err := client.Get(tenant.Authority() + "/discovery/v2.0/keys?" + strings.Repeat("x", 1000))
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
	}
	if got := len(tenant.Requests()); got != 200 || tenant.Count("keys") != 250 {
		t.Errorf("%d kept, %d counted", got, tenant.Count("keys"))
	}
	if name := tenant.Requests()[0].Parameters[0].Name; len(name) > 310 {
		t.Errorf("a parameter of %d bytes was kept", len(name))
	}
}

type lockedWriter struct {
	mu *sync.Mutex
	w  *bytes.Buffer
}

func (l lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
