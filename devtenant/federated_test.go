package devtenant_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// withFederated is a token request that proves the API by an outside issuer's token.
func withFederated(tenant *devtenant.Tenant, token string) map[string]string {
	return exchange(tenant.AccessToken("alice"), map[string]string{
		"client_secret": "", "client_assertion": token, "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
	})
}

func TestFederatedCredential(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	kubernetes := func(change ...func(map[string]any)) string {
		return tenant.FederatedToken(devtenant.KubernetesIssuer, devtenant.APISubject, change...)
	}
	set := func(claim string, value any) func(map[string]any) {
		return func(claims map[string]any) { claims[claim] = value }
	}
	now := time.Now()
	tests := map[string]struct {
		token string
		want  int
	}{
		"trusted":                        {kubernetes(), 0},
		"one of two audiences":           {kubernetes(set("aud", []string{"other", directory.TokenExchangeAudience})), 0},
		"another issuer":                 {tenant.FederatedToken("github", devtenant.APISubject), 700211},
		"issuer with a slash more":       {kubernetes(set("iss", tenant.IssuerURL(devtenant.KubernetesIssuer)+"/")), 700211},
		"another subject":                {tenant.FederatedToken(devtenant.KubernetesIssuer, devtenant.WebUISubject), 700213},
		"subject in another case":        {tenant.FederatedToken(devtenant.KubernetesIssuer, strings.ToUpper(devtenant.APISubject)), 700213},
		"another audience":               {kubernetes(set("aud", "api://other")), 700212},
		"audience by its client id":      {kubernetes(set("aud", directory.TokenExchangeAppID)), 700212},
		"expired":                        {kubernetes(set("exp", now.Add(-10*time.Minute).Unix())), 700024},
		"without exp":                    {kubernetes(set("exp", nil)), 700024},
		"not valid yet":                  {kubernetes(set("nbf", now.Add(time.Hour).Unix())), 700024},
		"signed by somebody else":        {tenant.Sign(map[string]any{"iss": tenant.IssuerURL(devtenant.KubernetesIssuer), "sub": devtenant.APISubject, "aud": directory.TokenExchangeAudience, "exp": now.Add(time.Hour).Unix()}), 7000272},
		"expired and somebody else's":    {tenant.Sign(map[string]any{"iss": tenant.IssuerURL(devtenant.KubernetesIssuer), "sub": devtenant.APISubject, "aud": directory.TokenExchangeAudience, "exp": 1}), 7000272},
		"an access token of this tenant": {tenant.AccessToken("alice"), 700222},
		"no token":                       {"no token", 700027},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := postToken(t, tenant, withFederated(tenant, test.token))
			if test.want != 0 {
				refused(t, got, test.want)
				return
			}
			if got.Status != http.StatusOK || claimsOf(t, got.AccessToken)["appidacr"] != "2" {
				t.Errorf("refused: %s", got.Description)
			}
		})
	}
}

// A federated token file changes while the program runs. MSAL reads it at each request through its callback.
func TestMSALGoFederated(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	file := t.TempDir() + "/token"
	write := func(token string) {
		if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	credential := confidential.NewCredFromAssertionCallback(func(context.Context, confidential.AssertionRequestOptions) (string, error) {
		raw, err := os.ReadFile(file)
		return string(raw), err
	})
	client := confidentialClient(t, tenant, api, credential)
	write(tenant.FederatedToken(devtenant.KubernetesIssuer, devtenant.WebUISubject))
	if _, err := client.AcquireTokenOnBehalfOf(t.Context(), tenant.AccessToken("alice"), []string{armScope}); err == nil {
		t.Error("the web UI's service account was taken for the API's")
	}
	write(tenant.FederatedToken(devtenant.KubernetesIssuer, devtenant.APISubject))
	if _, err := client.AcquireTokenOnBehalfOf(t.Context(), tenant.AccessToken("alice"), []string{armScope}); err != nil {
		t.Errorf("after the file had changed: %d", tenant.Requests()[0].AADSTS)
	}
}

// trust registers an outside issuer with the API.
func trust(t *testing.T, tenant *devtenant.Tenant, issuer string) {
	t.Helper()
	registered, ok := tenant.Directory().ApplicationByAppID(api)
	if !ok {
		t.Fatal("the API is not registered")
	}
	_, err := tenant.Directory().AddFederatedCredential(registered.ID, directory.FederatedIdentityCredential{
		Name: "outside", Issuer: issuer, Subject: "repo:contoso/sample:ref:refs/heads/main", Audiences: []string{directory.TokenExchangeAudience},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// An issuer with a server and a certificate authority of its own: its keys are fetched, and fetched again once it signs
// with a new one.
func TestFederatedIssuerIsAsked(t *testing.T) {
	t.Parallel()
	first, second := newKey(t), newKey(t)
	published := []jose.JSONWebKey{{Key: first.Public(), KeyID: "first"}}
	fetches := 0
	mux := http.NewServeMux()
	server := httptest.NewUnstartedServer(mux)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it is refused once, on purpose
	server.StartTLS()
	defer server.Close()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": server.URL, "jwks_uri": server.URL + "/keys"})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		fetches++
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: published})
	})
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	tenant := devtenant.Start(t, func(o *devtenant.Options) { o.IssuerCA = ca })
	trust(t, tenant, server.URL)

	for range 2 {
		if got := postToken(t, tenant, withFederated(tenant, outsideToken(t, server.URL, first, "first"))); got.Status != http.StatusOK {
			t.Fatalf("refused: %s", got.Description)
		}
	}
	if fetches != 1 {
		t.Errorf("the keys were fetched %d times for a key that was known", fetches)
	}
	refused(t, postToken(t, tenant, withFederated(tenant, outsideToken(t, server.URL, second, "second"))), 7000272)
	published = append(published, jose.JSONWebKey{Key: second.Public(), KeyID: "second"})
	if got := postToken(t, tenant, withFederated(tenant, outsideToken(t, server.URL, second, "second"))); got.Status != http.StatusOK {
		t.Errorf("a new key was not looked for: %s", got.Description)
	}

	stranger := devtenant.Start(t) // doesn't know the authority
	trust(t, stranger, server.URL)
	refused(t, postToken(t, stranger, withFederated(stranger, outsideToken(t, server.URL, first, "first"))), 90061)
}

// Given keys need no server.
func TestFederatedGivenKeys(t *testing.T) {
	t.Parallel()
	const issuer = "https://token.actions.example"
	key := newKey(t)
	tenant := devtenant.Start(t)
	trust(t, tenant, issuer)
	tenant.SetIssuerKeys(issuer, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k"}}})
	if got := postToken(t, tenant, withFederated(tenant, outsideToken(t, issuer, key, "k"))); got.Status != http.StatusOK {
		t.Errorf("refused: %s", got.Description)
	}
	refused(t, postToken(t, tenant, withFederated(tenant, outsideToken(t, issuer, newKey(t), "k"))), 7000272)
}

// The test issuer over HTTP, as a program in another language has it.
func TestTestIssuer(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	mint := func(form url.Values) (int, string) {
		response, err := tenant.Client().PostForm(tenant.IssuerURL(devtenant.KubernetesIssuer)+"/token", form)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		raw, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(raw)
	}
	if status, _ := mint(url.Values{}); status != http.StatusBadRequest {
		t.Errorf("without a subject: %d", status)
	}
	_, token := mint(url.Values{"subject": {devtenant.APISubject}})
	if got := postToken(t, tenant, withFederated(tenant, token)); got.Status != http.StatusOK {
		t.Errorf("refused: %s", got.Description)
	}
	_, expired := mint(url.Values{"subject": {devtenant.APISubject}, "expires_in": {"-600"}})
	refused(t, postToken(t, tenant, withFederated(tenant, expired)), 700024)
	_, other := mint(url.Values{"subject": {devtenant.APISubject}, "audience": {"api://other"}})
	refused(t, postToken(t, tenant, withFederated(tenant, other)), 700212)

	// Its keys are published where its discovery document says, and verify its tokens.
	_, document := getJSON(t, tenant, tenant.IssuerURL(devtenant.KubernetesIssuer)+"/.well-known/openid-configuration")
	response, err := tenant.Client().Get(document["jwks_uri"].(string))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var keys jose.JSONWebKeySet
	if err := json.NewDecoder(response.Body).Decode(&keys); err != nil {
		t.Fatal(err)
	}
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	var claims jwt.Claims
	if err := parsed.Claims(keys, &claims); err != nil || claims.Issuer != document["issuer"] {
		t.Errorf("the published keys don't verify the token (%v), or its issuer %q isn't %q", err, claims.Issuer, document["issuer"])
	}
}

func newKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func outsideToken(t *testing.T, issuer string, key *rsa.PrivateKey, kid string) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: kid}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := jwt.Signed(signer).Claims(map[string]any{
		"iss": issuer, "sub": "repo:contoso/sample:ref:refs/heads/main", "aud": directory.TokenExchangeAudience, "exp": time.Now().Add(time.Hour).Unix(),
	}).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
