// Package problem answers requests of an API with errors, as problem details (RFC 9457). An error of the table comes in; a body and the
// headers that belong to it go out. It writes no other's text.
package problem

import (
	"cmp"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/middleware"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
)

// details is the body of an error (RFC 9457). type, title, status and detail are the RFC's, the others the sample's own.
type details struct {
	Type     string `json:"type"`               // the URL of what to do about it, in the documentation
	Title    string `json:"title"`              // the same for each problem with this code
	Status   int    `json:"status"`             // the HTTP status
	Detail   string `json:"detail"`             // what happened this time
	Code     string `json:"code"`               // for machines: doesn't change when a sentence is put better
	Check    string `json:"check,omitempty"`    // the check that failed
	Hint     string `json:"hint,omitempty"`     // the developer's next step
	AADSTS   int    `json:"aadsts,omitempty"`   // Entra's error number
	Upstream string `json:"upstream,omitempty"` // the code that the service behind the API gave
	TraceID  string `json:"traceId,omitempty"`
}

// Write ends a request with an error.
func Write(c *gin.Context, failed *apperror.Error) {
	middleware.SetError(c, failed)
	if middleware.ClientGone(c) {
		return
	}
	row := failed.Row()
	body, err := json.Marshal(details{
		Type:     apperror.Docs(row.Code),
		Title:    row.Title,
		Status:   failed.HTTPStatus(),
		Detail:   cmp.Or(failed.Detail, row.What),
		Code:     row.Code,
		Check:    failed.Check,
		Hint:     row.Developer,
		AADSTS:   failed.AADSTS,
		Upstream: failed.Upstream,
		TraceID:  telemetry.TraceID(c.Request.Context()),
	})
	if err != nil { // strings and numbers only: it can't
		body = []byte("{}")
	}
	failed.WriteHeaders(c.Writer.Header())
	c.Abort()
	c.Data(failed.HTTPStatus(), "application/problem+json", body)
}
