package telemetry_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ms-identity-go-on-behalf-of/internal/telemetry"
)

func TestTraceIDReachesTheLog(t *testing.T) {
	t.Parallel()
	tracing, err := telemetry.Start(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	ctx, span := tracing.Provider.Tracer("test").Start(t.Context(), "request")
	defer span.End()

	id := telemetry.TraceID(ctx)
	if len(id) != 32 {
		t.Fatalf("trace id is %q, want 32 hexadecimal digits even where nothing is exported", id)
	}
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		log := telemetry.NewLogger(&out, format, "info").With("tier", "test")
		log.InfoContext(ctx, "with")
		log.Info("without")
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != 2 || !strings.Contains(lines[0], id) || strings.Contains(lines[1], "trace_id") {
			t.Errorf("%s: the log is\n%s", format, out.String())
		}
	}
	if got := strings.ReplaceAll(telemetry.RequestID(ctx), "-", ""); got != id {
		t.Errorf("RequestID is %q, want the trace id as a GUID", got)
	}
	if telemetry.RequestID(context.Background()) != "" {
		t.Error("a context without a trace has a request id")
	}
}

func TestSpansAreSentWhereAnEndpointIsSet(t *testing.T) {
	received := make(chan []byte, 1)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		received <- body
	}))
	defer collector.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")

	tracing, err := telemetry.Start(t.Context(), "test-tier")
	if err != nil {
		t.Fatal(err)
	}
	_, span := tracing.Provider.Tracer("test").Start(t.Context(), "the request")
	span.End()
	if err := tracing.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if body := <-received; !bytes.Contains(body, []byte("test-tier")) || !bytes.Contains(body, []byte("the request")) {
		t.Error("the collector received no span of the tier")
	}
}
