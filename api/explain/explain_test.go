package explain_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/explain"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/wire"
)

// start runs an API in front of the development tenant, with package explain plugged in.
func start(t *testing.T, environment string) (*devtenant.Tenant, string) {
	t.Helper()
	tenant := devtenant.Start(t)
	settings := tenant.Settings()
	settings["TRUSTED_CA_FILE"] = filepath.Join(t.TempDir(), "ca.pem")
	if err := tenant.WriteCertificate(settings["TRUSTED_CA_FILE"]); err != nil {
		t.Fatal(err)
	}
	cfg, err := app.ReadConfig(env.From(settings))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Development = environment == "development" // ENVIRONMENT=production takes nothing of devtenant's
	explain.Plug(&cfg)
	api, err := app.New(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = api.Close() })
	front := httptest.NewServer(api.Handler())
	t.Cleanup(front.Close)
	return tenant, front.URL
}

type explained struct {
	Code    string
	Count   int
	Explain *struct {
		Steps []struct {
			Name   string
			Cached bool
			Pages  int
			Sent   *wire.Request
		}
		Token map[string]any
	}
}

func get(t *testing.T, url, token string, header ...string) (status int, body string, answer explained) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/subscriptions", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if len(header) == 2 {
		request.Header.Set(header[0], header[1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return response.StatusCode, string(text), answer
}

func TestInDevelopment(t *testing.T) {
	t.Parallel()
	tenant, url := start(t, "development")
	token, secret := tenant.AccessToken("alice"), tenant.Settings()["API_CLIENT_SECRET"]
	if secret == "" {
		t.Fatal("the API has no secret to look for")
	}
	var first time.Time
	for round, cached := range []bool{false, true} {
		status, body, got := get(t, url, token)
		if status != http.StatusOK || got.Count != 3 || got.Explain == nil || len(got.Explain.Steps) != 3 {
			t.Fatalf("round %d: %d %s", round, status, body)
		}
		for i, name := range []string{"validation", "exchange", "resource_manager"} {
			if got.Explain.Steps[i].Name != name {
				t.Errorf("step %d is %q, want %q", i, got.Explain.Steps[i].Name, name)
			}
		}
		if got.Explain.Steps[1].Cached != cached || got.Explain.Steps[2].Pages != 1 {
			t.Errorf("round %d: the steps are %+v", round, got.Explain.Steps)
		}
		if got.Explain.Token["ver"] != "1.0" || got.Explain.Token["scp"] != "user_impersonation" {
			t.Errorf("token B says %v", got.Explain.Token)
		}
		exchange, call := got.Explain.Steps[1].Sent, got.Explain.Steps[2].Sent
		if exchange == nil || call == nil || exchange.Status != http.StatusOK || call.Status != http.StatusOK {
			t.Fatalf("round %d: what was sent is %+v and %+v", round, exchange, call)
		}
		if round == 0 {
			first = exchange.At
		}
		if !exchange.At.Equal(first) || !slices.Contains(exchange.Sent, wire.Field{Name: "requested_token_use", Value: "on_behalf_of"}) {
			t.Errorf("round %d: the exchange is %+v", round, exchange)
		}
		for _, hidden := range []string{"eyJ", secret, token} {
			if strings.Contains(body, hidden) {
				t.Errorf("the answer holds %s", hidden)
			}
		}
	}
}

// TestErrorsAreExplained: where it broke is what one wants to see.
func TestErrorsAreExplained(t *testing.T) {
	t.Parallel()
	tenant, url := start(t, "development")
	status, body, got := get(t, url, tenant.AccessToken("carol"))
	if status != http.StatusUnauthorized || got.Code != "mfa_required" || got.Explain == nil || len(got.Explain.Steps) != 2 || got.Explain.Steps[1].Name != "exchange" ||
		got.Explain.Steps[1].Sent == nil || !slices.Contains(got.Explain.Steps[1].Sent.Answer, wire.Field{Name: "error_codes", Value: "[50076]"}) {
		t.Errorf("%d %s", status, body)
	}
	if status, body, got := get(t, url, "rubbish"); status != http.StatusUnauthorized || got.Explain == nil || len(got.Explain.Steps) != 0 {
		t.Errorf("%d %s", status, body)
	}
}

func TestInProduction(t *testing.T) {
	t.Parallel()
	tenant, url := start(t, "production")
	if status, body, got := get(t, url, tenant.AccessToken("alice")); status != http.StatusOK || got.Explain != nil || strings.Contains(body, "explain") {
		t.Errorf("%d %s", status, body)
	}
}

// TestExchangedAnew: a caller in development may have its token exchanged anew, and nobody in production: each exchange is a request
// to Entra.
func TestExchangedAnew(t *testing.T) {
	t.Parallel()
	for environment, want := range map[string]int{"development": 3, "production": 1} {
		tenant, url := start(t, environment)
		token := tenant.AccessToken("alice")
		for _, header := range [][]string{nil, {"Cache-Control", "no-cache"}, nil, {"Cache-Control", "no-cache"}} {
			if status, body, _ := get(t, url, token, header...); status != http.StatusOK {
				t.Errorf("%s: %d %s", environment, status, body)
			}
		}
		if got := tenant.Count("token:on_behalf_of"); got != want {
			t.Errorf("%s: %d exchanges, want %d", environment, got, want)
		}
	}
}
