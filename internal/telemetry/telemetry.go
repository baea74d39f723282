// Package telemetry gives a tier its log and its traces.
//
// One trace id (W3C Trace Context) runs through web UI, API, Entra and Resource Manager whether or not anyone collects
// traces: it is in each line of the log and on each error page. Spans leave the process only where
// OTEL_EXPORTER_OTLP_ENDPOINT says where to; the exporter reads its other settings from the variables that the
// OpenTelemetry specification names ("OpenTelemetry Protocol Exporter").
//
// A tier starts its [Tracing] itself and hands the provider to its instrumentation; nothing is registered with
// OpenTelemetry's globals, so that web UI and API can live in one process under names of their own:
//
//	router.Use(otelgin.Middleware("api", otelgin.WithTracerProvider(tracing.Provider), otelgin.WithPropagators(telemetry.Propagator())))
package telemetry

import (
	"context"
	"fmt"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
)

// Tracing is what the instrumentation of one tier needs.
type Tracing struct {
	Provider *trace.TracerProvider
}

// Propagator returns the one way in which trace ids travel between the tiers: the traceparent header.
func Propagator() propagation.TextMapPropagator { return propagation.TraceContext{} }

// Start prepares the traces of a tier. Without OTEL_EXPORTER_OTLP_ENDPOINT nothing is recorded and each request has
// nevertheless its trace id.
func Start(ctx context.Context, service string) (*Tracing, error) {
	if os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" {
		return &Tracing{Provider: trace.NewTracerProvider(trace.WithSampler(trace.NeverSample()))}, nil
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("starting the trace exporter: %w", err)
	}
	return &Tracing{Provider: trace.NewTracerProvider(
		trace.WithBatcher(exporter),
		trace.WithResource(resource.NewSchemaless(attribute.String("service.name", service))),
	)}, nil
}

// Shutdown sends what is still waiting to be sent.
func (t *Tracing) Shutdown(ctx context.Context) error { return t.Provider.Shutdown(ctx) }
