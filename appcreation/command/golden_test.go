package command_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/command"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestRequestBodies holds every request that changes something in a file, to be read beside Graph's documentation.
func TestRequestBodies(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	names := map[string]string{}
	check := func(scenario string, files ...string) {
		t.Helper()
		maps.Copy(names, f.words())
		writes := f.writes()
		if len(writes) != len(files) {
			t.Fatalf("%s sent %v, want %d requests", scenario, writes, len(files))
		}
		for i, write := range writes {
			golden(t, filepath.Join("testdata", "requests", fmt.Sprintf("%s-%02d-%s.http", scenario, i+1, files[i])), write.text(names))
		}
	}

	f.configure(adminConsent)
	check("configure", "create-api", "create-webui", "tie", "service-principal-api", "service-principal-webui",
		"owner-api", "owner-webui", "secret-api", "secret-webui", "consent-api-resource-manager", "consent-webui-api", "consent-webui-graph", "consent-api-graph")
	f.configure(allParts)
	check("parts", "create-orders", "permissions-api", "create-console", "create-application", "create-mcp", "tie-orders", "tie-api",
		"service-principal-orders", "service-principal-console", "service-principal-application", "service-principal-mcp",
		"owner-orders", "owner-console", "owner-application", "owner-mcp", "certificate-application", "app-role")
	f.cleanup(purge)
	f.configure(adminConsent)

	f.alter(desired.API, func(app *directory.Application) {
		app.API.RequestedAccessTokenVersion = nil
		app.API.OAuth2PermissionScopes[0].IsEnabled = false
	})
	disabled := servicePrincipal(f, desired.API).ID
	_, err := f.directory.UpdateServicePrincipal(disabled, func(sp *directory.ServicePrincipal) error { sp.AccountEnabled = false; return nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, grant := range f.directory.Grants() {
		if grant.ClientID == servicePrincipal(f, desired.WebUI).ID && strings.HasPrefix(grant.Scope, "openid") {
			if err := f.directory.UpdateGrant(grant.ID, "openid"); err != nil {
				t.Fatal(err)
			}
		}
	}
	f.configure(adminConsent)
	check("repair", "token-version-and-scope", "enable-service-principal", "widen-consent")

	maps.Copy(names, f.words())
	f.configure(certificate)
	check("certificate", "upload-api", "remove-secret-api", "upload-webui", "remove-secret-webui")

	f.configure(aks)
	check("federated", "trust-api", "remove-certificate-api", "trust-webui", "remove-certificate-webui")
	f.configure(func(o *command.Options) { aks(o); o.Federated.Namespace = "store" })
	check("federated-again", "trust-api", "trust-webui")
	f.configure(certificate)
	check("federated-back", "upload-api", "upload-webui")

	f.cleanup()
	check("cleanup", "delete-webui", "delete-api")
	f.configure(certificate)
	check("again", "restore-api", "restore-webui", "service-principal-api", "service-principal-webui", "upload-api", "upload-webui")
	f.cleanup(purge)
	check("purge", "delete-webui", "bin-webui", "bin-service-principal-webui", "delete-api", "bin-api", "bin-service-principal-api")
}

// words are what stands in a golden file for ids.
func (f *fixture) words() map[string]string {
	words := map[string]string{}
	for _, app := range f.directory.Applications() {
		role := madeHere(app)
		if role == "" {
			continue
		}
		words[app.ID], words[app.AppID] = fmt.Sprintf("{object id of the %s}", role), fmt.Sprintf("{client id of the %s}", role)
		for _, credential := range f.directory.FederatedCredentials(app.ID) {
			words[credential.ID] = fmt.Sprintf("{id of the %s's federated credential}", role)
		}
		for _, credential := range app.PasswordCredentials {
			words[credential.KeyID] = fmt.Sprintf("{key id of the %s's secret}", role)
		}
		if sp, ok := f.directory.ServicePrincipalByAppID(app.AppID); ok {
			words[sp.ID] = fmt.Sprintf("{object id of the %s's service principal}", role)
		}
	}
	for appID, name := range map[string]string{directory.GraphAppID: "Microsoft Graph", directory.ResourceManagerAppID: "Azure Service Management"} {
		sp, _ := f.directory.ServicePrincipalByAppID(appID)
		words[sp.ID] = "{object id of " + name + "'s service principal}"
	}
	for _, grant := range f.directory.Grants() {
		words[grant.ID] = "{id of the grant}"
	}
	alice, _ := f.directory.User("alice")
	words[alice.ID] = "{object id of whoever is signed in}"
	words[f.installation()] = "{installation}"
	words[f.url] = "https://graph.microsoft.com"
	return words
}

var certificateContent = regexp.MustCompile(`"key": "MII[^"]+"`)

// text is a request as Graph's documentation writes it.
func (r request) text(words map[string]string) string {
	text := r.method + " https://graph.microsoft.com/v1.0" + r.path + "\n"
	if r.prefer != "" {
		text += "Prefer: " + r.prefer + "\n"
	}
	if len(r.body) > 0 {
		var body bytes.Buffer
		_ = json.Indent(&body, r.body, "", "  ") // what isn't JSON comes out empty, and the file differs
		text += "Content-Type: application/json\n\n" + body.String() + "\n"
	}
	for _, id := range slices.Sorted(maps.Keys(words)) {
		text = strings.ReplaceAll(text, id, words[id])
	}
	return certificateContent.ReplaceAllString(text, `"key": "{the certificate, DER in base64}"`)
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Errorf("%s: got\n%s\nwant\n%s\n(go test ./appcreation/command -update writes it anew)", path, got, want)
	}
}

// TestPlans holds what people read, in files.
func TestPlans(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	check := func(name string) {
		t.Helper()
		words := f.words()
		words[f.folder], words[f.url] = "{folder}", "https://localhost:8003"
		text := f.out.String()
		for id, word := range words {
			if id != "" {
				text = strings.ReplaceAll(text, id, word)
			}
		}
		golden(t, filepath.Join("testdata", "plans", name+".txt"), secretID.ReplaceAllString(text, "with the ID {key id}"))
	}
	f.configure(adminConsent)
	check("configure")
	f.configure(adminConsent)
	check("again")
	f.alter(desired.API, func(app *directory.Application) { app.API.RequestedAccessTokenVersion = nil })
	f.setEnv("WEBUI_CLIENT_SECRET", f.made(desired.WebUI).PasswordCredentials[0].KeyID)
	f.setEnv("WEBUI_API_SCOPE", "api://somewhere/else")
	f.doctor()
	check("doctor")
	f.configure(adminConsent)
	check("repair")
	f.configure(certificate)
	check("certificates")
	f.configure(managedIdentity)
	check("federated")
	f.cleanup(purge)
	check("cleanup")
	f.configure(func(o *command.Options) { o.DryRun, o.WebUIURL = true, "https://subscriptions.example.com" })
	check("dry-run")
}

var secretID = regexp.MustCompile(`with the ID [0-9a-f-]{36}`)
