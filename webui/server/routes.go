package server

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/contrib/instrumentation/github.com/gin-gonic/gin/otelgin"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/server/templates"
)

// handlers is what the routes lead to.
type handlers struct {
	signIn        *signIn
	subscriptions *subscriptions
	signOut       *signOut
}

// traced begins a trace for each request, and makes a span of it where somebody collects them. What the request itself says
// of a trace is ignored: whoever visits has no say in which trace a line of the log belongs to. What the web UI asks of Entra
// and the API carries the trace on, and the API believes it.
func (s *Server) traced() gin.HandlerFunc {
	nothing := propagation.NewCompositeTextMapPropagator()
	if s.tracing.Provider == nil {
		return func(c *gin.Context) {
			c.Request = telemetry.WithTraceID(c.Request, nothing)
			c.Next()
		}
	}
	return otelgin.Middleware("webui",
		otelgin.WithTracerProvider(s.tracing.Provider),
		otelgin.WithPropagators(nothing),
		otelgin.WithMeterProvider(noop.NewMeterProvider()))
}

// routes registers every route of the web UI. The table in doc.go says the same, and a test compares them.
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
		s.securityHeaders,
	)
	router.NoRoute(func(c *gin.Context) { s.pages.fail(c, &problem{code: apperror.NotFound}) })
	router.NoMethod(func(c *gin.Context) { s.pages.fail(c, &problem{code: apperror.MethodNotAllowed}) })

	for _, method := range []string{http.MethodGet, http.MethodHead} {
		router.Handle(method, "/", h.subscriptions.show)
		router.Handle(method, "/static/*file", s.pages.static)
		router.Handle(method, "/healthz", gin.WrapH(s.readiness.Healthz()))
		router.Handle(method, "/readyz", gin.WrapH(s.readiness.Readyz()))
	}
	router.GET(templates.SignInPath, h.signIn.login)
	router.GET(callbackPath, h.signIn.callback)
	router.POST(templates.SignOutPath, s.sameOrigin, h.signOut.logout)
	router.GET("/account/frontchannel-logout", h.signOut.frontChannel)
	return router
}

// sameOrigin refuses what another site has the browser send (http.CrossOriginProtection: Sec-Fetch-Site, or Origin where
// a browser is too old for that). Browsers say the public origin there, which a proxy may have
// replaced in Host: [newProtection] knows it from the settings.
func (s *Server) sameOrigin(c *gin.Context) {
	if err := s.protection.Check(c.Request); err != nil {
		s.pages.fail(c, &problem{code: apperror.CrossSite, cause: err})
		return
	}
	c.Next()
}

func newProtection(cfg Config) (*http.CrossOriginProtection, error) {
	protection := http.NewCrossOriginProtection()
	if err := protection.AddTrustedOrigin(originOf(cfg.RedirectURI.String())); err != nil {
		return nil, fmt.Errorf("taking the origin of WEBUI_REDIRECT_URI: %w", err)
	}
	return protection, nil
}
