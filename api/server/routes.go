package server

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/contrib/instrumentation/github.com/gin-gonic/gin/otelgin"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
)

// handlers is what the routes lead to.
type handlers struct {
	subscriptions *subscriptions
	development   bool
}

// routes registers every route of the API. The table in doc.go says the same, and a test compares them.
func (s *Server) routes(h handlers) http.Handler {
	gin.SetMode(gin.ReleaseMode) // debug mode prints its own lines beside the log
	router := gin.New()
	router.HandleMethodNotAllowed = true // a wrong method is told from a wrong path
	router.RedirectTrailingSlash = false // one address for each thing
	_ = router.SetTrustedProxies(nil)    // believes nobody's X-Forwarded-For; nil can't fail
	router.Use(
		s.traced(),
		s.logRequests,
		s.recoverPanics,
		securityHeaders,
	)
	router.NoRoute(func(c *gin.Context) { (&problem{code: apperror.NotFound}).answer(c) })
	router.NoMethod(func(c *gin.Context) { (&problem{code: apperror.MethodNotAllowed}).answer(c) })

	router.GET("/healthz", gin.WrapH(s.readiness.Healthz()))
	router.GET("/readyz", gin.WrapH(s.readiness.Readyz()))

	forUsers := router.Group("/")
	if h.development {
		forUsers.Use(leaveTrail)
	}
	forUsers.Use(s.door.admit)
	forUsers.GET("/subscriptions", h.subscriptions.list)
	return router
}

// traced goes on with the caller's trace, and makes a span of each request where somebody collects them.
func (s *Server) traced() gin.HandlerFunc {
	if s.tracing.Provider == nil {
		return func(c *gin.Context) {
			c.Request = telemetry.WithTraceID(c.Request, telemetry.Propagator())
			c.Next()
		}
	}
	return otelgin.Middleware("api",
		otelgin.WithTracerProvider(s.tracing.Provider),
		otelgin.WithPropagators(telemetry.Propagator()),
		otelgin.WithMeterProvider(noop.NewMeterProvider()))
}

// securityHeaders are on every answer, errors included. There are no CORS headers: no browser's script has any business
// here.
func securityHeaders(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	c.Header("X-Content-Type-Options", "nosniff")
	c.Next()
}
