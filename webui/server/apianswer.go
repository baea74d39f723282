package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
)

// apiAnswer is the API's list of subscriptions.
type apiAnswer struct {
	Value []json.RawMessage `json:"value"`
	Count int               `json:"count"`
	Trail *apiTrail         `json:"trail"` // in development only
}

// apiTrail is what the API tells of its two hops.
type apiTrail struct {
	Steps []apiStep     `json:"steps"`
	Token *entra.Claims `json:"token"` // what token B says
}

// apiStep is one step inside the API: door, exchange or resource-manager.
type apiStep struct {
	Name         string  `json:"name"`
	Milliseconds float64 `json:"milliseconds"`
	Cached       bool    `json:"cached"`
	Pages        int     `json:"pages"`
}

func (s apiStep) took() time.Duration {
	return time.Duration(s.Milliseconds * float64(time.Millisecond))
}

// apiRefusal is an answer of the API that isn't the list.
type apiRefusal struct {
	status     int
	code       string // of the problem details; "" where there are none
	check      string
	aadsts     int
	challenge  challenge
	retryAfter time.Duration
}

// Error tells the codes and nothing of the answer's text.
func (r *apiRefusal) Error() string {
	text := fmt.Sprintf("the API answered %d %s", r.status, r.code)
	if r.check != "" {
		text += " (" + r.check + ")"
	}
	return text
}

// bodyProblem tells an answer that took too long from one that isn't what it should be. The cause quotes nothing of it.
func bodyProblem(err error) *problem {
	if errors.Is(err, context.DeadlineExceeded) || isTimeout(err) {
		return &problem{code: apperror.APIUnavailable, cause: errors.New("the API's answer took too long")}
	}
	return &problem{code: apperror.APIMalformed, cause: fmt.Errorf("reading the API's answer: %w", err)}
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && timeout.Timeout()
}

// decodeJSON reads a body of the media type that it should have. Its errors never quote what was sent.
func decodeJSON(response *http.Response, mediaType string, into any) error {
	if got, _, err := mime.ParseMediaType(response.Header.Get("Content-Type")); err != nil || got != mediaType {
		return errors.New("its Content-Type is not " + mediaType)
	}
	err := json.NewDecoder(response.Body).Decode(into)
	if _, syntax := errors.AsType[*json.SyntaxError](err); syntax {
		return errors.New("it is not JSON")
	}
	if _, shape := errors.AsType[*json.UnmarshalTypeError](err); shape {
		return errors.New("it is JSON of another shape")
	}
	return err
}

// refusal reads an error answer (RFC 9457). Of its texts nothing is shown: the code leads to this side's own.
func (a *apiClient) refusal(response *http.Response) *apiRefusal {
	found := &apiRefusal{
		status: response.StatusCode, challenge: readChallenge(response.Header),
		retryAfter: entra.RetryAfter(response.Header, a.now()),
	}
	var details struct {
		Code   string `json:"code"`
		Check  string `json:"check"`
		AADSTS int    `json:"aadsts"`
	}
	if decodeJSON(response, "application/problem+json", &details) != nil {
		return found // a proxy's page, or half a body: the status has to do
	}
	if word.MatchString(details.Code) {
		found.code = details.Code
	}
	if word.MatchString(details.Check) {
		found.check = details.Check
	}
	if details.AADSTS > 0 {
		found.aadsts = details.AADSTS
	}
	return found
}

// problem says what the refusal means for the user, where signing in again is not the answer or was in vain.
func (r *apiRefusal) problem() *problem {
	p := &problem{aadsts: r.aadsts, check: r.check, retryAfter: r.retryAfter, cause: r}
	known, ok := apperror.Lookup(r.code)
	switch {
	case ok && aboutTiers(known.Code):
		p.code, p.apiCode = apperror.APIRefused, known.Code
	case ok:
		p.code = known.Code
	case r.status == http.StatusServiceUnavailable || r.status == http.StatusBadGateway || r.status == http.StatusGatewayTimeout:
		p.code = apperror.APIUnavailable // a proxy in front of it says so
	default:
		p.code = apperror.APIMalformed
	}
	return p
}

// aboutTiers tells the codes by which the API turned the web UI away from those about the user or Azure.
func aboutTiers(code string) bool {
	switch code {
	case apperror.NoToken, apperror.MalformedRequest, apperror.InvalidToken, apperror.TokenExpired, apperror.WrongAudience,
		apperror.WrongIssuer, apperror.WrongTenant, apperror.WrongVersion, apperror.InsufficientScope, apperror.AppOnlyToken,
		apperror.ClientNotAllowed, apperror.MethodNotAllowed, apperror.NotFound, apperror.BadRequest:
		return true
	}
	return false
}
