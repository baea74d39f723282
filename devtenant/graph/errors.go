package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// refusal is an answer that isn't a success. Source: "Microsoft Graph error responses and resource types".
type refusal struct {
	status     int
	code       string
	message    string
	retryAfter time.Duration
	challenge  string // WWW-Authenticate, if it isn't the usual one
}

func (r *refusal) Error() string { return r.code + ": " + r.message }

func badRequest(code, format string, values ...any) error {
	return &refusal{status: http.StatusBadRequest, code: code, message: fmt.Sprintf(format, values...)}
}

func notFound(id string) error {
	return &refusal{status: http.StatusNotFound, code: "Request_ResourceNotFound", message: fmt.Sprintf(
		"Resource '%s' does not exist or one of its queried reference-property objects are not present.", id)}
}

// sameProperty is what a second object with a unique property gets. Graph says 400 here, not 409.
func sameProperty(name string) error {
	return badRequest("Request_BadRequest", "Another object with the same value for property %s already exists.", name)
}

func conflict(format string, values ...any) error {
	return &refusal{status: http.StatusConflict, code: "Request_MultipleObjectsWithSameKeyValue", message: fmt.Sprintf(format, values...)}
}

func unauthorized(message string) error {
	return &refusal{status: http.StatusUnauthorized, code: "InvalidAuthenticationToken", message: message}
}

// Challenge is an error of [Options.Verify]: the token is good, but continuous access evaluation has ended it. Its text is
// the WWW-Authenticate header, with the claims to ask for.
type Challenge string

func (c Challenge) Error() string { return "the token was ended early" }

func challenged(c Challenge) error {
	return &refusal{
		status: http.StatusUnauthorized, code: "InvalidAuthenticationToken", challenge: string(c),
		message: "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp",
	}
}

// denied says the same whatever is missing, as Graph does: which permission or role it is stands in the documentation.
func denied() error {
	return &refusal{status: http.StatusForbidden, code: "Authorization_RequestDenied", message: "Insufficient privileges to complete the operation."}
}

// Throttle answers 429 with Retry-After. For [Options.Intercept].
func Throttle(w http.ResponseWriter, r *http.Request, retryAfter time.Duration) {
	writeRefusal(w, r, &refusal{status: http.StatusTooManyRequests, code: "TooManyRequests", message: "Too many requests", retryAfter: retryAfter}, time.Now())
}

// Fail answers with any error in Graph's form. For [Options.Intercept].
func Fail(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	writeRefusal(w, r, &refusal{status: status, code: code, message: message}, time.Now())
}

func (h *handler) refuse(w http.ResponseWriter, r *http.Request, err error) {
	writeRefusal(w, r, asRefusal(err), h.Now())
}

// asRefusal finds Graph's words for what the directory refused.
func asRefusal(err error) *refusal {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &refusal{status: http.StatusRequestEntityTooLarge, code: "Request_EntityTooLarge", message: "The request is too large."}
	}
	switch {
	case errors.Is(err, directory.ErrNotFound):
		return &refusal{status: http.StatusNotFound, code: "Request_ResourceNotFound", message: err.Error()}
	case errors.Is(err, directory.ErrConflict):
		return &refusal{status: http.StatusBadRequest, code: "Request_BadRequest", message: err.Error()}
	case errors.Is(err, directory.ErrInvalid):
		return &refusal{status: http.StatusBadRequest, code: "Request_BadRequest", message: err.Error()}
	default:
		return &refusal{status: http.StatusInternalServerError, code: "InternalServerError", message: "An internal error occurred."}
	}
}

func writeRefusal(w http.ResponseWriter, _ *http.Request, refused *refusal, now time.Time) {
	header := w.Header()
	body := map[string]any{"error": map[string]any{
		"code":    refused.code,
		"message": refused.message,
		"innerError": map[string]string{
			"date":              now.UTC().Format("2006-01-02T15:04:05"),
			"request-id":        header.Get("request-id"),
			"client-request-id": header.Get("client-request-id"),
		},
	}}
	if refused.retryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int(max(refused.retryAfter, time.Second).Seconds())))
	}
	if refused.challenge != "" {
		header.Set("WWW-Authenticate", refused.challenge)
	} else if refused.status == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`)
	}
	header.Set("Content-Type", "application/json")
	raw, _ := json.Marshal(body) // strings only: it can't fail
	w.WriteHeader(refused.status)
	_, _ = w.Write(raw)
}
