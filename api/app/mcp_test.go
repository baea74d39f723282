package app_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// startMCP starts an API with the tools for agents in front of the development tenant.
func startMCP(t *testing.T) (*devtenant.Tenant, *api) {
	t.Helper()
	return startWithDevtenant(t, func(cfg *app.Config) { cfg.MCP.On = true })
}

// agentsToken is a user's token for the tools.
func agentsToken(tenant *devtenant.Tenant, user string, change ...func(map[string]any)) string {
	return tenant.AccessToken(user, append([]func(map[string]any){func(claims map[string]any) {
		claims["scp"], claims["azp"] = "mcp.access", tenant.Settings()["API_MCP_ALLOWED_CLIENTS"]
	}}, change...)...)
}

// withToken sends a token along.
type withToken string

func (w withToken) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Set("Authorization", "Bearer "+string(w))
	return http.DefaultTransport.RoundTrip(request)
}

// agent connects the SDK's client.
func agent(t *testing.T, url, token string) *mcp.ClientSession {
	t.Helper()
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{
		Endpoint: url + "/mcp", HTTPClient: &http.Client{Transport: withToken(token)},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session
}

type listed struct {
	Subscriptions []struct{ DisplayName string }
	Count         int
	Note          string
}

func list(ctx context.Context, session *mcp.ClientSession) (listed, string, error) {
	result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: "list_subscriptions", Arguments: map[string]any{}})
	if err != nil {
		return listed{}, "", err
	}
	text, err := json.Marshal(result)
	if err != nil {
		return listed{}, "", err
	}
	if result.IsError {
		return listed{}, string(text), fmt.Errorf("the tool failed: %s", text)
	}
	structured, err := json.Marshal(result.StructuredContent)
	if err != nil {
		return listed{}, "", err
	}
	var found listed
	return found, string(text), json.Unmarshal(structured, &found)
}

func TestToolsForAgents(t *testing.T) {
	t.Parallel()
	tenant, api := startMCP(t)
	for user, want := range map[string]int{"alice": 3, "bob": 0, "grace": 250} {
		t.Run(user, func(t *testing.T) {
			session := agent(t, api.url, agentsToken(tenant, user))
			tools, err := session.ListTools(t.Context(), nil)
			if err != nil || len(tools.Tools) != 2 || !tools.Tools[0].Annotations.ReadOnlyHint || !tools.Tools[1].Annotations.ReadOnlyHint {
				t.Fatalf("the tools are %+v, %v", tools, err)
			}
			found, text, err := list(t.Context(), session)
			if err != nil || found.Count != want || len(found.Subscriptions) != want {
				t.Fatalf("%d subscriptions, want %d: %v", found.Count, want, err)
			}
			if (found.Note != "") != (want == 0) {
				t.Errorf("the note is %q", found.Note)
			}
			if strings.Contains(text, "eyJ") {
				t.Error("the result holds a token")
			}
		})
	}
	if strings.Contains(api.log.String(), "eyJ") {
		t.Error("the log holds a token")
	}
}

// TestProgress: whoever asks to be told hears of each of Resource Manager's pages.
func TestProgress(t *testing.T) {
	t.Parallel()
	tenant, api := startMCP(t)
	told := make(chan float64, 100)
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, &mcp.ClientOptions{
		ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) { told <- r.Params.Progress },
	})
	session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{
		Endpoint: api.url + "/mcp", HTTPClient: &http.Client{Transport: withToken(agentsToken(tenant, "grace"))},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	params := &mcp.CallToolParams{Name: "list_subscriptions", Arguments: map[string]any{}}
	params.SetProgressToken("a")
	if result, err := session.CallTool(t.Context(), params); err != nil || result.IsError {
		t.Fatalf("%+v, %v", result, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	pages, last := 0, 0.0
	for last < 250 {
		select {
		case soFar := <-told:
			if pages++; soFar <= last {
				t.Errorf("%v after %v", soFar, last)
			}
			last = soFar
		case <-ctx.Done():
			t.Fatalf("told of %v in %d pages", last, pages)
		}
	}
	if pages < 2 {
		t.Errorf("told once, of %v", last)
	}
}

// TestToolsOfManyAgents: what one user's agent gets is that user's, however many ask at once.
func TestToolsOfManyAgents(t *testing.T) {
	t.Parallel()
	tenant, api := startMCP(t)
	var group sync.WaitGroup
	for user, want := range map[string]int{"alice": 3, "grace": 250, "bob": 0} {
		session := agent(t, api.url, agentsToken(tenant, user))
		for range 10 {
			group.Go(func() {
				for range 5 {
					if found, _, err := list(t.Context(), session); err != nil || found.Count != want {
						t.Errorf("%s: %d subscriptions, want %d, %v", user, found.Count, want, err)
					}
				}
			})
		}
	}
	group.Wait()
}

// post sends a message to the tools.
func (a *api) post(t *testing.T, body string, header ...string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.url+"/mcp", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json, text/event-stream")
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			request.Host = header[i+1]
		}
		request.Header.Set(header[i], header[i+1])
	}
	return do(t, request)
}

const callTool = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_subscriptions","arguments":{}}}`

// TestAChallengeReachesTheAgentsClient: as the result of a tool its claims would be lost.
func TestAChallengeReachesTheAgentsClient(t *testing.T) {
	t.Parallel()
	tenant, api := startMCP(t)
	got := api.post(t, callTool, "Authorization", "Bearer "+agentsToken(tenant, "carol"))
	header := got.header.Get("WWW-Authenticate")
	_, encoded, _ := strings.Cut(header, `claims="`)
	encoded, _, _ = strings.Cut(encoded, `"`)
	claims, err := base64.StdEncoding.DecodeString(encoded)
	if got.status != http.StatusUnauthorized || got.problem(t).Code != "mfa_required" || err != nil || !strings.Contains(string(claims), "capolids") ||
		!strings.Contains(header, `resource_metadata="http://localhost:8001/.well-known/oauth-protected-resource/mcp"`) {
		t.Errorf("got %d %s %s", got.status, header, got.body)
	}
	if got := api.post(t, callTool, "Authorization", "Bearer "+agentsToken(tenant, "carol", devtenant.WithSecondFactor)); got.status != http.StatusOK || !strings.Contains(got.body, `"count":2`) {
		t.Errorf("with the second factor: %d %s", got.status, got.body)
	}
}

// TestAttacksOnTheTools: by number, as the API's other cases.
func TestAttacksOnTheTools(t *testing.T) {
	t.Parallel()
	tenant, api := startMCP(t)
	good := "Bearer " + agentsToken(tenant, "alice")
	scope := `scope="api://` + tenant.Settings()["API_CLIENT_ID"] + `/mcp.access"`
	for _, test := range []struct {
		name    string
		header  []string
		body    string
		status  int
		code    string
		expects string // in WWW-Authenticate
	}{
		{name: "case m1: no token", status: 401, code: "no_token", expects: scope},
		{name: "case m2: another API's audience", header: []string{"Authorization", "Bearer " + agentsToken(tenant, "alice", func(c map[string]any) { c["aud"] = "https://management.core.windows.net/" })}, status: 401, code: "wrong_audience", expects: "resource_metadata="},
		{name: "case m3: the scope of the other routes", header: []string{"Authorization", "Bearer " + agentsToken(tenant, "alice", func(c map[string]any) { c["scp"] = "access_as_user" })}, status: 403, code: "insufficient_scope", expects: scope},
		{name: "case m4: a client that isn't an agent's", header: []string{"Authorization", "Bearer " + agentsToken(tenant, "alice", func(c map[string]any) { c["azp"] = tenant.Settings()["WEBUI_CLIENT_ID"] })}, status: 403, code: "client_not_allowed"},
		{name: "case m5: an application's own token", header: []string{"Authorization", "Bearer " + agentsToken(tenant, "alice", func(c map[string]any) { c["idtyp"] = "app" })}, status: 403, code: "app_only_token"},
		{name: "case m6: a page of another site", header: []string{"Authorization", good, "Origin", "https://evil.example"}, status: 403, code: "cross_site"},
		{name: "case m7: a name that was made to point here", header: []string{"Authorization", good, "Host", "evil.example:8001"}, status: 403, code: "cross_site"},
		{name: "case m8: an opaque origin", header: []string{"Authorization", good, "Origin", "null"}, status: 403, code: "cross_site"},
		{name: "case m9: a session id, of somebody else or made up", header: []string{"Authorization", good, "Mcp-Session-Id", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}, status: 200},
		{name: "case m10: an inspector on this machine", header: []string{"Authorization", good, "Origin", "http://localhost:6274"}, status: 200},
		{name: "case m11: a body without end", header: []string{"Authorization", good}, body: callTool + strings.Repeat(" ", 1<<20), status: 413},
		{name: "case m13: a batch", header: []string{"Authorization", good}, body: "[" + strings.Repeat(callTool+",", 300) + callTool + "]", status: 400, code: "bad_request"},
		{name: "case m14: a batch behind white space", header: []string{"Authorization", good, "Mcp-Protocol-Version", "2025-03-26"}, body: " \r\n\t[" + callTool + "]", status: 400, code: "bad_request"},
		{name: "case m15: this machine in capitals", header: []string{"Authorization", good, "Host", "LOCALHOST:8001"}, status: 200},
		{name: "case m16: this machine by IPv6, without a port", header: []string{"Authorization", good, "Host", "[::1]"}, status: 200},
		{name: "case m17: a name that begins like this machine's", header: []string{"Authorization", good, "Host", "localhost.evil.example"}, status: 403, code: "cross_site"},
		{name: "case m18: the web UI's token", header: []string{"Authorization", "Bearer " + tenant.AccessToken("alice")}, status: 403},
		{name: "case m19: the token in a cookie", header: []string{"Cookie", "access_token=" + agentsToken(tenant, "alice")}, status: 401, code: "no_token"},
		{name: "case m20: another host, and a header of a proxy's that names this one", header: []string{"Authorization", good, "Host", "evil.example", "X-Forwarded-Host", "localhost:8001", "Forwarded", "host=localhost:8001"}, status: 403, code: "cross_site"},
		{name: "case m12: not JSON", header: []string{"Authorization", good}, body: "{", status: 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			body := test.body
			if body == "" {
				body = callTool
			}
			got := api.post(t, body, test.header...)
			if got.status != test.status || (test.code != "" && got.problem(t).Code != test.code) {
				t.Fatalf("got %d %.300s", got.status, got.body)
			}
			if challenge := got.header.Get("WWW-Authenticate"); !strings.Contains(challenge, test.expects) {
				t.Errorf("WWW-Authenticate is %s", challenge)
			}
		})
	}
}

// TestAnAgentsTokenOpensNothingElse: case m21.
func TestAnAgentsTokenOpensNothingElse(t *testing.T) {
	t.Parallel()
	tenant, api := startMCP(t)
	public := []string{"/healthz", "/readyz", "/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"}
	refused := 0
	for _, route := range api.server.Routes() {
		method, path, _ := strings.Cut(route, " ")
		if path == "/mcp" || slices.Contains(public, path) {
			continue
		}
		if got := api.path(t, method, path, agentsToken(tenant, "alice"), ""); got.status != http.StatusForbidden {
			t.Errorf("%s: %d %s", route, got.status, got.body)
		}
		refused++
	}
	if refused == 0 {
		t.Error("no route takes a token")
	}
}

// TestNobodysSession: case m22. No session is opened that somebody else could go on with, and whoever sends an id gets their own.
func TestNobodysSession(t *testing.T) {
	t.Parallel()
	tenant, api := startMCP(t)
	const initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}`
	opened := api.post(t, initialize, "Authorization", "Bearer "+agentsToken(tenant, "alice"))
	if opened.status != http.StatusOK || opened.header.Get("Mcp-Session-Id") != "" {
		t.Errorf("got %d, session %q", opened.status, opened.header.Get("Mcp-Session-Id"))
	}
	alices := agent(t, api.url, agentsToken(tenant, "alice"))
	if alices.ID() != "" {
		t.Errorf("the session is %q", alices.ID())
	}
	got := api.post(t, callTool, "Authorization", "Bearer "+agentsToken(tenant, "bob"), "Mcp-Session-Id", "alices")
	if got.status != http.StatusOK || !strings.Contains(got.body, `"count":0`) {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

func TestMetadataOfTheTools(t *testing.T) {
	t.Parallel()
	tenant, api := startMCP(t)
	response, err := http.Get(api.url + "/.well-known/oauth-protected-resource/mcp")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var metadata map[string]any
	if err := json.Unmarshal(body, &metadata); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"resource": "http://localhost:8001/mcp", "authorization_servers": []any{tenant.Authority() + "/v2.0"},
		"scopes_supported": []any{"api://" + tenant.Settings()["API_CLIENT_ID"] + "/mcp.access"},
	}
	for name, value := range want {
		if fmt.Sprint(metadata[name]) != fmt.Sprint(value) {
			t.Errorf("%s is %v, want %v", name, metadata[name], value)
		}
	}
	off := startConfigured(t, readConfig(t, settingsFor(t, newTenant(t))), nil)
	for _, path := range []string{"/mcp", "/.well-known/oauth-protected-resource/mcp"} {
		if got := status(t, off, path); got != http.StatusNotFound {
			t.Errorf("off: %s answers %d", path, got)
		}
	}
}

// TestMetadataForSeveralOrganizations names a server that there is: the issuer of /organizations has a placeholder in it.
func TestMetadataForSeveralOrganizations(t *testing.T) {
	t.Parallel()
	issuer, _ := newOrganizations(t)
	settings := settingsFor(t, issuer)
	settings["AUTHORITY"], settings["ALLOWED_TENANTS"] = issuer.server.URL+"/organizations", "*"
	settings["API_MCP"], settings["API_MCP_ALLOWED_CLIENTS"] = "on", webClientID
	api := startConfigured(t, readConfig(t, settings), nil)
	response, err := http.Get(api.url + "/.well-known/oauth-protected-resource/mcp")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || !strings.Contains(string(body), `"`+settings["AUTHORITY"]+`/v2.0"`) {
		t.Errorf("%v: %s", err, body)
	}
}

// TestFieldCase18LongNames: a tool's result is written twice, the second time with each sign escaped twice.
func TestFieldCase18LongNames(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	api := startAPI(t, issuer, func(cfg *app.Config) { cfg.MCP.On, cfg.MCP.AllowedClients = true, []string{webClientID} })
	authorization := "Bearer " + issuer.token(map[string]any{"scp": "mcp.access"})
	for name, length := range map[string]int{"as it should be": 64, "of 3 MiB": 3 << 20} {
		issuer.set(func(i *tenant) {
			i.azureHandler = answerWith(http.StatusOK, "application/json", `{"value":[{"displayName":"`+strings.Repeat("<", length)+`"}]}`)
		})
		got := api.post(t, callTool, "Authorization", authorization)
		if refused := strings.Contains(got.body, "resource_manager_endless"); got.status != http.StatusOK || refused != (length > 64) || len(got.body) > 4<<10 {
			t.Errorf("a name %s: %d, %d bytes, %.200s", name, got.status, len(got.body), got.body)
		}
	}
}
