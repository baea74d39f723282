package app

import (
	"cmp"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/challenge"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/middleware"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
)

// problemDetails is the body of an error (RFC 9457). type, title, status and detail are the RFC's, the others this API's.
type problemDetails struct {
	Type     string `json:"type"`               // the URL of what to do about it, in the documentation
	Title    string `json:"title"`              // the same for each problem with this code
	Status   int    `json:"status"`             // the HTTP status
	Detail   string `json:"detail"`             // what happened this time
	Code     string `json:"code"`               // for machines: doesn't change when a sentence is put better
	Check    string `json:"check,omitempty"`    // the check of the token that failed
	Hint     string `json:"hint,omitempty"`     // the developer's next step
	AADSTS   int    `json:"aadsts,omitempty"`   // Entra's error number
	Upstream string `json:"upstream,omitempty"` // the code that the service behind this API gave
	TraceID  string `json:"traceId,omitempty"`
}

// fail ends a request with an error. It is the one place that writes an error's body.
func (a *App) fail(c *gin.Context, err error) {
	failed := apperror.As(err)
	middleware.SetError(c, failed)
	row := failed.Row()
	body, err := json.Marshal(problemDetails{
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
	if failed.Challenge != nil && failed.Challenge.Error == challenge.InsufficientClaims {
		metadata, _ := a.provider.Metadata(c.Request.Context())
		failed.Challenge.AuthorizationURI = metadata.AuthorizationEndpoint // where the caller's user signs in
	}
	if failed.Challenge != nil {
		a.cfg.MCP.describe(c, failed.Challenge, a.mcpFullScope())
	}
	failed.WriteHeaders(c.Writer.Header())
	c.Abort()
	c.Data(failed.HTTPStatus(), "application/problem+json", body)
}
