package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armsubscriptions"
	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/downstream"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/onbehalfof"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/jsonbody"
)

// subscriptions lists users' Azure subscriptions, from Azure Resource Manager.
type subscriptions struct {
	service   *downstream.Service
	cloud     cloud.Configuration
	exchanger onbehalfof.Exchanger
	limits    Limits
	fail      func(*gin.Context, error)
}

func (a *App) newSubscriptions() *subscriptions {
	service := a.newService(downstream.Service{
		Name: "resource manager", Codes: "resource_manager", BaseURL: a.cfg.ResourceManagerURL, RequestIDHeader: "x-ms-client-request-id",
	})
	return &subscriptions{service, cloudOf(a.cfg.Authority, a.cfg.ResourceManagerURL), a.exchanger, a.cfg.Limits, a.fail}
}

// list answers GET /subscriptions.
func (s *subscriptions) list(c *gin.Context) {
	found, err := s.forUser(c.Request.Context(), bearer.CallerOf(c), nil)
	if err != nil {
		s.fail(c, err)
		return
	}
	c.Data(http.StatusOK, "application/json; charset=utf-8", jsonbody.List(found))
}

// forUser returns a user's subscriptions. After each page it tells how many there are so far; tell may be nil.
func (s *subscriptions) forUser(ctx context.Context, caller bearer.Caller, tell func(soFar int)) ([]json.RawMessage, error) {
	credential := onbehalfof.NewCredential(s.exchanger, caller) // hop 3
	found, err := s.fetch(ctx, credential, tell)                // hop 4
	if errors.Is(err, downstream.ErrTokenRefused) {
		credential.Forget(ctx)
	}
	return found, err
}

// fetch returns the subscriptions that the credential's owner may see, of all pages.
func (s *subscriptions) fetch(ctx context.Context, credential azcore.TokenCredential, tell func(soFar int)) ([]json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, s.limits.Call)
	defer cancel()
	// The SDK's own way is page, err := pager.NextPage(ctx), and then page.Value. Here a policy takes the entries out of each answer
	// before the SDK reads it, as they were sent: see [downstream.Entries].
	found := &downstream.Entries{
		Service:  s.service,
		MaxBytes: s.limits.ListBytes,
		List:     []json.RawMessage{}, // an empty list is [], not null
	}
	options := &arm.ClientOptions{
		ClientOptions:         s.service.ClientOptions(),
		DisableRPRegistration: true, // registering resource providers is a write, and nothing that a list needs
	}
	options.Cloud = s.cloud
	options.PerCallPolicies = []policy.Policy{found}
	client, err := armsubscriptions.NewClient(credential, options)
	if err != nil {
		return nil, fmt.Errorf("making the client for Resource Manager: %w", err)
	}
	pager := client.NewListPager(nil)
	for pages := 0; pager.More(); pages++ {
		if pages == s.limits.Pages {
			return nil, s.service.Endless("there are more pages than the API reads")
		}
		if _, err := pager.NextPage(ctx); err != nil {
			return nil, s.service.Explain(err)
		}
		if tell != nil {
			tell(len(found.List))
		}
	}
	return found.List, nil
}

// cloudOf returns the Azure cloud that the authority belongs to, with Resource Manager at the given address. The cloud's audience for
// tokens stays: it names Resource Manager wherever the requests for it go, through a private link, say.
func cloudOf(authority entra.Authority, endpoint *url.URL) cloud.Configuration {
	base := cloud.AzurePublic
	switch authority.Host() {
	case "login.microsoftonline.us", "login.usgovcloudapi.net":
		base = cloud.AzureGovernment
	case "login.chinacloudapi.cn", "login.partner.microsoftonline.cn":
		base = cloud.AzureChina
	}
	service := base.Services[cloud.ResourceManager]
	service.Endpoint = endpoint.Scheme + "://" + endpoint.Host
	return cloud.Configuration{Services: map[cloud.ServiceName]cloud.ServiceConfiguration{cloud.ResourceManager: service}}
}
