package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

// printed is what "console mcp" did for a user.
type printed struct {
	stdout, stderr string
	signIns        int
	err            error
}

// runMCP runs "console mcp" with a user in front of the browser.
func runMCP(t *testing.T, tenant *devtenant.Tenant, settings map[string]string, user string, arguments ...string) printed {
	t.Helper()
	var got printed
	var stdout, stderr bytes.Buffer
	browser := devtenant.NewUserAgent(tenant)
	got.err = mcpCommand{
		open: func() (*env.Reader, error) { return env.From(settings), nil },
		browse: func(address string) error {
			got.signIns++
			go func() { // MSAL waits for the browser only after this has returned
				if response, err := browser.SignIn(t.Context(), address, user); err == nil {
					_ = response.Body.Close()
				}
			}()
			return nil
		},
		stdout: &stdout, stderr: &stderr,
	}.run(t.Context(), arguments)
	got.stdout, got.stderr = stdout.String(), stderr.String()
	if text := fmt.Sprint(got); strings.Contains(text, "eyJ") {
		t.Errorf("a token is printed: %s", text)
	}
	return got
}

// TestToolsFromATerminal: each user gets their own, and whoever Azure asks for more signs in once more.
func TestToolsFromATerminal(t *testing.T) {
	t.Parallel()
	tenant, settings := startAPI(t)
	for _, test := range []struct {
		name, user string
		arguments  []string
		signIns    int
		out        []string
	}{
		{"a table", "alice", nil, 1, []string{"count  3", `"Contoso production"`, "subscriptionId"}},
		{"JSON", "alice", []string{"-json", "list_subscriptions"}, 1, []string{`"count":3`}},
		{"an empty list, explained", "bob", nil, 1, []string{"count  0", "note   \"Azure answered"}},
		{"a second factor", "carol", nil, 2, []string{"count  2", `"Contoso staging"`}},
		{"who it is", "alice", []string{"who_am_i"}, 1, []string{`"Alice Archer"`, `"alice@devtenant.example"`, `"Cloud administrator"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := runMCP(t, tenant, settings, test.user, test.arguments...)
			if got.err != nil || got.signIns != test.signIns {
				t.Fatalf("%d sign-ins, %v\n%s", got.signIns, got.err, got.stderr)
			}
			for _, want := range test.out {
				if !strings.Contains(got.stdout, want) {
					t.Errorf("%q is not in\n%s", want, got.stdout)
				}
			}
		})
	}
}

// TestToolsRefused: what can't be is said in this side's words, with as few sign-ins as it takes to know.
func TestToolsRefused(t *testing.T) {
	t.Parallel()
	tenant, settings := startAPI(t)
	for _, test := range []struct {
		name      string
		change    map[string]string
		arguments []string
		signIns   int
		err       string
	}{
		{"a tool that isn't there", nil, []string{"delete_all"}, 1, "there are: list_subscriptions, who_am_i"},
		{"two tools", nil, []string{"a", "b"}, 0, "one tool at a time"},
		{"a client that is no agent's", map[string]string{"CONSOLE_MCP_CLIENT_ID": settings["CONSOLE_CLIENT_ID"]}, nil, 1, "client_not_allowed"},
		{"another scope", map[string]string{"CONSOLE_MCP_SCOPE": settings["CONSOLE_API_SCOPE"]}, nil, 0, "CONSOLE_MCP_SCOPE"},
		{"another tenant's host", map[string]string{"AUTHORITY": "https://login.microsoftonline.com/" + tenant.Directory().TenantID()}, nil, 0, "AUTHORITY"},
		{"another name for the API", map[string]string{"CONSOLE_API_URL": strings.Replace(settings["CONSOLE_API_URL"], "127.0.0.1", "localhost", 1)}, nil, 0, "names another host"},
		{"no settings", map[string]string{"CONSOLE_MCP_CLIENT_ID": ""}, nil, 0, "CONSOLE_MCP_CLIENT_ID"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			changed := maps.Clone(settings)
			maps.Copy(changed, test.change)
			got := runMCP(t, tenant, changed, "alice", test.arguments...)
			if got.err == nil || !strings.Contains(got.err.Error(), test.err) || got.signIns != test.signIns || got.stdout != "" {
				t.Errorf("%d sign-ins, %v\n%s", got.signIns, got.err, got.stdout)
			}
		})
	}
}

// TestClaimsAreMetOnce: where a sign-in doesn't change Azure's mind, the next one wouldn't either.
func TestClaimsAreMetOnce(t *testing.T) {
	t.Parallel()
	tenant, settings := startAPI(t)
	tenant.Faults().Set(devtenant.Fault{Name: "again", Endpoint: "subscriptions", Challenge: `{"access_token":{"nbf":{"essential":true,"value":"{now}"}}}`})
	got := runMCP(t, tenant, settings, "alice")
	if got.err == nil || !strings.Contains(got.err.Error(), "after a second sign-in, with what Azure asked for: the API answered 401") || got.signIns != 2 {
		t.Errorf("%d sign-ins, %v", got.signIns, got.err)
	}
}

// TestAServerChoosesNeitherTenantNorScope: who could do that would get a token for any API that the client may ask for. (RFC 9728,
// sections 3.3 and 7.3.)
func TestAServerChoosesNeitherTenantNorScope(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	scope := tenant.Settings()["CONSOLE_MCP_SCOPE"]
	for _, test := range []struct {
		name     string
		metadata string // with the server's own address for %s
		address  string // in the challenge, "" for the right one
		err      string
	}{
		{"another resource", `{"resource":"https://other.example/mcp","authorization_servers":["` + tenant.Authority() + `/v2.0"],"scopes_supported":["` + scope + `"]}`, "", "description"},
		{"another tenant", `{"resource":"%s/mcp","authorization_servers":["https://evil.example/v2.0"],"scopes_supported":["` + scope + `"]}`, "", "AUTHORITY"},
		{"another scope", `{"resource":"%s/mcp","authorization_servers":["` + tenant.Authority() + `/v2.0"],"scopes_supported":["https://graph.microsoft.com/.default"]}`, "", "CONSOLE_MCP_SCOPE"},
		{"no JSON", `<html>`, "", "description"},
		{"another host", `{}`, "http://169.254.169.254/metadata", "names another host"},
		{"no address", `{}`, "none", "names another host"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var server *httptest.Server
			server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					w.Header().Set("Content-Type", "application/json")
					_, _ = w.Write([]byte(strings.ReplaceAll(test.metadata, "%s", server.URL)))
					return
				}
				address := server.URL + "/.well-known/oauth-protected-resource/mcp"
				if test.address != "" {
					address = test.address
				}
				w.Header().Set("WWW-Authenticate", `Bearer resource_metadata="`+address+`"`)
				w.WriteHeader(http.StatusUnauthorized)
			}))
			t.Cleanup(server.Close)
			settings := tenant.Settings()
			settings["CONSOLE_API_URL"] = server.URL
			got := runMCP(t, tenant, settings, "alice")
			if got.err == nil || !strings.Contains(got.err.Error(), test.err) || got.signIns != 0 {
				t.Errorf("%d sign-ins, %v", got.signIns, got.err)
			}
		})
	}
}

// TestResultsMoveNoCursor: a result of any form is shown, and not acted upon.
func TestResultsMoveNoCursor(t *testing.T) {
	t.Parallel()
	const bad = `\u001b[2J\u202e\u009b`
	result := `{"` + bad + `":"` + bad + `","nested":{"a":"` + bad + `"},"list":[{"` + bad + `":"` + bad + `"},{"other":1},null,"` + bad + `"],"none":[]}`
	for _, asJSON := range []bool{false, true} {
		var out bytes.Buffer
		if err := showResult(&out, []byte(result), asJSON); err != nil || strings.ContainsAny(out.String(), "\u001b\u009b\u202e") {
			t.Errorf("JSON %t: %q, %v", asJSON, out.String(), err)
		}
	}
	var out bytes.Buffer
	const lines = `{"a\rb":1,"c\nd":2,"list":[{"e\tf":1,"g\r\nh":2}]}`
	if err := showResult(&out, []byte(lines), false); err != nil || strings.Contains(out.String(), "\r") || strings.Count(out.String(), "\n") != 5 {
		t.Errorf("names of several lines: %q, %v", out.String(), err)
	}
	if got := texts([]mcp.Content{&mcp.TextContent{Text: "no\rconsole: yes\nconsole: yes"}}); strings.ContainsAny(got, "\r\n") {
		t.Errorf("a failed tool says %q", got)
	}
	for _, result := range []string{"", "null", "[]", "1"} {
		var out bytes.Buffer
		if err := showResult(&out, []byte(result), true); err == nil || out.Len() != 0 {
			t.Errorf("%q is printed: %q", result, out.String())
		}
	}
}

// TestNobodySignsIn: whoever gives up gets the terminal back.
func TestNobodySignsIn(t *testing.T) {
	t.Parallel()
	_, settings := startAPI(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	var out bytes.Buffer
	err := mcpCommand{
		open:   func() (*env.Reader, error) { return env.From(settings), nil },
		browse: func(string) error { cancel(errors.New("given up")); return nil },
		stdout: &out, stderr: &out,
	}.run(ctx, nil)
	if err == nil {
		t.Error("it goes on")
	}
}
