package command_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// app alters one of the applications.
func app(role desired.Role, change func(*directory.Application)) func(*fixture) {
	return func(f *fixture) { f.alter(role, change) }
}

// setting alters a setting in development.env.
func setting(name string, change func(old string) string) func(*fixture) {
	return func(f *fixture) { f.setEnv(name, change(f.env()[name])) }
}

func withoutResource(app *directory.Application, resource string) {
	app.RequiredResourceAccess = slices.DeleteFunc(app.RequiredResourceAccess, func(r directory.RequiredResourceAccess) bool { return r.ResourceAppID == resource })
}

// replaceSecret gives an application a secret that ends at a time, in place of the one in development.env.
func replaceSecret(role desired.Role, end func(now time.Time) time.Time) func(*fixture) {
	return func(f *fixture) {
		removeSecrets(role)(f)
		added, err := f.directory.AddPassword(f.made(role).ID, "development.env "+f.installation(), end(f.clock.Now()))
		if err != nil {
			f.t.Fatal(err)
		}
		f.setEnv(role.Prefix()+"_CLIENT_SECRET", *added.SecretText)
	}
}

func removeSecrets(role desired.Role) func(*fixture) {
	return func(f *fixture) {
		for _, credential := range f.made(role).PasswordCredentials {
			if err := f.directory.RemovePassword(f.made(role).ID, credential.KeyID); err != nil {
				f.t.Fatal(err)
			}
		}
	}
}

func servicePrincipal(f *fixture, role desired.Role) directory.ServicePrincipal {
	sp, ok := f.directory.ServicePrincipalByAppID(f.made(role).AppID)
	if !ok {
		f.t.Fatalf("no service principal for the %s", role)
	}
	return sp
}

// TestSingleAlterations: of each single thing that is changed behind its back doctor names exactly that one, and
// configure writes what mends exactly that one.
func TestSingleAlterations(t *testing.T) {
	t.Parallel()
	const (
		patchAPI   = "PATCH /applications/{API}"
		patchWebUI = "PATCH /applications/{web UI}"
	)
	tests := []struct {
		code   string // what doctor says
		alter  func(*fixture)
		writes string // what configure sends, separated by ", "
		differ bool   // the alteration leaves something that is harmless and not ours to take away
	}{
		{code: "api-token-version", alter: app(desired.API, func(a *directory.Application) { a.API.RequestedAccessTokenVersion = nil }), writes: patchAPI},
		{code: "api-app-id-uri-case", alter: app(desired.API, func(a *directory.Application) {
			a.IdentifierURIs[0] = "api://" + strings.ToUpper(a.AppID)
		}), writes: patchAPI},
		{code: "api-app-id-uri", alter: app(desired.API, func(a *directory.Application) { a.IdentifierURIs = nil }), writes: patchAPI},
		{code: "api-scope", alter: app(desired.API, func(a *directory.Application) {
			a.API.OAuth2PermissionScopes, a.API.PreAuthorizedApplications = nil, nil // the one can't go without the other
		}), writes: patchAPI + ", " + patchAPI},
		{code: "api-scope", alter: app(desired.API, func(a *directory.Application) { a.API.OAuth2PermissionScopes[0].Value = "renamed" }),
			writes: patchAPI + ", " + patchWebUI + ", " + patchAPI, differ: true},
		{code: "api-scope-disabled", alter: app(desired.API, func(a *directory.Application) { a.API.OAuth2PermissionScopes[0].IsEnabled = false }), writes: patchAPI},
		{code: "api-scope-type", alter: app(desired.API, func(a *directory.Application) { a.API.OAuth2PermissionScopes[0].Type = "Admin" }), writes: patchAPI},
		{code: "api-scope-texts", alter: app(desired.API, func(a *directory.Application) { a.API.OAuth2PermissionScopes[0].UserConsentDisplayName = "" }), writes: patchAPI},
		{code: "api-permission-resource-manager", alter: app(desired.API, func(a *directory.Application) {
			withoutResource(a, directory.ResourceManagerAppID)
		}), writes: patchAPI},
		{code: "api-claim-xms_cc", alter: app(desired.API, func(a *directory.Application) {
			a.OptionalClaims.AccessToken = a.OptionalClaims.AccessToken[1:]
		}), writes: patchAPI},
		{code: "api-known-client", alter: app(desired.API, func(a *directory.Application) { a.API.KnownClientApplications = nil }), writes: patchAPI},
		{code: "api-pre-authorized", alter: app(desired.API, func(a *directory.Application) { a.API.PreAuthorizedApplications = nil }), writes: patchAPI},
		{code: "api-pre-authorized-scope", alter: app(desired.API, func(a *directory.Application) {
			a.API.PreAuthorizedApplications[0].DelegatedPermissionIDs = []string{}
		}), writes: patchAPI},
		{code: "webui-audience", alter: app(desired.WebUI, func(a *directory.Application) {
			a.SignInAudience = "AzureADandPersonalMicrosoftAccount"
		}), writes: patchWebUI},
		{code: "webui-redirect-uri", alter: app(desired.WebUI, func(a *directory.Application) {
			a.Web.RedirectURIs[0] = "http://localhost:8000/account/elsewhere"
		}), writes: patchWebUI, differ: true},
		{code: "webui-redirect-uri-sign-out", alter: app(desired.WebUI, func(a *directory.Application) {
			a.Web.RedirectURIs = a.Web.RedirectURIs[:1]
		}), writes: patchWebUI},
		{code: "webui-logout-url", alter: app(desired.WebUI, func(a *directory.Application) { a.Web.LogoutURL = "" }), writes: patchWebUI},
		{code: "webui-permission-api", alter: func(f *fixture) {
			api := f.made(desired.API).AppID
			f.alter(desired.WebUI, func(a *directory.Application) { withoutResource(a, api) })
		}, writes: patchWebUI},
		{code: "webui-permission-openid", alter: app(desired.WebUI, func(a *directory.Application) {
			for i, resource := range a.RequiredResourceAccess {
				if resource.ResourceAppID == directory.GraphAppID {
					a.RequiredResourceAccess[i].ResourceAccess = resource.ResourceAccess[1:]
				}
			}
		}), writes: patchWebUI},
		{code: "webui-permission-stale", alter: func(f *fixture) {
			api := f.made(desired.API).AppID
			f.alter(desired.WebUI, func(a *directory.Application) {
				for i, resource := range a.RequiredResourceAccess {
					if resource.ResourceAppID == api {
						a.RequiredResourceAccess[i].ResourceAccess = append(resource.ResourceAccess, directory.ResourceAccess{ID: "aaaaaaaa-0000-4000-8000-000000000000", Type: "Scope"})
					}
				}
			})
		}, writes: patchWebUI},
		{code: "webui-service-principal", alter: func(f *fixture) {
			if err := f.directory.DeleteServicePrincipal(servicePrincipal(f, desired.WebUI).ID); err != nil {
				f.t.Fatal(err)
			}
		}, writes: "POST /servicePrincipals"},
		{code: "api-service-principal-disabled", alter: func(f *fixture) {
			_, err := f.directory.UpdateServicePrincipal(servicePrincipal(f, desired.API).ID, func(sp *directory.ServicePrincipal) error {
				sp.AccountEnabled = false
				return nil
			})
			if err != nil {
				f.t.Fatal(err)
			}
		}, writes: "PATCH /servicePrincipals/{API}"},
		{code: "api-owner", alter: func(f *fixture) {
			for _, owner := range f.directory.Owners(f.made(desired.API).ID) {
				if err := f.directory.RemoveOwner(f.made(desired.API).ID, owner); err != nil {
					f.t.Fatal(err)
				}
			}
		}, writes: "POST /applications/{API}/owners/$ref"},
		{code: "webui-deleted", alter: func(f *fixture) {
			if err := f.directory.DeleteApplication(f.made(desired.WebUI).ID); err != nil {
				f.t.Fatal(err)
			}
		}, writes: "POST /directory/deletedItems/{web UI}/restore, POST /servicePrincipals"},
		{code: "webui-secret-expired", alter: replaceSecret(desired.WebUI, func(now time.Time) time.Time { return now.Add(-time.Hour) }),
			writes: "POST /applications/{web UI}/addPassword, POST /applications/{web UI}/removePassword"},
		{code: "api-secret-expiring", alter: replaceSecret(desired.API, func(now time.Time) time.Time { return now.Add(48 * time.Hour) }),
			writes: "POST /applications/{API}/addPassword, POST /applications/{API}/removePassword"},
		{code: "api-secret-unknown", alter: removeSecrets(desired.API), writes: "POST /applications/{API}/addPassword"},
		{code: "webui-secret-id", alter: func(f *fixture) { f.setEnv("WEBUI_CLIENT_SECRET", f.made(desired.WebUI).PasswordCredentials[0].KeyID) },
			writes: "POST /applications/{web UI}/addPassword, POST /applications/{web UI}/removePassword"},
		{code: "webui-secret-missing", alter: setting("WEBUI_CLIENT_SECRET", func(string) string { return "" }),
			writes: "POST /applications/{web UI}/addPassword, POST /applications/{web UI}/removePassword"},
		{code: "api-secret-left", alter: func(f *fixture) {
			if _, err := f.directory.AddPassword(f.made(desired.API).ID, "development.env "+f.installation(), time.Time{}); err != nil {
				f.t.Fatal(err)
			}
		}, writes: "POST /applications/{API}/removePassword"},
		{code: "env-allowed-clients", alter: setting("API_ALLOWED_CLIENTS", func(string) string { return "aaaaaaaa-0000-4000-8000-000000000000" }), differ: true},
		{code: "env-api-scope", alter: setting("WEBUI_API_SCOPE", strings.ToUpper)},
		{code: "env-webui-client-id", alter: setting("WEBUI_CLIENT_ID", func(string) string { return "aaaaaaaa-0000-4000-8000-000000000000" })},
		{code: "env-api-client-id", alter: setting("API_CLIENT_ID", func(string) string { return "" })},
		{code: "env-authority", alter: setting("AUTHORITY", func(old string) string { return old + "/" })},
		{code: "env-resource-manager-url", alter: setting("API_RESOURCE_MANAGER_URL", func(string) string { return "" })},
		{code: "env-session-key", alter: setting("WEBUI_SESSION_KEY", func(old string) string { return old[1:] })},
		{code: "env-readable", alter: func(f *fixture) {
			if err := os.Chmod(filepath.Join(f.folder, "development.env"), 0o644); err != nil {
				f.t.Fatal(err)
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.code, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.configure()
			before := f.view()
			test.alter(f)

			if found := f.doctor(); !slices.Equal(found, []string{test.code}) {
				t.Errorf("doctor finds %v, want %s\n%s", found, test.code, &f.out)
			}
			f.configure()
			if writes := f.named(f.writes()); strings.Join(writes, ", ") != test.writes {
				t.Errorf("configure sent %s, want %s", strings.Join(writes, ", "), test.writes)
			}
			if !test.differ {
				wantView(t, "mended", f.view(), before)
			}
			if found := f.doctor(); len(found) > 0 {
				t.Errorf("after that doctor finds %v", found)
			}
			f.configure()
			if writes := f.writes(); len(writes) > 0 {
				t.Errorf("after that configure still sends %v", writes)
			}
		})
	}
}

// roles are those that have an application.
func (f *fixture) roles() (found []desired.Role) {
	for _, app := range f.directory.Applications() {
		if role := madeHere(app); role != "" {
			found = append(found, role)
		}
	}
	return found
}

// named replaces object ids in paths by the role.
func (f *fixture) named(requests []request) []string {
	f.t.Helper()
	names := []string{}
	for _, request := range requests {
		name := request.String()
		for _, role := range f.roles() {
			name = strings.ReplaceAll(name, f.made(role).ID, "{"+string(role)+"}")
			name = strings.ReplaceAll(name, servicePrincipal(f, role).ID, "{"+string(role)+"}")
		}
		names = append(names, name)
	}
	return names
}
