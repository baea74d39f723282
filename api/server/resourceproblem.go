package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
)

// errTokenRefused is a 401 that no other claims would change.
var errTokenRefused = errors.New("resource manager refused the user's token")

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
		return &problem{code: apperror.ResourceTimeout, cause: errors.New("resource manager did not answer in time")}
	}
	if broken, ok := errors.AsType[*net.OpError](err); ok {
		return &problem{code: apperror.ResourceUnavailable, cause: fmt.Errorf("connecting to resource manager: %w", broken)}
	}
	if sent, ok := errors.AsType[*url.Error](err); ok && sent.Op != "parse" {
		// Types only: other errors' texts may quote the address with its query, or the answer.
		return &problem{code: apperror.ResourceUnavailable, cause: fmt.Errorf("the request to resource manager failed (%T)", sent.Err)}
	}
	return &problem{code: apperror.ResourceMalformed, cause: fmt.Errorf("resource manager's answer can't be read (%T)", err)}
}

// explainStatus hands on what Resource Manager says about the user (403, 404, 429, a claims challenge), and answers for
// it where it has a fault of its own.
func (r *resourceManager) explainStatus(ctx context.Context, refused *azcore.ResponseError) *problem {
	p := &problem{
		code:  apperror.ResourceMalformed,
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
			p.code, p.challenge = apperror.ClaimsChallenge, claimsChallenge(metadata.AuthorizationEndpoint, claims)
		} else {
			// Token B is refused, and the caller's token A is good: 401 would send the user to sign in for nothing.
			p.code, p.cause = apperror.ResourceUnavailable, fmt.Errorf("%w: %w", errTokenRefused, p.cause)
		}
	case refused.StatusCode == http.StatusForbidden:
		p.code = apperror.ResourceForbidden
	case refused.StatusCode == http.StatusNotFound:
		p.code = apperror.ResourceNotFound
	case refused.StatusCode == http.StatusTooManyRequests:
		p.code, p.retryAfter = apperror.ResourceThrottled, entra.RetryAfter(header, time.Now())
	case refused.StatusCode == http.StatusServiceUnavailable:
		p.code, p.status, p.retryAfter = apperror.ResourceUnavailable, refused.StatusCode, entra.RetryAfter(header, time.Now())
	case refused.StatusCode == http.StatusGatewayTimeout:
		p.code = apperror.ResourceTimeout
	case refused.StatusCode >= http.StatusInternalServerError:
		p.code = apperror.ResourceUnavailable
	}
	return p
}
