package azurenames

import (
	"strings"
	"testing"
)

func TestApplications(t *testing.T) {
	admin := administrator(t)
	var app struct {
		ID, AppID, DisplayName, SignInAudience string
		IdentifierURIs                         []string
		Web                                    struct{ RedirectURIs []string }
		IsFallbackPublicClient                 bool
		AppRoles                               []struct{ Value string }
		RequiredResourceAccess                 []struct{ ResourceAppID string }
	}
	admin.run(t, &app, "ad", "app", "create", "--display-name", "Invoices", "--sign-in-audience", "AzureADMyOrg",
		"--web-redirect-uris", "https://invoices.example/callback", "--enable-id-token-issuance",
		"--app-roles", `[{"allowedMemberTypes":["Application"],"description":"Reads invoices","displayName":"Reader","isEnabled":true,"value":"Invoices.Read"}]`,
		"--required-resource-accesses", `[{"resourceAppId":"00000003-0000-0000-c000-000000000000","resourceAccess":[{"id":"e1fe6dd8-ba31-4d61-89e7-88639da4683d","type":"Scope"}]}]`)
	if app.SignInAudience != "AzureADMyOrg" || len(app.Web.RedirectURIs) != 1 || len(app.AppRoles) != 1 || len(app.RequiredResourceAccess) != 1 {
		t.Errorf("created %+v", app)
	}
	uri := "api://" + app.AppID
	admin.run(t, nil, "ad", "app", "update", "--id", app.AppID, "--identifier-uris", uri, "--is-fallback-public-client", "--display-name", "Invoices API")
	for name, arguments := range map[string][]string{
		"by name":   {"--display-name", "Invoices"},
		"by URI":    {"--identifier-uri", uri},
		"by app id": {"--app-id", app.AppID},
	} {
		var list []struct{ DisplayName string }
		admin.run(t, &list, append([]string{"ad", "app", "list"}, arguments...)...)
		if len(list) != 1 || list[0].DisplayName != "Invoices API" {
			t.Errorf("%s: %+v", name, list)
		}
	}
	admin.run(t, &app, "ad", "app", "show", "--id", uri)
	if !app.IsFallbackPublicClient || len(app.IdentifierURIs) != 1 || len(app.Web.RedirectURIs) != 1 {
		t.Errorf("updated to %+v", app)
	}
	t.Run("owners", func(t *testing.T) {
		admin.run(t, nil, "ad", "app", "owner", "add", "--id", app.AppID, "--owner-object-id", "de7e0000-0000-4000-8000-0000000000d2")
		var owners []struct{ UserPrincipalName string }
		admin.run(t, &owners, "ad", "app", "owner", "list", "--id", app.AppID)
		if len(owners) != 1 || owners[0].UserPrincipalName != "bob@devtenant.example" {
			t.Errorf("%+v", owners)
		}
	})
	admin.run(t, nil, "ad", "app", "delete", "--id", app.AppID)
	if r := admin.try(t, "ad", "app", "show", "--id", app.AppID); r.err == nil || !strings.Contains(r.stderr, "does not exist") {
		t.Errorf("after delete: %v: %s", r.err, r.stderr)
	}
}

func TestPermissions(t *testing.T) {
	const (
		graph    = "00000003-0000-0000-c000-000000000000"
		userRead = "e1fe6dd8-ba31-4d61-89e7-88639da4683d"
		readApps = "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30" // an application permission
	)
	admin := administrator(t)
	var robot credentials
	admin.run(t, &robot, "ad", "sp", "create-for-rbac", "--name", "robot")
	id := robot.AppID
	grants := func() map[string]string {
		var list []struct{ ResourceDisplayName, ConsentType, Scope string }
		admin.run(t, &list, "ad", "app", "permission", "list-grants", "--id", id, "--show-resource-name")
		scopes := map[string]string{}
		for _, grant := range list {
			scopes[grant.ResourceDisplayName] = grant.ConsentType + " " + grant.Scope
		}
		return scopes
	}
	admin.run(t, nil, "ad", "app", "permission", "add", "--id", id, "--api", graph, "--api-permissions", userRead+"=Scope")
	var listed []struct{ ResourceAppID string }
	admin.run(t, &listed, "ad", "app", "permission", "list", "--id", id)
	if len(listed) != 1 || listed[0].ResourceAppID != graph {
		t.Errorf("permission list: %+v", listed)
	}
	t.Run("grant", func(t *testing.T) {
		for _, scopes := range [][]string{{"User.Read"}, {"User.Read", "openid"}} { // the second replaces the first
			admin.run(t, nil, append([]string{"ad", "app", "permission", "grant", "--id", id, "--api", graph, "--scope"}, scopes...)...)
			if got, want := grants()["Microsoft Graph"], "AllPrincipals "+strings.Join(scopes, " "); got != want {
				t.Errorf("list-grants: %s, want %s", got, want)
			}
		}
	})
	t.Run("admin-consent", func(t *testing.T) {
		admin.run(t, nil, "ad", "app", "permission", "add", "--id", id, "--api", graph, "--api-permissions", readApps+"=Role")
		admin.run(t, nil, "ad", "app", "permission", "add", "--id", id, "--api", apiAppID, "--api-permissions", "de7e0000-0000-4000-8000-0000000000e1=Scope")
		admin.run(t, nil, "ad", "app", "permission", "admin-consent", "--id", id)
		if got := grants()["Subscriptions API"]; got != "AllPrincipals access_as_user" {
			t.Errorf("list-grants: %s", got)
		}
		// The application permission works: the robot reads applications, and writes none.
		machine := robot.login(t, admin)
		machine.run(t, nil, "ad", "app", "show", "--id", id)
		if r := machine.try(t, "ad", "app", "create", "--display-name", "another"); r.err == nil || !strings.Contains(r.stderr, "Insufficient privileges") {
			t.Errorf("writing: %v: %s", r.err, r.stderr)
		}
	})
	t.Run("delete", func(t *testing.T) {
		admin.run(t, nil, "ad", "app", "permission", "delete", "--id", id, "--api", graph)
		admin.run(t, &listed, "ad", "app", "permission", "list", "--id", id)
		if len(listed) != 1 {
			t.Errorf("permission list: %+v", listed)
		}
	})
}
