package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/command"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// TestHooks is `azd up`, `azd up` once more and `azd down`, as far as the registrations go, by an administrator and by a user
// who is none.
func TestHooks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		user  string
		inBin int
	}{{"alice", 0}, {"bob", 2}} {
		t.Run(test.user, func(t *testing.T) {
			t.Parallel()
			h := newHooks(t, test.user)
			before := len(h.tenant.Directory().Applications())

			h.run("preprovision")
			api, webUI := h.application("API_CLIENT_ID"), h.application("WEBUI_CLIENT_ID")
			h.wantNoCredential(api, nil)
			h.wantNoCredential(webUI, nil)

			// What infra/main.bicep puts out.
			h.azd["WEBUI_URL"] = "https://ca-webui-x.example.azurecontainerapps.io"
			h.azd["API_IDENTITY"] = "11111111-1111-1111-1111-111111111111,aaaaaaaa-1111-1111-1111-111111111111"
			h.azd["WEBUI_IDENTITY"] = "22222222-2222-2222-2222-222222222222,aaaaaaaa-2222-2222-2222-222222222222"
			for range 2 {
				h.run("postprovision")
				api, webUI = h.application("API_CLIENT_ID"), h.application("WEBUI_CLIENT_ID")
				h.wantNoCredential(api, []string{"aaaaaaaa-1111-1111-1111-111111111111"})
				h.wantNoCredential(webUI, []string{"aaaaaaaa-2222-2222-2222-222222222222"})
				want := []string{h.azd["WEBUI_URL"] + "/account/callback", h.azd["WEBUI_URL"] + "/"}
				if got := webUI.Web.RedirectURIs; !slices.Equal(got, want) {
					t.Errorf("redirect URIs are %q, want %q", got, want)
				}
				if h.azd["KEYS_EXIST"] != "true" {
					t.Error("the keys would be made again")
				}
				h.run("preprovision")
			}

			h.run("postdown")
			if left := len(h.tenant.Directory().Applications()) - before; left != 0 {
				t.Errorf("%d applications are left", left)
			}
			if left := len(h.tenant.Directory().DeletedApplications()); left != test.inBin {
				t.Errorf("%d applications are in the bin, want %d", left, test.inBin)
			}
			if h.azd["KEYS_EXIST"] != "false" || h.azd["API_CLIENT_ID"] != "" {
				t.Errorf("azd's environment still has %v", h.azd)
			}
		})
	}
}

func TestHooksThatCantRun(t *testing.T) {
	t.Parallel()
	h := newHooks(t, "alice")
	for hook, want := range map[string]string{"postprovision": "nothing was provisioned", "postup": "no hook"} {
		if err := runWith(t.Context(), hook, h.getenv, h.set, h.options); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v, want one with %q", hook, err, want)
		}
	}
	if _, err := options(func(string) string { return "" }); err == nil || !strings.Contains(err.Error(), "AZURE_ENV_NAME") {
		t.Errorf("by hand: error is %v", err)
	}
}

// hooks is azd's environment, and a tenant.
type hooks struct {
	t       *testing.T
	tenant  *devtenant.Tenant
	options command.Options
	azd     map[string]string
}

func newHooks(t *testing.T, user string) *hooks {
	t.Helper()
	tenant, folder := devtenant.Start(t), t.TempDir()
	h := &hooks{t: t, tenant: tenant, azd: map[string]string{}}
	h.options = command.Options{
		Dir: folder, Name: "obo-test", Yes: true, DevtenantURL: tenant.BackURL(), TrustedCAFile: filepath.Join(folder, "ca.pem"),
		Prompt: func(ctx context.Context, code azidentity.DeviceCodeMessage) error {
			_, err := devtenant.NewUserAgent(tenant).EnterDeviceCode(ctx, code.VerificationURL, code.UserCode, user)
			return err
		},
	}
	if err := tenant.WriteCertificate(h.options.TrustedCAFile); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *hooks) getenv(name string) string { return h.azd[name] }

func (h *hooks) set(_ context.Context, name, value string) error {
	h.azd[name] = value
	return nil
}

func (h *hooks) run(hook string) {
	h.t.Helper()
	if err := runWith(h.t.Context(), hook, h.getenv, h.set, h.options); err != nil {
		h.t.Fatalf("%s: %v", hook, err)
	}
}

func (h *hooks) application(name string) directory.Application {
	h.t.Helper()
	app, ok := h.tenant.Directory().ApplicationByAppID(h.azd[name])
	if !ok {
		h.t.Fatalf("%s is %q, which is no application", name, h.azd[name])
	}
	return app
}

// wantNoCredential: nothing that could leak, and these subjects of the tenant trusted.
func (h *hooks) wantNoCredential(app directory.Application, subjects []string) {
	h.t.Helper()
	if len(app.PasswordCredentials)+len(app.KeyCredentials) != 0 {
		h.t.Errorf("%s has a secret or a certificate", app.DisplayName)
	}
	var got []string
	for _, credential := range h.tenant.Directory().FederatedCredentials(app.ID) {
		if credential.Issuer != h.tenant.Authority()+"/v2.0" {
			h.t.Errorf("%s trusts the issuer %s", app.DisplayName, credential.Issuer)
		}
		got = append(got, credential.Subject)
	}
	if !slices.Equal(got, subjects) {
		h.t.Errorf("%s trusts %q, want %q", app.DisplayName, got, subjects)
	}
}
