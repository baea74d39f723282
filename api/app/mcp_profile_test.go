package app_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// TestWhoAmI: what Graph says of the user, and the ids of the token that was validated.
func TestWhoAmI(t *testing.T) {
	t.Parallel()
	tenant, api := startMCP(t)
	for user, title := range map[string]string{"alice": "Cloud administrator", "bob": ""} {
		found, _ := tenant.Directory().User(user)
		result, err := agent(t, api.url, agentsToken(tenant, user)).CallTool(t.Context(), &mcp.CallToolParams{Name: "who_am_i"})
		if err != nil || result.IsError {
			t.Fatalf("%s: %+v, %v", user, result, err)
		}
		want := map[string]any{
			"displayName": found.DisplayName, "username": found.UserPrincipalName,
			"objectId": found.ID, "tenantId": tenant.Directory().TenantID(),
		}
		if title != "" {
			want["jobTitle"] = title
		}
		if !reflect.DeepEqual(result.StructuredContent, want) {
			t.Errorf("%s is %v, want %v", user, result.StructuredContent, want)
		}
	}
}

// TestWhoAmIWithoutGraph: a tool that can't answer is not offered.
func TestWhoAmIWithoutGraph(t *testing.T) {
	t.Parallel()
	tenant, api := startWithDevtenant(t, func(cfg *app.Config) { cfg.MCP.On, cfg.GraphURL = true, nil })
	session := agent(t, api.url, agentsToken(tenant, "alice"))
	tools, err := session.ListTools(t.Context(), nil)
	if err != nil || len(tools.Tools) != 1 || tools.Tools[0].Name != "list_subscriptions" {
		t.Errorf("the tools are %+v, %v", tools, err)
	}
	if _, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "who_am_i"}); err == nil {
		t.Error("the tool is there all the same")
	}
}

// TestWhoAmIAsksForASecondFactor: Graph's challenge reaches the agent's client as Resource Manager's does.
func TestWhoAmIAsksForASecondFactor(t *testing.T) {
	t.Parallel()
	tenant, api := startMCP(t)
	const claims = `{"access_token":{"nbf":{"essential":true,"value":"{now}"}}}`
	tenant.Faults().Set(devtenant.Fault{Name: "graph", Endpoint: "graph", Challenge: claims})
	got := api.post(t, strings.Replace(callTool, "list_subscriptions", "who_am_i", 1), "Authorization", "Bearer "+agentsToken(tenant, "alice"))
	if header := got.header.Get("WWW-Authenticate"); got.status != http.StatusUnauthorized || !strings.Contains(header, `claims="`) {
		t.Errorf("got %d %s %s", got.status, header, got.body)
	}
}

// TestWhoAmIUsesTheProfilesConnection: one client calls Graph, whoever wants to know.
func TestWhoAmIUsesTheProfilesConnection(t *testing.T) {
	t.Parallel()
	issuer, from := newTenant(t), make(chan string, 2)
	graph := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from <- r.RemoteAddr
		sendJSON(w, http.StatusOK, map[string]string{"displayName": "Alice"})
	}))
	t.Cleanup(graph.Close)
	address, err := url.Parse(graph.URL)
	if err != nil {
		t.Fatal(err)
	}
	api := startAPI(t, issuer, func(cfg *app.Config) {
		cfg.GraphURL, cfg.MCP.On, cfg.MCP.AllowedClients = address, true, []string{webClientID}
	})
	if got := api.path(t, "GET", "/profile", issuer.token(nil), ""); got.status != http.StatusOK {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	token := issuer.token(map[string]any{"scp": "mcp.access"})
	if got := api.post(t, strings.Replace(callTool, "list_subscriptions", "who_am_i", 1), "Authorization", "Bearer "+token); !strings.Contains(got.body, "Alice") {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	if first, second := <-from, <-from; first != second {
		t.Errorf("Graph was asked from %s and from %s", first, second)
	}
}
