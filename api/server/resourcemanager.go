package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armsubscriptions"

	"ms-identity-go-on-behalf-of/internal/entra"
	"ms-identity-go-on-behalf-of/internal/failure"
	"ms-identity-go-on-behalf-of/internal/outbound"
)

// Hop 4: the call to Azure Resource Manager, with the user's token B.

// resourceManager calls Azure Resource Manager for users.
type resourceManager struct {
	options  *arm.ClientOptions // of every SDK client, and never changed
	provider *entra.Provider
	deadline time.Duration // for all pages together
	pages    int
}

func newResourceManager(cfg Config, client *http.Client, provider *entra.Provider) *resourceManager {
	return &resourceManager{
		provider: provider,
		deadline: cfg.Limits.ResourceManager,
		pages:    cfg.Limits.Pages,
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
// them. Errors are [*problem].
func (r *resourceManager) listSubscriptions(ctx context.Context, credential azcore.TokenCredential, trail *trail) ([]json.RawMessage, error) {
	started := time.Now()
	ctx, cancel := context.WithTimeout(ctx, r.deadline)
	defer cancel()
	client, err := armsubscriptions.NewClient(credential, r.options)
	if err != nil {
		return nil, fmt.Errorf("making the client for Resource Manager: %w", err)
	}
	var response *http.Response
	ctx = policy.WithCaptureResponse(ctx, &response)
	pager := client.NewListPager(nil)
	list := []json.RawMessage{} // an empty list is [], not null
	pages := 0
	for ; pager.More(); pages++ {
		if pages == r.pages {
			return nil, &problem{code: failure.ResourceEndless}
		}
		if _, err := pager.NextPage(ctx); err != nil {
			return nil, r.explain(ctx, err)
		}
		page, err := subscriptionsIn(response)
		if err != nil {
			return nil, &problem{code: failure.ResourceMalformed, cause: err}
		}
		list = append(list, page...)
	}
	trail.add(step{Name: "resource-manager", Took: time.Since(started) - trail.took("exchange"), Pages: pages})
	return list, nil
}

// subscriptionsIn returns the entries of a page unread. The SDK has read the page as well; its models drop what they
// don't know, and this API has no opinion on what a subscription may hold.
func subscriptionsIn(response *http.Response) ([]json.RawMessage, error) {
	body, err := runtime.Payload(response) // the SDK has downloaded it
	if err != nil {
		return nil, errors.New("the page could not be read")
	}
	var page struct {
		Value []json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(body, &page); err != nil || page.Value == nil {
		return nil, errors.New("the page is not a list of subscriptions")
	}
	return page.Value, nil
}

// errTokenRefused is a 401 that no other claims would change.
var errTokenRefused = errors.New("resource manager refused the user's token")

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
		return nil, &problem{code: failure.ResourceMalformed, cause: errForeignHost}
	}
	return p.client.Do(request)
}

// worthRetrying tells which failures may pass within the deadline: a server that was busy or broke off. One that took
// its whole time, or sent more than is read, does the same again.
func worthRetrying(response *http.Response, err error) bool {
	if err != nil {
		return !timedOut(err) && !errors.Is(err, outbound.ErrTooLarge)
	}
	switch response.StatusCode {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

func timedOut(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return (ok && timeout.Timeout()) || errors.Is(err, context.DeadlineExceeded)
}

// explain turns what went wrong with a call into what the caller is told.
func (r *resourceManager) explain(ctx context.Context, err error) *problem {
	if known, ok := errors.AsType[*problem](err); ok {
		return known // of the exchange, or of the pinned host
	}
	if refused, ok := errors.AsType[*azcore.ResponseError](err); ok {
		return r.explainStatus(ctx, refused)
	}
	if timedOut(err) || errors.Is(err, context.Canceled) {
		return &problem{code: failure.ResourceTimeout, cause: errors.New("resource manager did not answer in time")}
	}
	if broken, ok := errors.AsType[*net.OpError](err); ok {
		return &problem{code: failure.ResourceUnavailable, cause: fmt.Errorf("connecting to resource manager: %w", broken)}
	}
	if sent, ok := errors.AsType[*url.Error](err); ok && sent.Op != "parse" {
		// Types only: other errors' texts may quote the address with its query, or the answer.
		return &problem{code: failure.ResourceUnavailable, cause: fmt.Errorf("the request to resource manager failed (%T)", sent.Err)}
	}
	return &problem{code: failure.ResourceMalformed, cause: fmt.Errorf("resource manager's answer can't be read (%T)", err)}
}

// explainStatus hands on what Resource Manager says about the user (403, 404, 429, a claims challenge), and answers for
// it where it has a fault of its own.
func (r *resourceManager) explainStatus(ctx context.Context, refused *azcore.ResponseError) *problem {
	p := &problem{
		code:  failure.ResourceMalformed,
		cause: fmt.Errorf("resource manager answered %d %.64q", refused.StatusCode, refused.ErrorCode),
	}
	var header http.Header
	if refused.RawResponse != nil {
		header = refused.RawResponse.Header
	}
	switch {
	case refused.StatusCode == http.StatusUnauthorized:
		claims, challenged := challengedClaims(header)
		if challenged {
			// The credential has exchanged once more with these claims, and that was not enough.
			metadata, _ := r.provider.Metadata(ctx)
			p.code, p.challenge = failure.ClaimsChallenge, claimsChallenge(metadata.AuthorizationEndpoint, claims)
		} else {
			// Token B is refused, and the caller's token A is good: 401 would send the user to sign in for nothing.
			p.code, p.cause = failure.ResourceUnavailable, fmt.Errorf("%w: %w", errTokenRefused, p.cause)
		}
	case refused.StatusCode == http.StatusForbidden:
		p.code = failure.ResourceForbidden
	case refused.StatusCode == http.StatusNotFound:
		p.code = failure.ResourceNotFound
	case refused.StatusCode == http.StatusTooManyRequests:
		p.code, p.retryAfter = failure.ResourceThrottled, entra.RetryAfter(header, time.Now())
	case refused.StatusCode == http.StatusServiceUnavailable:
		p.code, p.status, p.retryAfter = failure.ResourceUnavailable, refused.StatusCode, entra.RetryAfter(header, time.Now())
	case refused.StatusCode == http.StatusGatewayTimeout:
		p.code = failure.ResourceTimeout
	case refused.StatusCode >= http.StatusInternalServerError:
		p.code = failure.ResourceUnavailable
	}
	return p
}
