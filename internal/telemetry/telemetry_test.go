package telemetry_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/propagation"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
)

func TestTraceIDReachesTheLog(t *testing.T) {
	t.Parallel()
	ctx := telemetry.WithTraceID(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), telemetry.Propagator()).Context()

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

func TestWithTraceID(t *testing.T) {
	t.Parallel()
	const theirs = "0af7651916cd43dd8448eb211c80319c"
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	request.Header.Set("traceparent", "00-"+theirs+"-b7ad6b7169203331-01")
	if got := telemetry.TraceID(telemetry.WithTraceID(request, telemetry.Propagator()).Context()); got != theirs {
		t.Errorf("the trace is %q, want the caller's", got)
	}
	nothing := propagation.NewCompositeTextMapPropagator()
	seen := map[string]bool{theirs: true}
	for range 100 {
		id := telemetry.TraceID(telemetry.WithTraceID(request, nothing).Context())
		if len(id) != 32 || seen[id] {
			t.Fatalf("the trace is %q, want one of its own", id)
		}
		seen[id] = true
	}
	header := http.Header{}
	made := telemetry.WithTraceID(request, nothing).Context()
	telemetry.Propagator().Inject(made, propagation.HeaderCarrier(header))
	if sent := header.Get("traceparent"); !strings.Contains(sent, telemetry.TraceID(made)) || !strings.HasSuffix(sent, "-00") {
		t.Errorf("traceparent is %q, want the trace's, not sampled", sent)
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
