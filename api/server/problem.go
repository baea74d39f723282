package server

import (
	"cmp"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
)

// problem is why a request isn't answered with what it asked for. It keeps three things apart: the code is for
// machines, the texts that internal/apperror has for the code are for people, and the cause is for the log alone.
type problem struct {
	code       string        // a code of internal/apperror
	status     int           // in place of the failure's own status, for an answer that is handed on; else 0
	check      string        // the check at the door that failed, such as "kid"; "" elsewhere
	detail     string        // in place of the failure's own sentence; never anything of a token or of another's answer
	aadsts     int           // Entra's number, 0 if it isn't Entra's error
	challenge  string        // the WWW-Authenticate header, "" for none
	retryAfter time.Duration // the Retry-After header, 0 for none
	cause      error         // for the log; must be safe to log
}

// Error makes a problem an error, so that each step can return one.
func (p *problem) Error() string {
	text := p.code
	if p.check != "" {
		text += " (" + p.check + ")"
	}
	if p.cause != nil {
		text += ": " + p.cause.Error()
	}
	return text
}

// Unwrap returns the cause.
func (p *problem) Unwrap() error { return p.cause }

// NonRetriable tells the Azure SDK's retry policy to leave it: a problem is an answer, and asking again within the same
// request would get the same one.
func (*problem) NonRetriable() {}

// asProblem returns the problem in an error's chain, or an internal one for an error that nobody foresaw.
func asProblem(err error) *problem {
	if known, ok := errors.AsType[*problem](err); ok {
		return known
	}
	return &problem{code: apperror.Internal, cause: err}
}

// problemDetails is the body (RFC 9457). type, title, status and detail are the RFC's, the others this API's.
type problemDetails struct {
	Type    string `json:"type"`             // the URL of what to do about it, in the README
	Title   string `json:"title"`            // the same for each problem with this code
	Status  int    `json:"status"`           // the HTTP status
	Detail  string `json:"detail"`           // what happened this time
	Code    string `json:"code"`             // for machines: doesn't change when a sentence is put better
	Check   string `json:"check,omitempty"`  // the check at the door that failed
	Hint    string `json:"hint,omitempty"`   // the developer's next step
	AADSTS  int    `json:"aadsts,omitempty"` // Entra's error number
	TraceID string `json:"traceId,omitempty"`
}

// answer ends the request with the problem. It is the one place that writes an error body.
func (p *problem) answer(c *gin.Context) {
	known := apperror.Get(p.code)
	details := problemDetails{
		Type:    apperror.Docs(known.Code),
		Title:   known.Title,
		Status:  cmp.Or(p.status, known.Status),
		Detail:  cmp.Or(p.detail, known.What),
		Code:    known.Code,
		Check:   p.check,
		Hint:    known.Developer,
		AADSTS:  p.aadsts,
		TraceID: telemetry.TraceID(c.Request.Context()),
	}
	body, err := json.Marshal(details)
	if err != nil { // strings and numbers only: it can't
		body = []byte("{}")
	}
	if p.challenge != "" {
		c.Header("WWW-Authenticate", p.challenge)
	}
	if p.retryAfter > 0 {
		// Rounded up: who comes back a moment early is refused again.
		c.Header("Retry-After", strconv.Itoa(int(math.Ceil(p.retryAfter.Seconds()))))
	}
	recordProblem(c, p)
	c.Abort()
	c.Data(details.Status, "application/problem+json", body)
}
