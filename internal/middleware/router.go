// Package middleware is what both tiers have around each of their routes: a trace, a line of log, and an answer where a handler
// panics. A [gin.Engine] with all of that goes out; it knows no route, no session and no token.
package middleware

import (
	"log/slog"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/contrib/instrumentation/github.com/gin-gonic/gin/otelgin"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
)

// Options says what differs between the tiers.
type Options struct {
	// Name is the tier's name in traces.
	Name string
	// Tracing collects spans, where somebody wants them.
	Tracing *telemetry.Tracing
	// Propagator reads the trace that a request says it belongs to. A tier that strangers call has one that reads nothing: a
	// visitor has no say in which trace a line of the log belongs to.
	Propagator propagation.TextMapPropagator
	// Quiet are the routes whose lines are for debugging alone, since they are asked every few seconds.
	Quiet []string
	// Fail answers a request with an error.
	Fail func(*gin.Context, error)
	Log  *slog.Logger
}

// NewRouter returns a router without routes. gin's own defaults are not safe here: it believes anyone's X-Forwarded-For, answers
// 404 to a wrong method, logs query strings, and writes the request's headers to the log when a handler panics.
func NewRouter(o Options) *gin.Engine {
	gin.SetMode(gin.ReleaseMode) // debug mode prints its own lines beside the log
	router := gin.New()
	router.HandleMethodNotAllowed = true // a wrong method is told from a wrong path
	router.RedirectTrailingSlash = false // one address for each thing
	_ = router.SetTrustedProxies(nil)    // nil can't fail
	router.Use(o.trace(), o.logRequests, o.recoverPanics)
	router.NoRoute(func(c *gin.Context) { o.Fail(c, apperror.New(apperror.NotFound, nil)) })
	router.NoMethod(func(c *gin.Context) { o.Fail(c, apperror.New(apperror.MethodNotAllowed, nil)) })
	return router
}

// trace goes on with the caller's trace or begins one, and makes a span of each request where somebody collects them.
func (o Options) trace() gin.HandlerFunc {
	if o.Tracing.Provider == nil {
		return func(c *gin.Context) {
			c.Request = telemetry.WithTraceID(c.Request, o.Propagator)
			c.Next()
		}
	}
	return otelgin.Middleware(o.Name,
		otelgin.WithTracerProvider(o.Tracing.Provider),
		otelgin.WithPropagators(o.Propagator),
		otelgin.WithMeterProvider(noop.NewMeterProvider()))
}
