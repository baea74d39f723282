package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armsubscriptions"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
)

// Hop 4: the call to Azure Resource Manager, with the user's token B.

// resourceManager calls Azure Resource Manager for users.
type resourceManager struct {
	options  *arm.ClientOptions // of every SDK client, and never changed
	provider *entra.Provider
	deadline time.Duration // for all pages together
	pages    int
	bytes    int // of all pages together
}

func newResourceManager(cfg Config, client *http.Client, provider *entra.Provider) *resourceManager {
	return &resourceManager{
		provider: provider,
		deadline: cfg.Limits.ResourceManager,
		pages:    cfg.Limits.Pages,
		bytes:    cfg.Limits.ListBytes,
		options: &arm.ClientOptions{
			// Registering resource providers is a write, and nothing that a list of subscriptions needs.
			DisableRPRegistration: true,
			ClientOptions: policy.ClientOptions{
				Cloud:     cloudOf(cfg.Authority, cfg.ResourceManagerURL),
				Transport: &pinned{client: client, host: cfg.ResourceManagerURL.Host},
				Telemetry: policy.TelemetryOptions{Disabled: true}, // the SDK's and Go's versions in every User-Agent
				Retry: policy.RetryOptions{
					// 0.2 and 0.6 seconds, or what Retry-After says. A longer Retry-After is the caller's to wait for.
					MaxRetries:    2,
					RetryDelay:    200 * time.Millisecond,
					MaxRetryDelay: 2 * time.Second,
					ShouldRetry:   worthRetrying,
				},
			},
		},
	}
}

// cloudOf returns the Azure cloud that the authority belongs to, with Resource Manager at the given address. The cloud's
// audience for tokens stays: it names Resource Manager wherever the requests for it go, through a private link, say.
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
	return cloud.Configuration{
		ActiveDirectoryAuthorityHost: "https://" + authority.Host() + "/",
		Services:                     map[cloud.ServiceName]cloud.ServiceConfiguration{cloud.ResourceManager: service},
	}
}

// listSubscriptions returns the subscriptions that the credential's user may see, of all pages, as Resource Manager sent
// them.
func (r *resourceManager) listSubscriptions(ctx context.Context, credential azcore.TokenCredential, trail *trail) ([]json.RawMessage, error) {
	started := time.Now()
	ctx, cancel := context.WithTimeout(ctx, r.deadline)
	defer cancel()
	found := &entries{list: []json.RawMessage{}, left: r.bytes} // an empty list is [], not null
	options := *r.options
	options.PerCallPolicies = []policy.Policy{found}
	client, err := armsubscriptions.NewClient(credential, &options)
	if err != nil {
		return nil, fmt.Errorf("making the client for Resource Manager: %w", err)
	}
	pager := client.NewListPager(nil)
	pages := 0
	for ; pager.More(); pages++ {
		if pages == r.pages {
			return nil, &problem{code: apperror.ResourceEndless, cause: errors.New("there are more pages than the API reads")}
		}
		if _, err := pager.NextPage(ctx); err != nil {
			return nil, r.explain(ctx, err)
		}
	}
	trail.add(step{Name: "resource-manager", Took: time.Since(started) - trail.took("exchange"), Pages: pages})
	return found.list, nil
}

// entries takes the entries out of each page, as they were sent: the SDK's models drop what they don't know, and this API
// has no opinion on what a subscription may hold. To the SDK it leaves the link to the next page. Left with all of it, the
// SDK would read each entry into its models, for nobody, which takes longer than the rest of the call.
type entries struct {
	list []json.RawMessage
	left int // bytes of further pages that are read; many pages of the largest size would fill the memory
}

// Do implements [policy.Policy].
func (e *entries) Do(request *policy.Request) (*http.Response, error) {
	response, err := request.Next()
	if err != nil || response.StatusCode != http.StatusOK {
		return response, err
	}
	body, err := runtime.Payload(response) // the SDK has downloaded it
	if err != nil {
		return nil, &problem{code: apperror.ResourceMalformed, cause: errors.New("the page could not be read")}
	}
	if e.left -= len(body); e.left < 0 {
		return nil, &problem{code: apperror.ResourceEndless, cause: errors.New("the pages are larger together than the API reads")}
	}
	var page struct {
		Value    []json.RawMessage `json:"value"`
		NextLink *string           `json:"nextLink"`
	}
	notAnObject := func(entry json.RawMessage) bool { return entry[0] != '{' } // there is no white space in front
	if err := json.Unmarshal(body, &page); err != nil || page.Value == nil || slices.ContainsFunc(page.Value, notAnObject) {
		return nil, &problem{code: apperror.ResourceMalformed, cause: errors.New("the page is not a list of subscriptions")}
	}
	e.list = append(e.list, page.Value...)
	rest, err := json.Marshal(map[string]*string{"nextLink": page.NextLink})
	if err != nil {
		return nil, fmt.Errorf("leaving the link to the next page: %w", err)
	}
	response.Body = io.NopCloser(bytes.NewReader(rest))
	return response, nil
}

// errForeignHost is a request that would have left for another host.
var errForeignHost = errors.New("resource manager's answer points to another host")

// pinned sends requests to one host and nowhere else. The SDK's pager follows a nextLink to any https address, with the
// user's token.
type pinned struct {
	client *http.Client
	host   string
}

// Do implements [policy.Transporter].
func (p *pinned) Do(request *http.Request) (*http.Response, error) {
	// Resource Manager writes its own port into some links.
	if request.URL.Scheme != "https" || !strings.EqualFold(strings.TrimSuffix(request.URL.Host, ":443"), strings.TrimSuffix(p.host, ":443")) {
		return nil, &problem{code: apperror.ResourceMalformed, cause: errForeignHost}
	}
	return p.client.Do(request)
}
