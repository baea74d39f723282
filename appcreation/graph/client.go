package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/google/uuid"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/jsonbody"
)

// Options says where Graph is and how to reach it.
type Options struct {
	// Endpoint is Graph's base address with no version: "https://graph.microsoft.com".
	Endpoint string
	// Audience is what tokens are asked for; "" means Endpoint.
	Audience string
	// Credential gives the tokens.
	Credential azcore.TokenCredential
	// Transport sends the requests; nil means azcore's own.
	Transport policy.Transporter
	// Retry bounds the retries after 408, 429 and 5xx; the zero value means [DefaultRetry].
	Retry policy.RetryOptions
}

// DefaultRetry tries six times. Where Graph says Retry-After, that is the pause, unless it is longer than MaxRetryDelay:
// then the answer is an error that says when to come back, because nobody watches a silent terminal for five minutes.
var DefaultRetry = policy.RetryOptions{
	MaxRetries:    5,
	RetryDelay:    500 * time.Millisecond,
	MaxRetryDelay: time.Minute,
	TryTimeout:    30 * time.Second,
}

// Client calls Graph v1.0 with one credential. It is safe for concurrent use.
type Client struct {
	endpoint string
	pipeline runtime.Pipeline
}

// NewClient returns a client. It sends nothing yet.
func NewClient(o Options) (*Client, error) {
	if o.Credential == nil {
		return nil, errors.New("a Graph client needs a credential")
	}
	if o.Audience == "" {
		o.Audience = o.Endpoint
	}
	if o.Retry.MaxRetries == 0 {
		o.Retry = DefaultRetry
	}
	bearer := runtime.NewBearerTokenPolicy(o.Credential, []string{strings.TrimSuffix(o.Audience, "/") + "/.default"}, nil)
	pipeline := runtime.NewPipeline("appcreation", "v1.0.0",
		runtime.PipelineOptions{PerCall: []policy.Policy{requestID{}}, PerRetry: []policy.Policy{bearer}},
		&policy.ClientOptions{Transport: o.Transport, Retry: o.Retry})
	return &Client{endpoint: strings.TrimSuffix(o.Endpoint, "/") + "/v1.0", pipeline: pipeline}, nil
}

// requestID gives each call an id that Microsoft's support can search for; retries of a call share it.
type requestID struct{}

func (requestID) Do(request *policy.Request) (*http.Response, error) {
	request.Raw().Header.Set("client-request-id", uuid.NewString())
	return request.Next()
}

// call is one request. path begins with a slash and may hold a query; in and out are JSON, nil for none.
type call struct {
	operation Operation
	method    string
	path      string
	in, out   any
	header    http.Header
}

// do sends a call and decodes its answer. Any status of 400 and above is a [*Error]. It returns the status, because
// creating and finding out that it is there already are both successes of an upsert.
func (c *Client) do(ctx context.Context, call call) (int, error) {
	request, err := runtime.NewRequest(ctx, call.method, c.endpoint+call.path)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", call.operation.doing, err)
	}
	request.Raw().Header.Set("Accept", "application/json")
	for name, values := range call.header {
		request.Raw().Header[name] = values
	}
	if call.in != nil {
		if err := runtime.MarshalAsJSON(request, call.in); err != nil {
			return 0, fmt.Errorf("%s: %w", call.operation.doing, err)
		}
	}
	response, err := c.pipeline.Do(request)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", call.operation.doing, err)
	}
	body, err := runtime.Payload(response)
	if err != nil {
		return 0, fmt.Errorf("%s: reading Graph's answer: %w", call.operation.doing, err)
	}
	if response.StatusCode >= http.StatusMultipleChoices { // a redirect is no answer either
		return response.StatusCode, newError(call.operation, response, body)
	}
	if call.out != nil && len(body) > 0 {
		if err := jsonbody.Unmarshal(body, call.out); err != nil {
			// The answer of addPassword holds a secret, and a decoder's error may quote its input.
			return response.StatusCode, fmt.Errorf("%s: Graph's answer is not the JSON that was expected", call.operation.doing)
		}
	}
	return response.StatusCode, nil
}

// list collects all pages of a collection. The next page's address comes from the answer and gets the bearer token, so
// it must be on Graph's own host.
func list[T any](ctx context.Context, c *Client, operation Operation, path string) ([]T, error) {
	var all []T
	for range maxPages {
		var page struct {
			Value    []T    `json:"value"`
			NextLink string `json:"@odata.nextLink"`
		}
		if _, err := c.do(ctx, call{operation: operation, method: http.MethodGet, path: path, out: &page}); err != nil {
			return nil, err
		}
		all = append(all, page.Value...)
		if page.NextLink == "" {
			return all, nil
		}
		next, ours := strings.CutPrefix(page.NextLink, c.endpoint)
		if !ours {
			return nil, fmt.Errorf("%s: the next page is not on Graph's host", operation.doing)
		}
		path = next
	}
	return nil, fmt.Errorf("%s: more than %d pages", operation.doing, maxPages)
}

const maxPages = 100
