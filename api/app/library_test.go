package app_test

import (
	"context"
	"crypto"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armsubscriptions"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/coreos/go-oidc/v3/oidc"
)

// What the libraries do that this API goes around. A test here that fails is good news: a library has mended something,
// and a piece of this API may have become superfluous.

// fixedTenant forges tokens and serves nothing.
func fixedTenant() *tenant { return &tenant{server: &httptest.Server{URL: "https://login.example"}} }

// TestWhatGoOIDCAloneLetsPass: each of these needs the check of ours that the table of cases names.
func TestWhatGoOIDCAloneLetsPass(t *testing.T) {
	t.Parallel()
	issuer := fixedTenant()
	verifier := oidc.NewVerifier(issuer.issuer(), &oidc.StaticKeySet{PublicKeys: []crypto.PublicKey{&signingKey().PublicKey}},
		&oidc.Config{ClientID: apiClientID})
	passes := map[string]bool{}
	for _, test := range tokenCases() {
		if _, err := verifier.Verify(t.Context(), test.token(issuer)); err == nil {
			passes[test.name] = true
		}
	}
	for _, name := range []string{
		"case 09: kid missing", "case 09: kid empty", "case 18: crit empty", "case 19: a logout token's typ", "case 20: a Graph token",
		"case 24: JWS in JSON form", "case 25: a space inside", "case 25: a tab inside", "case 26: longer than the cap",
		"case 30: a claim not UTF-8", "case 31: aud an array that holds ours", "case 31: aud an array of ours alone",
		"case 35: an ID token of a shared registration", "case 39: tid differs from iss", "case 39: tid no GUID", "case 39: tid missing",
		"case 41: exp a string", "case 43: iat a year ahead", "case 44: sub missing", "case 44: oid missing", "case 45: Aud",
		"case 45: EXP besides exp", "case 48: app-only by roles", "case 49: azp not allowed",
	} {
		if !passes[name] {
			t.Errorf("%s: go-oidc refuses it by itself now", name)
		}
	}
}

// userInContext is a credential that reads the user from the context of a call, as one might write it.
type userInContext struct{}

type userKey struct{}

func (userInContext) GetToken(ctx context.Context, _ policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: ctx.Value(userKey{}).(string), ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// TestAnSDKClientKeepsOneToken: shared by two users, it sends the second one's call with the first one's token. Hence
// one client for each request.
func TestAnSDKClientKeepsOneToken(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	sent := make(chan string, 2)
	issuer.set(func(i *tenant) {
		i.azureHandler = func(w http.ResponseWriter, r *http.Request) {
			sent <- r.Header.Get("Authorization")
			sendSubscriptions(w, r)
		}
	})
	client, err := armsubscriptions.NewClient(userInContext{}, &arm.ClientOptions{
		DisableRPRegistration: true,
		ClientOptions: policy.ClientOptions{
			Transport: issuer.server.Client(),
			Cloud: cloud.Configuration{Services: map[cloud.ServiceName]cloud.ServiceConfiguration{
				cloud.ResourceManager: {Endpoint: issuer.server.URL, Audience: "https://management.core.windows.net/"},
			}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range []string{"alice", "bob"} {
		if _, err := client.NewListPager(nil).NextPage(context.WithValue(t.Context(), userKey{}, user)); err != nil {
			t.Fatal(err)
		}
	}
	if first, second := <-sent, <-sent; first != "Bearer alice" || second != "Bearer alice" {
		t.Errorf("the calls were sent with %q and %q", first, second)
	}
}

// TestMSALAnswersRenewalsFromItsCache: a client that is kept hands out the same on-behalf-of token again and again, and
// holds each for good. Hence one client for each exchange.
func TestMSALAnswersRenewalsFromItsCache(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	credential, err := confidential.NewCredFromSecret("the-clients-secret")
	if err != nil {
		t.Fatal(err)
	}
	client, err := confidential.New(issuer.authority(), apiClientID, credential,
		confidential.WithHTTPClient(issuer.server.Client()), confidential.WithInstanceDiscovery(false))
	if err != nil {
		t.Fatal(err)
	}
	assertion := issuer.token(nil)
	var tokens []string
	for range 2 {
		result, err := client.AcquireTokenOnBehalfOf(t.Context(), assertion, []string{"https://management.core.windows.net//.default"})
		if err != nil {
			t.Fatal(err)
		}
		tokens = append(tokens, result.AccessToken)
	}
	if tokens[0] != tokens[1] || issuer.count("token") != 1 {
		t.Errorf("%d exchanges", issuer.count("token"))
	}
}
