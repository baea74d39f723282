package app_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
)

// TestSpansOfARequest: where somebody collects spans, a request's own and those of its calls arrive, in the caller's trace.
func TestSpansOfARequest(t *testing.T) {
	collected := &logBuffer{} // several batches may come at once
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(collected, r.Body) }))
	defer collector.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
	issuer := newTenant(t)
	made, err := app.New(t.Context(), readConfig(t, settingsFor(t, issuer)), telemetry.NewLogger(io.Discard, "text", "info"))
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/subscriptions", nil)
	request.Header.Set("Authorization", "Bearer "+issuer.token(nil))
	request.Header.Set("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	answer := httptest.NewRecorder()
	made.Handler().ServeHTTP(answer, request)
	if answer.Code != http.StatusOK {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	if err := made.Close(); err != nil { // which sends what has not been sent
		t.Fatal(err)
	}
	spans := collected.String()
	traceID := "\x0a\xf7\x65\x19\x16\xcd\x43\xdd\x84\x48\xeb\x21\x1c\x80\x31\x9c"
	// Of the request, of the exchange and of the call; the keys were fetched before there was a request.
	if got := strings.Count(spans, traceID); got != 3 {
		t.Errorf("%d spans of the trace, want 3", got)
	}
	for _, name := range []string{"/subscriptions", "HTTP POST", "HTTP GET"} {
		if !strings.Contains(spans, name) {
			t.Errorf("there is no span %q", name)
		}
	}
	if strings.Contains(spans, "eyJ") {
		t.Error("a span holds a token")
	}
}
