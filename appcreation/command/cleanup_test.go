package command_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/command"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

func (f *fixture) cleanup(change ...func(*command.Options)) {
	f.t.Helper()
	if err := command.Cleanup(f.t.Context(), f.run(change...)); err != nil {
		f.t.Fatalf("cleanup: %v\n%s%s", err, &f.out, &f.err)
	}
}

func purge(o *command.Options) { o.Purge = true }

// foreign adds an application of the same display name that somebody else made, and one in the bin.
func (f *fixture) foreign() {
	f.t.Helper()
	for _, name := range []string{"ms-identity-go-on-behalf-of API", "ms-identity-go-on-behalf-of web UI"} {
		for range 2 {
			app, err := f.directory.CreateApplication(directory.Application{DisplayName: name, Tags: []string{"somebody:else"}})
			if err != nil {
				f.t.Fatal(err)
			}
			if _, err := f.directory.CreateServicePrincipal(directory.ServicePrincipal{AppID: app.AppID}); err != nil {
				f.t.Fatal(err)
			}
		}
		apps := f.directory.Applications()
		if err := f.directory.DeleteApplication(apps[len(apps)-1].ID); err != nil {
			f.t.Fatal(err)
		}
	}
}

// TestCleanupLeavesTheTenantAsItWas, foreign applications of the same name and what lies in the bin included.
func TestCleanupLeavesTheTenantAsItWas(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*command.Options){"secrets": adminConsent, "certificates": func(o *command.Options) { certificate(o); adminConsent(o) }, "all parts": func(o *command.Options) { allParts(o); adminConsent(o) }} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.foreign()
			before := f.snapshot()
			f.configure(change)
			if f.snapshot() == before {
				t.Fatal("configure did nothing")
			}
			f.cleanup(purge)
			if after := f.snapshot(); after != before {
				wantView(t, "after cleanup", after, before)
			}
			f.cleanup(purge)
			if writes := f.writes(); len(writes) > 0 {
				t.Errorf("a second cleanup wrote %v", writes)
			}
			for name, value := range f.env() {
				if strings.HasSuffix(name, "_CLIENT_ID") || strings.HasSuffix(name, "_CLIENT_SECRET") || strings.HasSuffix(name, "_CERTIFICATE") {
					if value != "" && !strings.Contains(value, "ReplaceWith") {
						t.Errorf("development.env still has %s", name)
					}
				}
			}
			for _, file := range []string{"api.pem", "webui.pem", "application.pem"} {
				if _, err := os.Stat(filepath.Join(f.folder, file)); err == nil {
					t.Errorf("%s is still there", file)
				}
			}
		})
	}
}

// TestTheBin: without --purge both rest in the bin; configure takes them out again, with the same client ids.
func TestTheBin(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	first := f.configure()
	f.cleanup()
	if deleted := f.directory.DeletedApplications(); len(deleted) != 2 {
		t.Fatalf("%d applications are in the bin", len(deleted))
	}
	if !strings.Contains(f.out.String(), "remove     application \"ms-identity-go-on-behalf-of API\"") {
		t.Errorf("the plan is\n%s", &f.out)
	}
	f.cleanup()
	if !strings.Contains(f.out.String(), "--purge") {
		t.Errorf("nothing says what is in the bin:\n%s", &f.out)
	}
	second := f.configure()
	if first.WebUIClientID != second.WebUIClientID || first.APIClientID != second.APIClientID {
		t.Error("the restored applications have other client ids")
	}
	if found := f.doctor(); len(found) > 0 {
		t.Errorf("doctor finds %v", found)
	}
	f.cleanup()
	f.cleanup(purge)
	if deleted := f.directory.DeletedApplications(); len(deleted) != 0 {
		t.Errorf("%d applications are still in the bin", len(deleted))
	}
	third := f.configure()
	if third.APIClientID == first.APIClientID {
		t.Error("a purged application came back")
	}
}

// TestCleanupKilledAfterEachRequest: run again, it goes on.
func TestCleanupKilledAfterEachRequest(t *testing.T) {
	t.Parallel()
	whole := newFixture(t)
	whole.configure(adminConsent)
	whole.cleanup(purge)
	total := len(whole.requests)
	for kill := range total {
		f := newFixture(t)
		before := f.snapshot()
		f.configure(adminConsent)
		ctx, cancel := context.WithCancel(t.Context())
		count := 0
		f.after = func(*http.Request) error {
			if count++; count > kill {
				cancel()
				return context.Canceled
			}
			return nil
		}
		err := command.Cleanup(ctx, f.run(purge))
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("killed after request %d of %d: %v", kill+1, total, err)
		}
		f.after = nil
		f.cleanup(purge)
		if after := f.snapshot(); after != before {
			wantView(t, "after cleanup", after, before)
		}
	}
}

// TestAnotherDevelopersSecretStays: two development.env, one pair of applications.
func TestAnotherDevelopersSecretStays(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.configure()
	first, folder := f.env()["API_CLIENT_SECRET"], f.folder
	f.folder = t.TempDir()
	f.configure()
	second := f.env()["API_CLIENT_SECRET"]
	f.folder = folder
	f.configure()
	if writes := f.writes(); len(writes) > 0 {
		t.Errorf("the first developer's run wrote %v", writes)
	}
	for _, secret := range []string{first, second} {
		if err := f.directory.CheckSecret(f.made(desired.API).AppID, secret); err != nil {
			t.Errorf("a secret is gone: %v", err)
		}
	}
}

// TestSwitchingCredentials: from secrets to certificates and back, with nothing left of the other.
func TestSwitchingCredentials(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.configure()
	f.configure(certificate)
	for _, role := range desired.Roles {
		app := f.made(role)
		if len(app.PasswordCredentials) != 0 || len(app.KeyCredentials) != 1 || len(f.directory.Certificates(app.AppID)) != 1 {
			t.Errorf("the %s has %d secrets and %d certificates", role, len(app.PasswordCredentials), len(app.KeyCredentials))
		}
		if f.env()[role.Prefix()+"_CLIENT_SECRET"] != "" {
			t.Errorf("development.env still has a secret of the %s", role)
		}
		info, err := os.Stat(f.env()[role.Prefix()+"_CLIENT_CERTIFICATE"])
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the key file of the %s: %v %v", role, info, err)
		}
	}
	f.configure() // keeps to certificates without being told
	if writes := f.writes(); len(writes) > 0 {
		t.Errorf("without a flag the next run wrote %v", writes)
	}
	f.configure(func(o *command.Options) { v := false; o.Certificate = &v })
	for _, role := range desired.Roles {
		app := f.made(role)
		if len(app.PasswordCredentials) != 1 || len(app.KeyCredentials) != 0 {
			t.Errorf("the %s has %d secrets and %d certificates", role, len(app.PasswordCredentials), len(app.KeyCredentials))
		}
		if err := f.directory.CheckSecret(app.AppID, f.env()[role.Prefix()+"_CLIENT_SECRET"]); err != nil {
			t.Errorf("the secret of the %s: %v", role, err)
		}
	}
	if found := f.doctor(); len(found) > 0 {
		t.Errorf("doctor finds %v", found)
	}
}
