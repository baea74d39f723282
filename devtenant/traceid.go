package devtenant

import (
	"net/http"
	"regexp"
	"strings"
)

var hexTraceID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// traceID is the id of the trace that a request belongs to, 32 hexadecimal digits as in the tiers' logs: of its traceparent
// (W3C Trace Context), else the client-request-id, which the tiers send as the same digits in the form of a GUID.
func traceID(r *http.Request, correlationID string) string {
	parts := strings.Split(r.Header.Get("Traceparent"), "-")
	if len(parts) >= 4 && hexTraceID.MatchString(parts[1]) {
		return parts[1]
	}
	return plainTraceID(correlationID)
}

// plainTraceID turns a GUID into the 32 digits that it has; whatever else it is given stays as it is.
func plainTraceID(id string) string {
	digits := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(id), "-", ""))
	if hexTraceID.MatchString(digits) {
		return digits
	}
	return id
}
