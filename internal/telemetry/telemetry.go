// Package telemetry gives a tier its log and its traces.
//
// One trace id (W3C Trace Context) runs through web UI, API, Entra and Resource Manager whether or not anyone collects
// traces: it is in each line of the log and on each error page. Spans leave the process only where
// OTEL_EXPORTER_OTLP_ENDPOINT says where to; the exporter reads its other settings from the variables that the
// OpenTelemetry specification names ("OpenTelemetry Protocol Exporter").
//
// A tier starts its [Tracing] itself and hands the provider to its instrumentation; nothing is registered with
// OpenTelemetry's globals, so that web UI and API can live in one process under names of their own. Where nobody collects
// spans none are made, and [WithTraceID] is all there is to it.
package telemetry

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Tracing is what the instrumentation of one tier needs.
type Tracing struct {
	Provider *sdktrace.TracerProvider // nil where nobody collects spans
}

// Propagator returns the one way in which trace ids travel between the tiers: the traceparent header.
func Propagator() propagation.TextMapPropagator { return propagation.TraceContext{} }

// Start prepares the traces of a tier. Without OTEL_EXPORTER_OTLP_ENDPOINT nothing is recorded.
func Start(ctx context.Context, service string) (*Tracing, error) {
	if os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" {
		return &Tracing{}, nil
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("starting the trace exporter: %w", err)
	}
	return &Tracing{Provider: sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", service))),
	)}, nil
}

// Shutdown sends what is still waiting to be sent.
func (t *Tracing) Shutdown(ctx context.Context) error {
	if t.Provider == nil {
		return nil
	}
	return t.Provider.Shutdown(ctx)
}

// Collected reports whether somebody collects the spans of ctx's trace in this process. What a caller says of its own doesn't
// count, and a span that has ended does: work in the background outlives the request that began it.
func Collected(ctx context.Context) bool {
	span := trace.SpanContextFromContext(ctx)
	return span.IsSampled() && !span.IsRemote()
}

// WithTraceID returns the request with the trace that the propagator finds in its headers, or with one of its own, which
// nobody collects. A tier that does collect has a span for each request instead, and must not call this.
func WithTraceID(request *http.Request, propagator propagation.TextMapPropagator) *http.Request {
	ctx := propagator.Extract(request.Context(), propagation.HeaderCarrier(request.Header))
	if !trace.SpanContextFromContext(ctx).IsValid() {
		var ids trace.SpanContextConfig
		rand.Read(ids.TraceID[:]) // ends the program where the system has no randomness
		rand.Read(ids.SpanID[:])
		ctx = trace.ContextWithSpanContext(ctx, trace.NewSpanContext(ids))
	}
	return request.WithContext(ctx)
}
