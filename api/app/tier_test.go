package app_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

func TestRoutesAreInTheTable(t *testing.T) {
	t.Parallel()
	settings := settingsFor(t, newTenant(t))
	settings["API_MCP"], settings["API_MCP_ALLOWED_CLIENTS"] = "on", webClientID
	api := startConfigured(t, readConfig(t, settings), nil)
	source, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, match := range regexp.MustCompile(`(?m)^//\t((?:GET|POST|PUT|PATCH|DELETE) /\S*)  `).FindAllStringSubmatch(string(source), -1) {
		documented = append(documented, match[1])
	}
	registered := api.server.Routes()
	slices.Sort(documented)
	slices.Sort(registered)
	if !slices.Equal(documented, registered) {
		t.Errorf("doc.go says %q, the router %q", documented, registered)
	}
}

func TestAPanicIsAProblem(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	api := startAPI(t, issuer, nil)
	front := httptest.NewServer(api.server.Panicking(errors.New("secret words of a panic")))
	t.Cleanup(front.Close)
	for range 2 { // the process lives
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, front.URL+"/panic", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer eyJ.secret.words")
		got := do(t, request)
		if got.status != http.StatusInternalServerError || got.problem(t).Code != "internal_error" {
			t.Errorf("got %d %s", got.status, got.body)
		}
		golden(t, "internal_error", got)
	}
	if log := api.log.String(); strings.Contains(log, "secret words") || strings.Contains(log, "eyJ") || !strings.Contains(log, "a handler panicked") {
		t.Errorf("the log is %s", log)
	}
}

func TestProblemsOfValidation(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	api := startAPI(t, issuer, nil)
	for name, authorization := range map[string][]string{
		"no_token":           nil,
		"malformed_request":  {"Bearer"},
		"invalid_token":      {"Bearer " + forge(maps2(issuer.header(), map[string]any{"alg": "none"}), issuer.payload(), signingKey())},
		"token_expired":      {"Bearer " + issuer.token(map[string]any{"exp": 1})},
		"insufficient_scope": {"Bearer " + issuer.token(map[string]any{"scp": "other"})},
		"app_only_token":     {"Bearer " + issuer.token(map[string]any{"idtyp": "app"})},
		"client_not_allowed": {"Bearer " + issuer.token(map[string]any{"azp": bobOID})},
	} {
		t.Run(name, func(t *testing.T) { golden(t, name, api.get(t, authorization...)) })
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	good := settingsFor(t, issuer)
	if _, err := app.ReadConfig(env.From(good)); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, setting, value string
	}{
		{"no tenant", "AUTHORITY", ""},
		{"the template's tenant", "AUTHORITY", "https://login.microsoftonline.com/ReplaceWithTenantID"},
		{"every tenant", "AUTHORITY", "https://login.microsoftonline.com/consumers"},
		{"a client id that is a name", "API_CLIENT_ID", "my api"},
		{"no secret", "API_CLIENT_SECRET", ""},
		{"a caller that is a name", "API_ALLOWED_CLIENTS", webClientID + ",web ui"},
		{"nobody may call", "API_ALLOWED_CLIENTS", ""},
		{"a scope with its App ID URI", "API_REQUIRED_SCOPE", "api://x/access_as_user"},
		{"two scopes", "API_REQUIRED_SCOPE", "a b"},
		{"Resource Manager over plain http", "API_RESOURCE_MANAGER_URL", "http://localhost:8003"},
		{"Resource Manager with a path", "API_RESOURCE_MANAGER_URL", "https://management.azure.com/subscriptions"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			settings := map[string]string{}
			for name, value := range good {
				settings[name] = value
			}
			settings[test.setting] = test.value
			_, err := app.ReadConfig(env.From(settings))
			if err == nil || !strings.Contains(err.Error(), "\n  "+test.setting+" ") {
				t.Errorf("the error is %v, want one about %s", err, test.setting)
			}
		})
	}
}

// TestClouds: nothing but settings points the API at another cloud.
func TestClouds(t *testing.T) {
	t.Parallel()
	for authority, want := range map[string]string{
		"login.microsoftonline.com":        "https://management.core.windows.net//.default",
		"login.microsoftonline.us":         "https://management.core.usgovcloudapi.net//.default",
		"login.partner.microsoftonline.cn": "https://management.core.chinacloudapi.cn//.default",
		"localhost:8003":                   "https://management.core.windows.net//.default",
	} {
		if got := app.ResourceManagerScope(t, "https://"+authority+"/"+tenantID, "https://arm.example"); got != want {
			t.Errorf("%s: the scope is %q, want %q", authority, got, want)
		}
	}
}
