// Package downstream calls other APIs for a user, with the Azure SDK's pipeline. A [Service] and a user's credential come in; the
// options of an SDK client go out, and an [*apperror.Error] for what the service answers. It sends the user's token to the
// service's own host and nowhere else.
package downstream

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/challenge"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
)

// Service is an API that this one calls on behalf of its callers. Resource Manager is one.
type Service struct {
	Name    string   // in the log, such as "resource manager"
	Codes   string   // in front of its codes in the table of failures, such as "resource_manager"
	BaseURL *url.URL // where it is; its host is the only one that tokens are sent to
	// Transport bounds the time and the size of one answer. It follows no redirect, as an HTTP client would.
	Transport http.RoundTripper
	// RequestIDHeader is sent with the trace id as a GUID, so that the service's logs can be searched for it; "" sends none.
	RequestIDHeader string
}

// ClientOptions are the options of an SDK client for the service.
func (s *Service) ClientOptions() policy.ClientOptions {
	return policy.ClientOptions{
		Transport: pinned{s},
		Telemetry: policy.TelemetryOptions{Disabled: true}, // the SDK's and Go's versions in every User-Agent
		Retry: policy.RetryOptions{
			// 0.2 and 0.6 seconds, or what Retry-After says. A longer Retry-After is the caller's to wait for.
			MaxRetries:    2,
			RetryDelay:    200 * time.Millisecond,
			MaxRetryDelay: 2 * time.Second,
			ShouldRetry:   worthRetrying,
		},
	}
}

// pinned sends requests to the service's host and nowhere else. The SDK's pager follows a link to any https address, with the
// user's token.
type pinned struct{ service *Service }

// Do implements [policy.Transporter].
func (p pinned) Do(request *http.Request) (*http.Response, error) {
	if request.URL.Scheme != p.service.BaseURL.Scheme || hostOf(request.URL) != hostOf(p.service.BaseURL) {
		return nil, apperror.New(p.service.code("malformed"), errForeignHost)
	}
	if id := telemetry.RequestID(request.Context()); id != "" && p.service.RequestIDHeader != "" {
		request.Header.Set(p.service.RequestIDHeader, id)
	}
	response, err := p.service.Transport.RoundTrip(request)
	if err != nil {
		return nil, unanswered{err}
	}
	if response.StatusCode != http.StatusUnauthorized {
		return response, nil
	}
	asked, _ := challenge.Read(response.Header)
	if errors.Is(asked.ClaimsError, challenge.ErrTooLong) { // nothing is cut: to sign in without them would be in vain
		_ = response.Body.Close()
		return nil, apperror.New(apperror.ClaimsUnusable, asked.ClaimsError)
	}
	normalize(response.Header, asked)
	return response, nil
}

// hostOf returns a URL's host without https' own port, which Resource Manager writes into some links.
func hostOf(u *url.URL) string { return strings.TrimSuffix(strings.ToLower(u.Host), ":443") }

// normalize leaves one challenge, in the only form from which the SDK reads claims. From other forms it would take a revoked session
// for a bad token. What is not a claims request it would pass to MSAL, which panics.
func normalize(header http.Header, asked challenge.Challenge) {
	asked.Error = challenge.InvalidToken
	if asked.Claims != "" {
		asked.Error = challenge.InsufficientClaims
	}
	header.Set("WWW-Authenticate", asked.String())
}
