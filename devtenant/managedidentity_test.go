package devtenant_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/managedidentity"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

const (
	webUIIdentity = "de7e0000-0000-4000-8000-0000000000a8"
	apiIdentity   = "de7e0000-0000-4000-8000-0000000000a9"
)

// identityToken asks for a token as MSAL does in a Container App. It reads the environment, so its test can't run beside
// others.
func identityToken(ctx context.Context, clientID, resource string) (string, error) {
	client, err := managedidentity.New(managedidentity.UserAssignedClientID(clientID))
	if err != nil {
		return "", err
	}
	result, err := client.AcquireToken(ctx, resource)
	return result.AccessToken, err
}

func TestMSALGoManagedIdentity(t *testing.T) {
	tenant := devtenant.Start(t)
	for name, value := range tenant.ManagedIdentityEnvironment() {
		t.Setenv(name, value)
	}
	if source, err := managedidentity.GetSource(); err != nil || source != managedidentity.AppService {
		t.Fatalf("MSAL takes the environment for %q (%v)", source, err)
	}
	as := func(clientID string) confidential.Credential {
		return confidential.NewCredFromAssertionCallback(func(ctx context.Context, _ confidential.AssertionRequestOptions) (string, error) {
			return identityToken(ctx, clientID, "api://AzureADTokenExchange/.default")
		})
	}
	if _, err := confidentialClient(t, tenant, api, as(webUIIdentity)).AcquireTokenOnBehalfOf(t.Context(), tenant.AccessToken("alice"), []string{armScope}); err == nil {
		t.Error("the web UI's identity was taken for the API's")
	} else if got := tenant.Requests()[0].AADSTS; got != 700213 {
		t.Errorf("refused with %d, want 700213", got)
	}
	result, err := confidentialClient(t, tenant, api, as(apiIdentity)).AcquireTokenOnBehalfOf(t.Context(), tenant.AccessToken("alice"), []string{armScope})
	if err != nil {
		t.Fatalf("refused with %d", tenant.Requests()[0].AADSTS)
	}
	if claims := claimsOf(t, result.AccessToken); claims["scp"] != "user_impersonation" || claims["appidacr"] != "2" {
		t.Errorf("token B: %v", claims)
	}
	signedIn, err := confidentialClient(t, tenant, webUI, as(webUIIdentity)).AcquireTokenByAuthCode(t.Context(), code(t, tenant, "alice", nil), redirectURI, []string{apiDefault}, confidential.WithChallenge(verifier))
	if err != nil || signedIn.AccessToken == "" {
		t.Errorf("signing in: refused with %d", tenant.Requests()[0].AADSTS)
	}

	raw, err := identityToken(t.Context(), apiIdentity, "api://AzureADTokenExchange")
	if err != nil {
		t.Fatal(err)
	}
	claims := claimsOf(t, raw)
	if claims["aud"] != directory.TokenExchangeAppID || claims["ver"] != "2.0" || claims["iss"] != tenant.Authority()+"/v2.0" || claims["appid"] != nil {
		t.Errorf("the exchange token: %v", claims)
	}
	if raw, err = identityToken(t.Context(), apiIdentity, "https://management.azure.com/.default"); err != nil {
		t.Fatal(err)
	}
	if claims := claimsOf(t, raw); claims["aud"] != "https://management.azure.com" || claims["appid"] != apiIdentity || claims["idtyp"] != "app" {
		t.Errorf("Resource Manager's token: %v", claims)
	}
}

func TestManagedIdentityRefuses(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	environment := tenant.ManagedIdentityEnvironment()
	const good = "resource=https://management.azure.com&api-version=2019-08-01&client_id=" + apiIdentity
	tests := map[string]struct {
		query, header string
		want          int
	}{
		"good":                    {good, environment["IDENTITY_HEADER"], http.StatusOK},
		"without header":          {good, "", http.StatusUnauthorized},
		"another header":          {good, "other", http.StatusUnauthorized},
		"another version":         {"resource=https://management.azure.com&api-version=2017-09-01&client_id=" + apiIdentity, environment["IDENTITY_HEADER"], http.StatusBadRequest},
		"no identity":             {"resource=https://management.azure.com&api-version=2019-08-01", environment["IDENTITY_HEADER"], http.StatusBadRequest},
		"an application's id":     {"resource=https://management.azure.com&api-version=2019-08-01&client_id=" + api, environment["IDENTITY_HEADER"], http.StatusBadRequest},
		"a resource of no tenant": {"resource=api://other&api-version=2019-08-01&client_id=" + apiIdentity, environment["IDENTITY_HEADER"], http.StatusBadRequest},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, environment["IDENTITY_ENDPOINT"]+"?"+test.query, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("X-IDENTITY-HEADER", test.header)
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != test.want {
				t.Errorf("got %d, want %d", response.StatusCode, test.want)
			}
		})
	}
}
