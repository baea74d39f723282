package telemetry

import (
	"context"
	"io"
	"log/slog"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/trace"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

// ReadLogger asks for LOG_FORMAT and LOG_LEVEL, and returns a logger that writes as they say.
func ReadLogger(r *env.Reader, w io.Writer) *slog.Logger {
	return NewLogger(w,
		r.OneOf("LOG_FORMAT", "text", "text", "json"),
		r.OneOf("LOG_LEVEL", "info", "debug", "info", "warn", "error"))
}

// NewLogger returns a logger that writes text (for people) or json (for machines) and adds the trace id of the context
// to each line, so that one id finds a request in the log of every tier.
// format is "json" or anything else for text; level is debug, info, warn or error, and anything else is info.
func NewLogger(w io.Writer, format, level string) *slog.Logger {
	var threshold slog.Level
	if err := threshold.UnmarshalText([]byte(level)); err != nil {
		threshold = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: threshold}
	var handler slog.Handler = slog.NewTextHandler(w, options)
	if format == "json" {
		handler = slog.NewJSONHandler(w, options)
	}
	return slog.New(traceHandler{handler})
}

// traceHandler adds trace_id to each record that was logged with a context that has one.
type traceHandler struct{ slog.Handler }

func (h traceHandler) Handle(ctx context.Context, record slog.Record) error {
	if id := TraceID(ctx); id != "" {
		record.AddAttrs(slog.String("trace_id", id))
	}
	return h.Handler.Handle(ctx, record)
}

func (h traceHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return traceHandler{h.Handler.WithAttrs(attrs)}
}

func (h traceHandler) WithGroup(name string) slog.Handler {
	return traceHandler{h.Handler.WithGroup(name)}
}

// TraceID returns the W3C trace id of the request that ctx belongs to, 32 hexadecimal digits, or "".
func TraceID(ctx context.Context) string {
	if id := trace.SpanContextFromContext(ctx).TraceID(); id.IsValid() {
		return id.String()
	}
	return ""
}

// RequestID returns the trace id in the form of a GUID, which Entra and Resource Manager take for the id of a client's
// request and repeat in their answers and sign-in logs; "" where ctx has none.
func RequestID(ctx context.Context) string {
	id := trace.SpanContextFromContext(ctx).TraceID()
	if !id.IsValid() {
		return ""
	}
	return uuid.UUID(id).String()
}
