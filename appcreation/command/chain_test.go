package command_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/joho/godotenv"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/command"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

// TestWhatIsWrittenSignsIn: with nothing but the development.env that configure wrote, a user signs in, and the API
// exchanges their token: with secrets, and with certificates only.
func TestWhatIsWrittenSignsIn(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*command.Options){
		"secrets":                   func(*command.Options) {},
		"secrets, consent for all":  adminConsent,
		"certificates, for all too": func(o *command.Options) { adminConsent(o); certificate(o) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := devtenant.Start(t)
			folder := t.TempDir()
			o := command.Options{
				Dir: folder, DevtenantURL: tenant.BackURL(), Yes: true, Prompt: enterCode(tenant),
				TrustedCAFile: filepath.Join(folder, "ca.pem"),
			}
			if err := tenant.WriteCertificate(o.TrustedCAFile); err != nil {
				t.Fatal(err)
			}
			change(&o)
			if _, err := command.Configure(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			values, err := godotenv.Read(filepath.Join(folder, "development.env"))
			if err != nil {
				t.Fatal(err)
			}
			if scopes := signInAndExchange(t, tenant, values); len(scopes) == 0 {
				t.Error("the token for Resource Manager has no scopes")
			}
		})
	}
}

// TestATrustedIssuerSignsIn: with federated credentials for the service accounts of a cluster, which devtenant stands in for.
func TestATrustedIssuerSignsIn(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	folder := t.TempDir()
	o := command.Options{
		Dir: folder, DevtenantURL: tenant.BackURL(), Yes: true, Prompt: enterCode(tenant), TrustedCAFile: filepath.Join(folder, "ca.pem"),
		Federated: command.Federated{Kind: "aks", Issuer: tenant.IssuerURL(devtenant.KubernetesIssuer), Namespace: "shop"},
	}
	if err := tenant.WriteCertificate(o.TrustedCAFile); err != nil {
		t.Fatal(err)
	}
	if _, err := command.Configure(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	values, err := godotenv.Read(filepath.Join(folder, "development.env"))
	if err != nil {
		t.Fatal(err)
	}
	for prefix, account := range map[string]string{"API": "api", "WEBUI": "webui"} {
		file := filepath.Join(folder, account+".token")
		token := tenant.FederatedToken(devtenant.KubernetesIssuer, "system:serviceaccount:shop:"+account)
		if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
		values[prefix+"_CLIENT_ASSERTION_FILE"] = file
	}
	if scopes := signInAndExchange(t, tenant, values); len(scopes) == 0 {
		t.Error("the token for Resource Manager has no scopes")
	}
}

// enterCode signs alice in with a device code.
func enterCode(tenant *devtenant.Tenant) func(context.Context, azidentity.DeviceCodeMessage) error {
	return func(ctx context.Context, code azidentity.DeviceCodeMessage) error {
		_, err := devtenant.NewUserAgent(tenant).EnterDeviceCode(ctx, code.VerificationURL, code.UserCode, "alice")
		return err
	}
}

// signInAndExchange does hops 1 and 3 as the tiers do, and returns what the token for Resource Manager allows.
func signInAndExchange(t *testing.T, tenant *devtenant.Tenant, values map[string]string) []string {
	t.Helper()
	values["ENVIRONMENT"] = "development" // the file is development.env
	settings := env.From(values)
	authority, err := entra.ParseAuthority(settings.Text("AUTHORITY", ""))
	if err != nil {
		t.Fatal(err)
	}
	client := func(prefix string) confidential.Client {
		credential := entra.ReadCredential(settings, prefix, authority)
		if err := settings.Err(); err != nil {
			t.Fatal(err)
		}
		client, err := credential.NewClient(authority, values[prefix+"_CLIENT_ID"], tenant.Client())
		if err != nil {
			t.Fatal(err)
		}
		return client
	}
	webUI, api := client("WEBUI"), client("API")
	scopes := []string{"api://" + values["API_CLIENT_ID"] + "/.default"}
	address, err := webUI.AuthCodeURL(t.Context(), values["WEBUI_CLIENT_ID"], values["WEBUI_REDIRECT_URI"], scopes)
	if err != nil {
		t.Fatal(err)
	}
	browser := devtenant.NewUserAgent(tenant)
	browser.StopAt(values["WEBUI_REDIRECT_URI"])
	response, err := browser.SignIn(t.Context(), address, "dave")
	if err != nil {
		t.Fatal(err)
	}
	back, err := url.Parse(response.Header.Get("Location"))
	if err != nil || back.Query().Get("code") == "" {
		t.Fatalf("no code came back: %s %v, pages %v", response.Status, err, browser.Pages)
	}
	tokenA, err := webUI.AcquireTokenByAuthCode(t.Context(), back.Query().Get("code"), values["WEBUI_REDIRECT_URI"], scopes)
	if err != nil {
		t.Fatal(fmt.Errorf("hop 1: %w", entra.AsTokenError(err)))
	}
	tokenB, err := api.AcquireTokenOnBehalfOf(t.Context(), tokenA.AccessToken, []string{"https://management.core.windows.net//.default"})
	if err != nil {
		t.Fatal(fmt.Errorf("hop 3: %w", entra.AsTokenError(err)))
	}
	return tokenB.GrantedScopes
}
