package devtenant_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armsubscriptions"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// Real clients must not tell the tenant from Entra. These tests are the libraries that the sample and its users have.

func confidentialClient(t *testing.T, tenant *devtenant.Tenant, clientID string, credential confidential.Credential) confidential.Client {
	t.Helper()
	client, err := confidential.New(tenant.Authority(), clientID, credential, confidential.WithHTTPClient(tenant.Client()),
		confidential.WithInstanceDiscovery(false), confidential.WithClientCapabilities([]string{"CP1"}))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func secret(t *testing.T, value string) confidential.Credential {
	t.Helper()
	credential, err := confidential.NewCredFromSecret(value)
	if err != nil {
		t.Fatal(err)
	}
	return credential
}

func TestMSALGoConfidential(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	ctx := t.Context()

	client := confidentialClient(t, tenant, webUI, secret(t, webUISecret))
	signedIn, err := client.AcquireTokenByAuthCode(ctx, code(t, tenant, "alice", nil), redirectURI, []string{apiDefault}, confidential.WithChallenge(verifier))
	if err != nil {
		t.Fatal(err)
	}
	if signedIn.Account.PreferredUsername != "alice@devtenant.example" || signedIn.IDToken.RawToken == "" {
		t.Errorf("signed in as %q", signedIn.Account.PreferredUsername)
	}
	silent, err := client.AcquireTokenSilent(ctx, []string{apiScope}, confidential.WithSilentAccount(signedIn.Account))
	if err != nil {
		t.Fatal(err)
	}
	if silent.AccessToken != signedIn.AccessToken || tenant.Count("token:refresh_token") != 0 {
		t.Error("a token for /.default did not serve the single scope: a second request was made")
	}

	middleTier := confidentialClient(t, tenant, api, secret(t, apiSecret))
	exchanged, err := middleTier.AcquireTokenOnBehalfOf(ctx, signedIn.AccessToken, []string{"https://management.core.windows.net//.default"})
	if err != nil {
		t.Fatal(err)
	}
	claims := claimsOf(t, exchanged.AccessToken)
	if claims["aud"] != "https://management.core.windows.net/" || claims["appid"] != api || claims["ver"] != "1.0" || claims["scp"] != "user_impersonation" {
		t.Errorf("token B: %v", claims)
	}
	if len(exchanged.DeclinedScopes) > 0 {
		t.Errorf("declined: %v", exchanged.DeclinedScopes)
	}

	appOnly, err := middleTier.AcquireTokenByCredential(ctx, []string{"https://management.azure.com/.default"})
	if err != nil {
		t.Fatal(err)
	}
	if claims := claimsOf(t, appOnly.AccessToken); claims["idtyp"] != "app" || claims["scp"] != nil {
		t.Errorf("an app-only token: %v", claims)
	}
}

func TestMSALGoRefreshes(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	tenant.Faults().Set(devtenant.Fault{Name: "short-lived", Endpoint: "token:authorization_code", Lifetime: time.Second})
	client := confidentialClient(t, tenant, webUI, secret(t, webUISecret))
	signedIn, err := client.AcquireTokenByAuthCode(t.Context(), code(t, tenant, "alice", nil), redirectURI, []string{apiDefault}, confidential.WithChallenge(verifier))
	if err != nil {
		t.Fatal(err)
	}
	renewed, err := client.AcquireTokenSilent(t.Context(), []string{apiScope}, confidential.WithSilentAccount(signedIn.Account))
	if err != nil {
		t.Fatal(err)
	}
	if renewed.AccessToken == signedIn.AccessToken || tenant.Count("token:refresh_token") != 1 {
		t.Errorf("%d refresh requests", tenant.Count("token:refresh_token"))
	}
	if err := tenant.RevokeSessions("alice"); err != nil {
		t.Fatal(err)
	}
	if _, err := client.AcquireTokenSilent(t.Context(), []string{armScope}, confidential.WithSilentAccount(signedIn.Account)); err == nil {
		t.Error("a refresh token outlived the revocation")
	}
}

func TestMSALGoCertificate(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	key, certificate := newCertificate(t, time.Now())
	registerCertificate(t, tenant, api, certificate)
	credential, err := confidential.NewCredFromCert([]*x509.Certificate{certificate}, key)
	if err != nil {
		t.Fatal(err)
	}
	middleTier := confidentialClient(t, tenant, api, credential)
	exchanged, err := middleTier.AcquireTokenOnBehalfOf(t.Context(), tenant.AccessToken("alice"), []string{armScope})
	if err != nil {
		t.Fatal(err)
	}
	if claims := claimsOf(t, exchanged.AccessToken); claims["appidacr"] != "2" {
		t.Errorf("appidacr is %v, want 2 for a certificate", claims["appidacr"])
	}
}

func TestMSALGoPublicDeviceCode(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	client, err := public.New(azureCLI, public.WithAuthority(tenant.Authority()), public.WithHTTPClient(tenant.Client()), public.WithInstanceDiscovery(false))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	device, err := client.AcquireTokenByDeviceCode(ctx, []string{"https://management.azure.com/.default"})
	if err != nil {
		t.Fatal(err)
	}
	agent := devtenant.NewUserAgent(tenant)
	if _, err := agent.EnterDeviceCode(ctx, device.Result.VerificationURL, device.Result.UserCode, "alice"); err != nil {
		t.Fatal(err)
	}
	got, err := device.AuthenticationResult(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if claims := claimsOf(t, got.AccessToken); claims["appidacr"] != "0" || got.Account.PreferredUsername != "alice@devtenant.example" {
		t.Errorf("got %v for %v", claims, got.Account.PreferredUsername)
	}
}

func TestMSALGoPublicAuthCode(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	client, err := public.New(azureCLI, public.WithAuthority(tenant.Authority()), public.WithHTTPClient(tenant.Client()), public.WithInstanceDiscovery(false))
	if err != nil {
		t.Fatal(err)
	}
	const loopback = "http://localhost:54321"
	scopes := []string{"https://management.azure.com/.default"}
	agent := devtenant.NewUserAgent(tenant)
	agent.StopAt(loopback)
	got := answer(t, agent, authorizeURL(tenant, map[string]string{"client_id": azureCLI, "redirect_uri": loopback, "scope": scopes[0] + " openid profile offline_access"}), "grace")
	result, err := client.AcquireTokenByAuthCode(t.Context(), got.Get("code"), loopback, scopes, public.WithChallenge(verifier))
	if err != nil {
		t.Fatal(err)
	}
	if result.Account.PreferredUsername != "grace@devtenant.example" {
		t.Errorf("signed in as %q", result.Account.PreferredUsername)
	}
}

func TestAzidentityAndArmsubscriptions(t *testing.T) {
	t.Parallel()
	for user, want := range map[string]int{"alice": 3, "bob": 0, "grace": 250} {
		t.Run(user, func(t *testing.T) {
			t.Parallel()
			tenant := devtenant.Start(t)
			azure := policy.ClientOptions{
				Transport: tenant.Client(),
				Cloud: cloud.Configuration{
					ActiveDirectoryAuthorityHost: tenant.BackURL(),
					Services: map[cloud.ServiceName]cloud.ServiceConfiguration{
						cloud.ResourceManager: {Endpoint: tenant.ResourceManagerURL(), Audience: "https://management.core.windows.net/"},
					},
				},
			}
			credential, err := azidentity.NewOnBehalfOfCredentialWithSecret(tenant.Directory().TenantID(), api, tenant.AccessToken(user), apiSecret,
				&azidentity.OnBehalfOfCredentialOptions{ClientOptions: azure, DisableInstanceDiscovery: true})
			if err != nil {
				t.Fatal(err)
			}
			if got := countSubscriptions(t, credential, azure); got != want {
				t.Errorf("%d subscriptions, want %d", got, want)
			}
			if got, want := tenant.Count("subscriptions"), (want+99)/100; got != max(want, 1) {
				t.Errorf("%d pages, want %d", got, max(want, 1))
			}
			if got := tenant.Count("token:on_behalf_of"); got != 1 {
				t.Errorf("%d exchanges, want 1", got)
			}
		})
	}
}

func countSubscriptions(t *testing.T, credential azcore.TokenCredential, options policy.ClientOptions) int {
	t.Helper()
	client, err := armsubscriptions.NewClient(credential, &arm.ClientOptions{ClientOptions: options, DisableRPRegistration: true})
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for pager := client.NewListPager(nil); pager.More(); {
		page, err := pager.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		total += len(page.Value)
	}
	return total
}

func TestInstanceDiscoveryBehindMicrosoftsName(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t, func(o *devtenant.Options) {
		o.BrowserURL, o.BackURL, o.ResourceManagerURL = "https://login.microsoftonline.com", "https://login.microsoftonline.com", "https://management.azure.com"
		o.HostNames = []string{"login.microsoftonline.com", "management.azure.com"}
	})
	// MSAL asks Microsoft's host by its real name; the transport takes it to the back channel, as a hosts file would.
	client, err := confidential.New(tenant.Authority(), api, secret(t, apiSecret), confidential.WithHTTPClient(&http.Client{Transport: tenant.Transport()}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.AcquireTokenOnBehalfOf(t.Context(), tenant.AccessToken("alice"), []string{armScope}); err != nil {
		t.Fatal(err)
	}
	if tenant.Count("discovery") != 1 {
		t.Errorf("%d discoveries", tenant.Count("discovery"))
	}
}

func newCertificate(t *testing.T, now time.Time) (*rsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "client"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return key, certificate
}

func registerCertificate(t *testing.T, tenant *devtenant.Tenant, appID string, certificate *x509.Certificate) {
	t.Helper()
	a, _ := tenant.Directory().ApplicationByAppID(appID)
	if _, err := tenant.Directory().UpdateApplication(a.ID, func(a *directory.Application) error {
		a.KeyCredentials = append(a.KeyCredentials, directory.KeyCredential{
			KeyID: "1", Type: "AsymmetricX509Cert", Usage: "Verify", Key: certificate.Raw,
			StartDateTime: certificate.NotBefore, EndDateTime: certificate.NotAfter,
		})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
