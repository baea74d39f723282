package downstream

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/challenge"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
)

// ErrTokenRefused is a 401 that no other claims would change: what is remembered of the user's token is to be forgotten.
var ErrTokenRefused = errors.New("the service refused the user's token")

var errForeignHost = errors.New("the answer points to another host")

// unanswered is why a request got no answer.
type unanswered struct{ error }

// Unwrap returns the error.
func (u unanswered) Unwrap() error { return u.error }

// Malformed returns the error for an answer of the service that isn't what it should be. why must quote nothing of it.
func (s *Service) Malformed(why string) error {
	return apperror.New(s.code("malformed"), errors.New(why))
}

// Endless returns the error for a list that is longer than this API reads.
func (s *Service) Endless(why string) error {
	return apperror.New(s.code("endless"), errors.New(why))
}

// takesInput reports whether a 400 is about what the caller sent. Of other services it is about the API's own request.
func (s *Service) takesInput() bool {
	_, ok := apperror.Lookup(s.code("rejected"))
	return ok
}

func (s *Service) code(kind string) string { return s.Codes + "_" + kind }

// worthRetrying tells which failures may pass within the deadline: a server that was busy or broke off. One that took its whole
// time, or sent more than is read, does the same again.
func worthRetrying(response *http.Response, err error) bool {
	if err != nil {
		return !timedOut(err) && !errors.Is(err, outbound.ErrTooLarge)
	}
	return slices.Contains([]int{429, 500, 502, 503, 504}, response.StatusCode)
}

func timedOut(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return (ok && timeout.Timeout()) || errors.Is(err, context.DeadlineExceeded)
}

// Explain turns what went wrong with a call into what the caller is told. Of errors whose texts may quote an address with its query,
// or the answer, it keeps the types alone.
func (s *Service) Explain(err error) error {
	if known, ok := errors.AsType[*apperror.Error](err); ok {
		return known // of the exchange, or of this package
	}
	if refused, ok := errors.AsType[*azcore.ResponseError](err); ok {
		return s.explainStatus(refused)
	}
	if timedOut(err) || errors.Is(err, context.Canceled) {
		return apperror.New(s.code("timeout"), fmt.Errorf("%s did not answer in time", s.Name))
	}
	if broken, ok := errors.AsType[*net.OpError](err); ok {
		return apperror.New(s.code("unavailable"), fmt.Errorf("connecting to %s: %w", s.Name, broken))
	}
	if sent, ok := errors.AsType[unanswered](err); ok {
		return apperror.New(s.code("unavailable"), fmt.Errorf("the request to %s failed (%T)", s.Name, sent.error))
	}
	return apperror.New(s.code("malformed"), fmt.Errorf("the answer of %s can't be read (%T)", s.Name, err))
}

// explainStatus hands on what the service says about the user (403, 404, 429, a claims challenge), and answers for it where it has a
// fault of its own.
func (s *Service) explainStatus(refused *azcore.ResponseError) error {
	explained := &apperror.Error{
		Code: s.code("malformed"), Upstream: apperror.Word(refused.ErrorCode),
		Cause: fmt.Errorf("%s answered %d %.64q", s.Name, refused.StatusCode, refused.ErrorCode),
	}
	var header http.Header
	if refused.RawResponse != nil {
		header = refused.RawResponse.Header
	}
	retryAfter := entra.RetryAfter(header, time.Now())
	switch status := refused.StatusCode; {
	case status == http.StatusUnauthorized:
		asked, _ := challenge.Read(header)
		if asked.Claims != "" {
			// The credential has exchanged once more with these claims, and that was not enough.
			explained.Code = apperror.ClaimsChallenge
			explained.Challenge = &challenge.Challenge{Error: challenge.InsufficientClaims, Claims: asked.Claims}
			break
		}
		// Token B is refused, and the caller's token A is good: 401 would send the user to sign in for nothing.
		explained.Code = s.code("token_refused")
		explained.Cause = fmt.Errorf("%w: %w", ErrTokenRefused, explained.Cause)
	case status == http.StatusForbidden:
		explained.Code = s.code("forbidden")
	case status == http.StatusBadRequest && s.takesInput():
		explained.Code = s.code("rejected")
	case status == http.StatusNotFound:
		explained.Code = s.code("not_found")
	case status == http.StatusTooManyRequests:
		explained.Code, explained.RetryAfter = s.code("throttled"), retryAfter
	case status == http.StatusServiceUnavailable:
		explained.Code, explained.Status, explained.RetryAfter = s.code("unavailable"), status, retryAfter
	case status == http.StatusGatewayTimeout:
		explained.Code = s.code("timeout")
	case status >= http.StatusInternalServerError:
		explained.Code = s.code("unavailable")
	}
	return explained
}
