package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
)

// api is an API under test: a real server in front of a tenant.
type api struct {
	url    string
	server *app.App
	log    *logBuffer
}

// logBuffer keeps the log, which tests search for what must not be in it.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func settingsFor(t testing.TB, issuer *tenant) map[string]string {
	return map[string]string{
		"ENVIRONMENT":              "production",
		"AUTHORITY":                issuer.authority(),
		"API_CLIENT_ID":            apiClientID,
		"API_CLIENT_SECRET":        "the-clients-secret",
		"API_ALLOWED_CLIENTS":      "ffffffff-9999-4999-8999-ffffffffffff," + webClientID,
		"API_RESOURCE_MANAGER_URL": issuer.server.URL,
		"TRUSTED_CA_FILE":          issuer.caFile(t),
	}
}

func readConfig(t testing.TB, settings map[string]string) app.Config {
	t.Helper()
	cfg, err := app.ReadConfig(env.From(settings))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// startAPI starts an API in front of a tenant. change may alter its configuration.
func startAPI(t testing.TB, issuer *tenant, change func(*app.Config)) *api {
	t.Helper()
	return startConfigured(t, readConfig(t, settingsFor(t, issuer)), change)
}

func startConfigured(t testing.TB, cfg app.Config, change func(*app.Config)) *api {
	t.Helper()
	if change != nil {
		change(&cfg)
	}
	started := &api{log: &logBuffer{}}
	var err error
	started.server, err = app.New(t.Context(), cfg, telemetry.NewLogger(started.log, "text", "debug"))
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(started.server.Handler())
	started.url = front.URL
	t.Cleanup(func() {
		front.Close()
		if err := started.server.Close(); err != nil {
			t.Error(err)
		}
	})
	return started
}

// answer is what the API said.
type answer struct {
	status int
	header http.Header
	body   string
}

// problem reads the answer as problem details.
func (a answer) problem(t testing.TB) problemBody {
	t.Helper()
	var body problemBody
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("Content-Type is %q in answer %d %s", got, a.status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &body); err != nil {
		t.Fatalf("the body is not JSON: %s", a.body)
	}
	if body.Status != a.status {
		t.Errorf("the body says %d and the status is %d", body.Status, a.status)
	}
	return body
}

type problemBody struct {
	Type, Title, Detail, Code, Check, Hint, TraceID string
	Status, AADSTS                                  int
}

// get asks GET /subscriptions with the values of the Authorization header.
func (a *api) get(t testing.TB, authorization ...string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.url+"/subscriptions", nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(authorization) > 0 {
		request.Header["Authorization"] = authorization
	}
	return do(t, request)
}

func do(t testing.TB, request *http.Request) answer {
	t.Helper()
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

type listBody struct {
	Value []map[string]any
	Count int
}

func (a answer) list(t testing.TB) listBody {
	t.Helper()
	var body listBody
	if a.status != http.StatusOK {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &body); err != nil {
		t.Fatal(err)
	}
	return body
}

func TestTheFlow(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	api := startAPI(t, issuer, nil)

	token := issuer.token(nil)
	for range 10 {
		list := api.get(t, "Bearer "+token).list(t)
		if list.Count != 1 || len(list.Value) != 1 || list.Value[0]["displayName"] != "Subscription 1" {
			t.Fatalf("the list is %+v", list)
		}
		if list.Value[0]["unknownToTheSDK"] != true {
			t.Error("what the SDK's models don't know was dropped")
		}
	}
	for name, want := range map[string]int{"discovery": 1, "keys": 1, "token": 1, "subscriptions": 10} {
		if got := issuer.count(name); got != want {
			t.Errorf("%d requests of %s, want %d", got, name, want)
		}
	}
	form := issuer.form()
	for name, want := range map[string]string{
		"grant_type":          "urn:ietf:params:oauth:grant-type:jwt-bearer",
		"requested_token_use": "on_behalf_of",
		"assertion":           token,
		"client_id":           apiClientID,
	} {
		if got := form[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := form["scope"][0]; !strings.HasPrefix(got, "https://management.core.windows.net//.default") {
		t.Errorf("scope is %q", got)
	}
	if got := form["claims"]; len(got) != 1 || !strings.Contains(got[0], "CP1") {
		t.Errorf("claims is %q, want the capability CP1 in it", got)
	}
}

func TestOneTraceID(t *testing.T) {
	t.Parallel()
	const traceID, asGUID = "0af7651916cd43dd8448eb211c80319c", "0af76519-16cd-43dd-8448-eb211c80319c"
	issuer := newTenant(t)
	headers := make(chan http.Header, 2)
	issuer.set(func(i *tenant) {
		i.tokenHandler = func(w http.ResponseWriter, r *http.Request) {
			headers <- r.Header
			i.sendToken(w, r)
		}
		i.azureHandler = func(w http.ResponseWriter, r *http.Request) {
			headers <- r.Header
			w.WriteHeader(http.StatusForbidden)
		}
	})
	api := startAPI(t, issuer, nil)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, api.url+"/subscriptions?code=in-the-query", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+issuer.token(nil))
	request.Header.Set("traceparent", "00-"+traceID+"-b7ad6b7169203331-01")
	if got := do(t, request).problem(t).TraceID; got != traceID {
		t.Errorf("the problem's trace id is %q", got)
	}
	entra, azure := <-headers, <-headers
	if got := entra.Get("client-request-id"); got != asGUID {
		t.Errorf("Entra got the id %q", got)
	}
	if got := azure.Get("x-ms-client-request-id"); got != asGUID || !strings.Contains(azure.Get("traceparent"), traceID) {
		t.Errorf("Resource Manager got the id %q, traceparent %q", got, azure.Get("traceparent"))
	}
	log := api.log.String()
	for _, want := range []string{"trace_id=" + traceID, "route=/subscriptions", "status=403", "code=resource_manager_forbidden", "user_oid=" + aliceOID, "client=" + webClientID} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s:\n%s", want, log)
		}
	}
	if strings.Contains(log, "in-the-query") || strings.Contains(log, "alice@") {
		t.Errorf("the log holds the query or an address:\n%s", log)
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	issuer.set(func(i *tenant) {
		i.keysHandler = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
	})
	api := startAPI(t, issuer, nil)
	if got := status(t, api, "/healthz"); got != http.StatusOK {
		t.Errorf("healthz is %d while the tenant can't be reached", got)
	}
	if got := status(t, api, "/readyz"); got != http.StatusServiceUnavailable {
		t.Errorf("readyz is %d while the tenant can't be reached", got)
	}
	issuer.set(func(i *tenant) { i.keysHandler = nil })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	waitFor(ctx, t, func() bool { return status(t, api, "/readyz") == http.StatusOK })
	api.get(t, "Bearer "+issuer.token(nil)).list(t)
}

// waitFor asks until the answer is yes, or fails with ctx.
func waitFor(ctx context.Context, t testing.TB, yes func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !yes() {
		select {
		case <-ctx.Done():
			t.Fatal("it did not happen in time")
		case <-tick.C:
		}
	}
}

func status(t testing.TB, api *api, path string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, api.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, request).status
}

// path asks the API for one of its other routes.
func (a *api) path(t testing.TB, method, path, token, body string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, a.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	return do(t, request)
}

// exchanges are the scopes of the exchanges that a tenant was asked for.
func exchanges(tenant *devtenant.Tenant) (scopes []string) {
	for _, request := range tenant.Requests() {
		if request.Endpoint == "token:on_behalf_of" {
			scopes = append(scopes, request.Scope)
		}
	}
	return scopes
}
