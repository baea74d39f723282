package command_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/keypair"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// TestWithdrawnConsent: consent that was given for some of it, and is missing for the rest.
func TestWithdrawnConsent(t *testing.T) {
	t.Parallel()
	for code, resource := range map[string]string{
		"consent-api-resource-manager":          directory.ResourceManagerAppID,
		"consent-webui-graph consent-api-graph": directory.GraphAppID,
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.configure(adminConsent)
			before := f.view()
			f.withdraw(resource)
			if found := f.doctor(); strings.Join(found, " ") != code {
				t.Errorf("doctor finds %v, want %s", found, code)
			}
			f.configure(adminConsent)
			if writes := f.named(f.writes()); strings.Join(writes, " ") != strings.TrimSpace(strings.Repeat("POST /oauth2PermissionGrants ", strings.Count(code, "consent"))) {
				t.Errorf("configure sent %v", writes)
			}
			wantView(t, "mended", f.view(), before)
		})
	}
}

// TestNarrowedConsent: a grant that lost a scope gets it back.
func TestNarrowedConsent(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.configure(adminConsent)
	for _, grant := range f.directory.Grants() {
		if grant.ClientID == servicePrincipal(f, desired.WebUI).ID && strings.Contains(grant.Scope, "profile") {
			if err := f.directory.UpdateGrant(grant.ID, "openid email"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if found := f.doctor(); !slices.Equal(found, []string{"consent-webui-graph"}) {
		t.Errorf("doctor finds %v", found)
	}
	f.configure(adminConsent)
	for _, grant := range f.directory.Grants() {
		if grant.ClientID == servicePrincipal(f, desired.WebUI).ID && strings.Contains(grant.Scope, "openid") && grant.Scope != "openid email profile offline_access" {
			t.Errorf("the scope is %q", grant.Scope)
		}
	}
}

// withdraw deletes the grant for all users to a resource.
func (f *fixture) withdraw(resourceAppID string) {
	f.t.Helper()
	resource, _ := f.directory.ServicePrincipalByAppID(resourceAppID)
	for _, grant := range f.directory.Grants() {
		if grant.ConsentType == directory.AllPrincipals && grant.ResourceID == resource.ID {
			if err := f.directory.DeleteGrant(grant.ID); err != nil {
				f.t.Fatal(err)
			}
		}
	}
}

// TestCertificateAlterations is the same for key pairs.
func TestCertificateAlterations(t *testing.T) {
	t.Parallel()
	pair := func(f *fixture, life time.Duration) {
		if _, err := keypair.Create(filepath.Join(f.folder, "api.pem"), "another", f.clock.Now(), life); err != nil {
			f.t.Fatal(err)
		}
	}
	tests := []struct {
		name   string
		found  []string
		alter  func(*fixture)
		writes string
	}{
		{"the file is gone", []string{"api-certificate-missing"}, func(f *fixture) {
			if err := os.Remove(filepath.Join(f.folder, "api.pem")); err != nil {
				f.t.Fatal(err)
			}
		}, "PATCH /applications/{API}"},
		{"only the public half is left", []string{"api-certificate-no-key"}, func(f *fixture) {
			public, _, _ := strings.Cut(f.read("api.pem"), "-----BEGIN PRIVATE")
			f.write("api.pem", public)
		}, "PATCH /applications/{API}"},
		{"expired", []string{"api-certificate-expired"}, func(f *fixture) { pair(f, -time.Hour) }, "PATCH /applications/{API}"},
		{"about to expire", []string{"api-certificate-expiring"}, func(f *fixture) { pair(f, 48*time.Hour) }, "PATCH /applications/{API}"},
		{"another one that the tenant doesn't know", []string{"api-certificate-unknown"}, func(f *fixture) { pair(f, 90*24*time.Hour) }, "PATCH /applications/{API}"},
		{"taken from the application", []string{"webui-certificate-unknown"}, app(desired.WebUI, func(a *directory.Application) { a.KeyCredentials = nil }), "PATCH /applications/{web UI}"},
		{"a secret beside it", []string{"env-api-secret-and-certificate"}, setting("API_CLIENT_SECRET", func(string) string { return "not needed" }), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.configure(certificate)
			before := f.view()
			test.alter(f)
			if found := f.doctor(); !slices.Equal(found, test.found) {
				t.Errorf("doctor finds %v, want %v", found, test.found)
			}
			f.configure()
			if writes := f.named(f.writes()); strings.Join(writes, ", ") != test.writes {
				t.Errorf("configure sent %v, want %s", writes, test.writes)
			}
			wantView(t, "mended", f.view(), before)
			if found := f.doctor(); len(found) > 0 {
				t.Errorf("after that doctor finds %v", found)
			}
		})
	}
}
