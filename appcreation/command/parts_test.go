package command_test

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/joho/godotenv"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/command"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

func allParts(o *command.Options) { o.With = desired.Parts }

// TestAlterationsOfParts is TestSingleAlterations for what --with registers.
func TestAlterationsOfParts(t *testing.T) {
	t.Parallel()
	const (
		patchAPI    = "PATCH /applications/{API}"
		patchOrders = "PATCH /applications/{orders API}"
	)
	roles := func(change func(*directory.AppRole)) func(*fixture) {
		return app(desired.API, func(a *directory.Application) { change(&a.AppRoles[0]) })
	}
	preAuthorized := func(f *fixture, of, client desired.Role, change func(*directory.PreAuthorizedApplication)) {
		id := f.made(client).AppID
		f.alter(of, func(a *directory.Application) {
			for i := range a.API.PreAuthorizedApplications {
				if a.API.PreAuthorizedApplications[i].AppID == id {
					change(&a.API.PreAuthorizedApplications[i])
				}
			}
		})
	}
	tests := []struct {
		code, writes string
		alter        func(*fixture)
	}{
		{"api-permission-graph", patchAPI, app(desired.API, func(a *directory.Application) { withoutResource(a, directory.GraphAppID) })},
		{"env-graph-url", "", setting("API_GRAPH_URL", func(string) string { return "https://graph.example" })},

		{"orders-scope-texts-order.write", patchOrders, app(desired.Orders, func(a *directory.Application) { a.API.OAuth2PermissionScopes[1].UserConsentDisplayName = "" })},
		{"orders-scope-disabled-order.read", patchOrders, app(desired.Orders, func(a *directory.Application) { a.API.OAuth2PermissionScopes[0].IsEnabled = false })},
		{"orders-app-id-uri", patchOrders, app(desired.Orders, func(a *directory.Application) { a.IdentifierURIs = nil })},
		{"orders-token-version", patchOrders, app(desired.Orders, func(a *directory.Application) { a.API.RequestedAccessTokenVersion = nil })},
		{"orders-pre-authorized", patchOrders, app(desired.Orders, func(a *directory.Application) { a.API.PreAuthorizedApplications = nil })},
		{"orders-pre-authorized-scope", patchOrders, func(f *fixture) {
			preAuthorized(f, desired.Orders, desired.API, func(p *directory.PreAuthorizedApplication) { p.DelegatedPermissionIDs = p.DelegatedPermissionIDs[:2] })
		}},
		{"api-permission-orders-order.delete", patchAPI, func(f *fixture) {
			orders := f.made(desired.Orders).AppID
			f.alter(desired.API, func(a *directory.Application) {
				for i, resource := range a.RequiredResourceAccess {
					if resource.ResourceAppID == orders {
						a.RequiredResourceAccess[i].ResourceAccess = resource.ResourceAccess[:2]
					}
				}
			})
		}},
		{"env-orders-scopes", "", setting("API_ORDERS_SCOPES", func(old string) string { return strings.Fields(old)[0] })},
		{"env-orders-allowed-clients", "", setting("ORDERS_ALLOWED_CLIENTS", func(string) string { return "" })},
		{"env-orders-client-id", "", setting("ORDERS_CLIENT_ID", func(string) string { return "" })},
		{"env-orders-url", "", setting("API_ORDERS_URL", func(string) string { return "" })},
		{"env-webui-orders", "", setting("WEBUI_ORDERS", func(string) string { return "" })},

		{"console-redirect-uri", "PATCH /applications/{console}", app(desired.Console, func(a *directory.Application) { a.PublicClient.RedirectURIs = nil })},
		{"console-public-client", "PATCH /applications/{console}", app(desired.Console, func(a *directory.Application) { a.IsFallbackPublicClient = false })},
		{"console-owner", "POST /applications/{console}/owners/$ref", func(f *fixture) {
			for _, owner := range f.directory.Owners(f.made(desired.Console).ID) {
				if err := f.directory.RemoveOwner(f.made(desired.Console).ID, owner); err != nil {
					f.t.Fatal(err)
				}
			}
		}},
		{"api-pre-authorized-scope-console", patchAPI, func(f *fixture) {
			preAuthorized(f, desired.API, desired.Console, func(p *directory.PreAuthorizedApplication) { p.DelegatedPermissionIDs = []string{} })
		}},
		{"env-allowed-clients", "", func(f *fixture) { f.setEnv("API_ALLOWED_CLIENTS", f.made(desired.WebUI).AppID) }},
		{"env-console-api-scope", "", setting("CONSOLE_API_SCOPE", func(string) string { return "" })},
		{"env-console-api-url", "", setting("CONSOLE_API_URL", func(string) string { return "" })},

		{"api-app-role-disabled", patchAPI, roles(func(r *directory.AppRole) { r.IsEnabled = false })},
		{"api-app-role-members", patchAPI, roles(func(r *directory.AppRole) { r.AllowedMemberTypes = []string{"User"} })},
		{"application-app-role", "POST /servicePrincipals/{API}/appRoleAssignedTo", func(f *fixture) {
			for _, assignment := range f.directory.AppRoleAssignments() {
				if assignment.PrincipalID == servicePrincipal(f, desired.Application).ID {
					if err := f.directory.RemoveAppRoleAssignment(assignment.ID); err != nil {
						f.t.Fatal(err)
					}
				}
			}
		}},
		{"application-permission-Subscriptions.Read.All", "PATCH /applications/{program without a user}", app(desired.Application, func(a *directory.Application) { a.RequiredResourceAccess = nil })},
		{"application-certificate-unknown", "PATCH /applications/{program without a user}", app(desired.Application, func(a *directory.Application) { a.KeyCredentials = nil })},
		{"env-application-client-id", "", setting("CONSOLE_APPLICATION_CLIENT_ID", func(string) string { return "" })},

		{"api-scope-disabled-mcp.access", patchAPI, app(desired.API, func(a *directory.Application) { a.API.OAuth2PermissionScopes[1].IsEnabled = false })},
		{"api-pre-authorized-surplus-mcp", patchAPI, func(f *fixture) {
			everything := f.made(desired.API).API.OAuth2PermissionScopes[0].ID
			preAuthorized(f, desired.API, desired.MCP, func(p *directory.PreAuthorizedApplication) {
				p.DelegatedPermissionIDs = append(slices.Clone(p.DelegatedPermissionIDs), everything)
			})
		}},
		{"mcp-permission-api", "PATCH /applications/{agents' client}", func(f *fixture) {
			api := f.made(desired.API).AppID
			f.alter(desired.MCP, func(a *directory.Application) { withoutResource(a, api) })
		}},
		{"env-mcp", "", setting("API_MCP", func(string) string { return "" })},
		{"env-mcp-allowed-clients", "", setting("API_MCP_ALLOWED_CLIENTS", func(string) string { return "" })},
		{"env-public-url", "", setting("API_PUBLIC_URL", func(string) string { return "" })},
		{"env-mcp-scope", "", setting("CONSOLE_MCP_SCOPE", func(string) string { return "" })},
		{"env-mcp-client-id", "", setting("CONSOLE_MCP_CLIENT_ID", func(string) string { return "" })},
	}
	for _, test := range tests {
		t.Run(test.code, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.configure(allParts)
			before := f.view()
			test.alter(f)
			if found := f.doctor(); !slices.Equal(found, []string{test.code}) {
				t.Errorf("doctor finds %v, want %s\n%s", found, test.code, &f.out)
			}
			f.configure()
			if writes := strings.Join(f.named(f.writes()), ", "); writes != test.writes {
				t.Errorf("configure sent %s, want %s", writes, test.writes)
			}
			if test.code != "api-app-role-members" { // users keep what they were given
				wantView(t, "mended", f.view(), before)
			}
			f.configure()
			if writes := f.writes(); len(writes) > 0 {
				t.Errorf("after that configure still sends %v", writes)
			}
		})
	}
}

// TestPartsOneByOne: each is made alone as it is with the others, and what isn't wanted any more is left alone.
func TestPartsOneByOne(t *testing.T) {
	t.Parallel()
	together, oneByOne := newFixture(t), newFixture(t)
	together.configure(allParts)
	for _, part := range desired.Parts {
		oneByOne.configure(func(o *command.Options) { o.With = []desired.Part{part} })
		if len(oneByOne.writes()) == 0 {
			t.Errorf("%s: nothing was written", part)
		}
	}
	if found := oneByOne.doctor(); len(found) > 0 {
		t.Errorf("doctor finds %v", found)
	}
	wantView(t, "one by one", oneByOne.view(), together.view())
}

// TestOnlyAdministratorsGiveAppRoles: the error says who can help, and the next run of an administrator goes on.
func TestOnlyAdministratorsGiveAppRoles(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.user = "dave"
	_, err := command.Configure(t.Context(), f.run(func(o *command.Options) { o.With = []desired.Part{desired.WithApplication} }))
	if err == nil || !strings.Contains(err.Error(), "giving an app role to a program: Graph answered 403") {
		t.Fatalf("the error is %v", err)
	}
	f.user = "alice"
	f.configure(func(o *command.Options) { o.With = []desired.Part{desired.WithApplication} })
	if writes := f.named(f.writes()); len(writes) == 0 || writes[0] != "POST /servicePrincipals/{API}/appRoleAssignedTo" {
		t.Errorf("configure sent %v", writes)
	}
}

// TestSeveralOrganizations: for users of any organization, and back.
func TestSeveralOrganizations(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.configure(allParts)
	authority := f.env()["AUTHORITY"]
	f.configure(func(o *command.Options) { o.Audience = "organizations" })
	for _, role := range desired.AllRoles {
		want := "AzureADMultipleOrgs"
		if role == desired.Application {
			want = "AzureADMyOrg"
		}
		if audience := f.made(role).SignInAudience; audience != want {
			t.Errorf("the %s is for accounts of kind %s", role, audience)
		}
	}
	if env := f.env(); env["AUTHORITY"] != f.url+"/organizations" || env["ALLOWED_TENANTS"] != f.directory.TenantID() {
		t.Errorf("AUTHORITY is %s, ALLOWED_TENANTS %s", env["AUTHORITY"], env["ALLOWED_TENANTS"])
	}
	f.setEnv("ALLOWED_TENANTS", f.directory.TenantID()+",aaaaaaaa-0000-4000-8000-000000000000")
	if found := f.doctor(); len(found) > 0 {
		t.Errorf("doctor finds %v", found)
	}
	f.configure()
	if writes := f.writes(); len(writes) > 0 {
		t.Errorf("the second run wrote %v", writes)
	}
	if allowed := f.env()["ALLOWED_TENANTS"]; !strings.Contains(allowed, ",aaaaaaaa-") {
		t.Errorf("ALLOWED_TENANTS is %s", allowed)
	}
	f.configure(func(o *command.Options) { o.Audience = "tenant" })
	for _, role := range desired.AllRoles {
		if audience := f.made(role).SignInAudience; audience != "AzureADMyOrg" {
			t.Errorf("back: the %s is for accounts of kind %s", role, audience)
		}
	}
	if back := f.env()["AUTHORITY"]; back != authority {
		t.Errorf("back: AUTHORITY is %s, want %s", back, authority)
	}
}

// TestWhatIsWrittenStartsTheParts: the settings that --with wrote are, but for ids and credentials, those that devtenant has for its own
// applications.
func TestWhatIsWrittenStartsTheParts(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	folder := t.TempDir()
	o := command.Options{
		Dir: folder, DevtenantURL: tenant.BackURL(), Yes: true, Prompt: enterCode(tenant), With: desired.Parts,
		TrustedCAFile: filepath.Join(folder, "ca.pem"),
	}
	if err := tenant.WriteCertificate(o.TrustedCAFile); err != nil {
		t.Fatal(err)
	}
	if _, err := command.Configure(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	written, err := godotenv.Read(filepath.Join(folder, "development.env"))
	if err != nil {
		t.Fatal(err)
	}
	for name := range maps.Keys(tenant.Settings()) {
		if name == "ENVIRONMENT" || strings.HasSuffix(name, "APPLICATION_CLIENT_SECRET") {
			continue // the file's name says it; a certificate stands in for it
		}
		if written[name] == "" {
			t.Errorf("%s has no value", name)
		}
	}
	if scopes := signInAndExchange(t, tenant, written); len(scopes) == 0 {
		t.Error("the token for Resource Manager has no scopes")
	}
}
