package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armsubscriptions"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
)

// plainRole is an API as one would write it first: gin, go-oidc's check of each token, an SDK client for each call, the SDK's
// models as the answer. It has no log, no trace, no bounds on what it reads and no checks beyond go-oidc's, and gets a ready-made token B, as the
// forwarder does. How far it is from the forwarder is what gin, go-oidc and the SDK cost by themselves on this machine.
func plainRole(ctx context.Context, settings map[string]string, _ *http.ServeMux) (serving, error) {
	client, err := newClient(settings["TRUSTED_CA_FILE"])
	if err != nil {
		return serving{}, err
	}
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, client), settings["AUTHORITY"]+"/v2.0")
	if err != nil {
		return serving{}, fmt.Errorf("asking for the tenant's metadata: %w", err)
	}
	verifier := provider.Verifier(&oidc.Config{ClientID: settings["API_CLIENT_ID"]})
	options := &arm.ClientOptions{DisableRPRegistration: true, ClientOptions: policy.ClientOptions{
		Transport: client,
		Cloud: cloud.Configuration{Services: map[cloud.ServiceName]cloud.ServiceConfiguration{
			cloud.ResourceManager: {Endpoint: settings["API_RESOURCE_MANAGER_URL"], Audience: "https://management.core.windows.net/"},
		}},
	}}
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.GET("/subscriptions", func(c *gin.Context) {
		token, _ := strings.CutPrefix(c.GetHeader("Authorization"), "Bearer ")
		if _, err := verifier.Verify(c.Request.Context(), token); err != nil {
			c.AbortWithStatus(http.StatusUnauthorized)
			return
		}
		list, err := listPlainly(c.Request.Context(), fixedToken(settings["TOKEN"]), options)
		if err != nil {
			c.AbortWithStatus(http.StatusBadGateway)
			return
		}
		c.JSON(http.StatusOK, gin.H{"value": list, "count": len(list)})
	})
	return serveAlone(router)
}

// newClient makes a client whose connections are kept as the tiers keep theirs.
func newClient(trustedCAFile string) (*http.Client, error) {
	roots, err := outbound.TrustedRoots(trustedCAFile)
	if err != nil {
		return nil, err
	}
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true, MaxIdleConns: 512, MaxIdleConnsPerHost: 256,
	}}, nil
}

func listPlainly(ctx context.Context, credential azcore.TokenCredential, options *arm.ClientOptions) ([]*armsubscriptions.Subscription, error) {
	client, err := armsubscriptions.NewClient(credential, options)
	if err != nil {
		return nil, err
	}
	var list []*armsubscriptions.Subscription
	for pager := client.NewListPager(nil); pager.More(); {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		list = append(list, page.Value...)
	}
	return list, nil
}

// fixedToken is a credential that always has the same token.
type fixedToken string

// GetToken implements [azcore.TokenCredential].
func (f fixedToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: string(f), ExpiresOn: time.Now().Add(time.Hour)}, nil
}
