package apperror

import (
	"cmp"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/challenge"
)

// Error is why a request isn't answered with what it asked for, in both tiers: the API answers it as problem details, the web
// UI as a page. It keeps three things apart: the code is for machines, the texts that the table has for the code are for
// people, and the cause is for the log alone.
type Error struct {
	Code       string               // a code of this package's table
	Hop        Hop                  // where it happened; "" where that says nothing
	Status     int                  // in place of the row's own status, for an answer that is handed on; else 0
	Check      string               // the check that failed, such as "kid" or "nonce"; "" elsewhere
	Detail     string               // in place of the row's own sentence; never anything of a token or of another's answer
	AADSTS     int                  // Entra's number, 0 if it isn't Entra's error
	Upstream   string               // the code of whoever answered before: the API's, or Azure's own; "" for none
	Challenge  *challenge.Challenge // the WWW-Authenticate header, nil for none
	RetryAfter time.Duration        // the Retry-After header, 0 for none
	Resend     bool                 // the same request sent again goes on where this one ended
	Cause      error                // for the log; must be safe to log
}

// New returns an error with a code of the table.
func New(code string, cause error) *Error { return &Error{Code: code, Cause: cause} }

// Error tells the code, the check and the cause.
func (e *Error) Error() string {
	text := e.Code
	if e.Check != "" {
		text += " (" + e.Check + ")"
	}
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// NonRetriable tells the Azure SDK's retry policy to leave it: it is an answer, and asking again within the same request would
// get the same one.
func (*Error) NonRetriable() {}

// As returns the error of this type in an error's chain, or an internal one for an error that nobody foresaw.
func As(err error) *Error {
	if known, ok := errors.AsType[*Error](err); ok {
		return known
	}
	return &Error{Code: Internal, Cause: err}
}

// Row returns the error's row of the table.
func (e *Error) Row() Failure { return Get(e.Code) }

// HTTPStatus returns the status of the answer.
func (e *Error) HTTPStatus() int { return cmp.Or(e.Status, e.Row().Status) }

// retryFallback is what a 503 asks for where nobody named a time.
const retryFallback = 5 * time.Second

// RetryAfterSeconds returns what Retry-After says (RFC 9110, section 10.2.3), 0 for nothing. It is rounded up: who comes back a
// moment early is refused again.
func (e *Error) RetryAfterSeconds() int {
	wait := e.RetryAfter
	if wait <= 0 && e.HTTPStatus() == http.StatusServiceUnavailable {
		wait = retryFallback
	}
	return int(math.Ceil(max(wait, 0).Seconds()))
}

// WriteHeaders sets WWW-Authenticate and Retry-After where the error has them.
func (e *Error) WriteHeaders(header http.Header) {
	if e.Challenge != nil {
		header.Set("WWW-Authenticate", e.Challenge.String())
	}
	if seconds := e.RetryAfterSeconds(); seconds > 0 {
		header.Set("Retry-After", strconv.Itoa(seconds))
	}
}
