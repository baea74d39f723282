package agents_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/node"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
)

// got is what a user of testdata/typescript has got, or where they have to go first.
type got struct {
	User, Visit, Refused string
	Done                 bool
	Tools                []string
	List                 struct {
		Count         int
		Subscriptions []struct{ DisplayName string }
		Note          string
	}
	Who     struct{ Username string }
	Claims  string
	SignIns int
}

// TestTypeScriptSDK: the protocol's own client in TypeScript signs users in and calls the tools.
func TestTypeScriptSDK(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	dir := node.Install(t, ctx, "testdata/typescript")
	running, err := stack.Start(ctx, stack.FreePorts())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := running.Stop(); err != nil {
			t.Error(err)
		}
	})
	// run has users sign in and call the tools, all at once.
	run := func(t *testing.T, sendResource bool, users ...string) map[string]got {
		t.Helper()
		const redirect = "http://localhost:8090/callback"
		script := node.Start(t, ctx, dir, running.Tenant, map[string]any{
			"users": users, "repeat": 20, "sendResource": sendResource, "redirect": redirect,
			"tools": running.API.URL + "/mcp", "client": running.Settings["CONSOLE_MCP_CLIENT_ID"],
		})
		results, browsers := map[string]got{}, map[string]*devtenant.UserAgent{}
		for len(results) < len(users) {
			var next got
			script.Read(&next)
			if next.Done {
				results[next.User] = next
				continue
			}
			if browsers[next.User] == nil {
				browsers[next.User] = devtenant.NewUserAgent(running.Tenant)
				browsers[next.User].StopAt(redirect)
			}
			response, err := browsers[next.User].SignIn(ctx, next.Visit, next.User)
			if err != nil {
				t.Fatal(err)
			}
			line, err := json.Marshal(map[string]string{"user": next.User, "back": response.Header.Get("Location")})
			if err != nil {
				t.Fatal(err)
			}
			script.Write(string(line))
		}
		script.End()
		return results
	}

	t.Run("the tools' address as resource", func(t *testing.T) {
		if got := run(t, true, "alice")["alice"]; !strings.HasPrefix(got.Refused, "AADSTS9010010") {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("without resource, several users at once", func(t *testing.T) {
		results := run(t, false, "alice", "bob", "carol")
		for user, want := range map[string]struct{ count, signIns int }{"alice": {3, 1}, "bob": {0, 1}, "carol": {2, 2}} {
			got := results[user]
			if got.Refused != "" || got.List.Count != want.count || len(got.List.Subscriptions) != want.count || got.SignIns != want.signIns {
				t.Errorf("%s: %+v", user, got)
			}
			if got.Who.Username != user+"@devtenant.example" || strings.Join(got.Tools, " ") != "list_subscriptions who_am_i" {
				t.Errorf("%s: %+v", user, got)
			}
			if (got.List.Note != "") != (user == "bob") || strings.Contains(got.Claims, "capolids") != (user == "carol") {
				t.Errorf("%s: note %q, claims %q", user, got.List.Note, got.Claims)
			}
		}
	})
	t.Run("the tools' address as resource, where it is the API's App ID URI", func(t *testing.T) {
		tenant := running.Tenant.Directory()
		registered, _ := tenant.ApplicationByAppID(running.Settings["API_CLIENT_ID"])
		if _, err := tenant.UpdateApplication(registered.ID, func(a *directory.Application) error {
			a.IdentifierURIs = append(a.IdentifierURIs, running.API.URL+"/mcp")
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if got := run(t, true, "alice")["alice"]; got.Refused != "" || got.List.Count != 3 {
			t.Errorf("got %+v", got)
		}
	})
}
