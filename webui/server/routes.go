package server

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/contrib/instrumentation/github.com/gin-gonic/gin/otelgin"
	"go.opentelemetry.io/otel/metric/noop"

	"ms-identity-go-on-behalf-of/internal/failure"
	"ms-identity-go-on-behalf-of/internal/telemetry"
)

// handlers is what the routes lead to.
type handlers struct {
	signIn        *signIn
	subscriptions *subscriptions
	signOut       *signOut
}

// routes registers every route of the web UI. The table in doc.go says the same, and a test compares them.
func (s *Server) routes(h handlers) http.Handler {
	gin.SetMode(gin.ReleaseMode) // debug mode prints its own lines beside the log
	router := gin.New()
	router.HandleMethodNotAllowed = true // a wrong method is told from a wrong path
	router.RedirectTrailingSlash = false // one address for each thing
	_ = router.SetTrustedProxies(nil)    // believes nobody's X-Forwarded-For; nil can't fail
	router.Use(
		otelgin.Middleware("webui",
			otelgin.WithTracerProvider(s.tracing.Provider),
			otelgin.WithPropagators(telemetry.Propagator()),
			otelgin.WithMeterProvider(noop.NewMeterProvider())),
		s.logRequests,
		s.recoverPanics,
		s.securityHeaders,
	)
	router.NoRoute(func(c *gin.Context) { s.pages.fail(c, &problem{code: failure.NotFound}) })
	router.NoMethod(func(c *gin.Context) { s.pages.fail(c, &problem{code: failure.MethodNotAllowed}) })

	for _, method := range []string{http.MethodGet, http.MethodHead} {
		router.Handle(method, "/", h.subscriptions.show)
		router.Handle(method, "/static/*file", s.pages.static)
		router.Handle(method, "/healthz", gin.WrapH(s.readiness.Healthz()))
		router.Handle(method, "/readyz", gin.WrapH(s.readiness.Readyz()))
	}
	router.GET("/account/login", h.signIn.login)
	router.GET(callbackPath, h.signIn.callback)
	router.POST("/account/logout", s.sameOrigin, h.signOut.logout)
	router.GET("/account/frontchannel-logout", h.signOut.frontChannel)
	return router
}

// sameOrigin refuses what another site has the browser send (http.CrossOriginProtection: Sec-Fetch-Site, or Origin where
// a browser is too old for that).
func (s *Server) sameOrigin(c *gin.Context) {
	var protection http.CrossOriginProtection
	if err := protection.Check(c.Request); err != nil {
		s.pages.fail(c, &problem{code: failure.CrossSite, cause: err})
		return
	}
	c.Next()
}
