package app

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/propagation"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/middleware"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/signin"
)

// router registers every route of the web UI. The table in doc.go says the same, and a test compares them.
func (a *App) router() *gin.Engine {
	router := middleware.NewRouter(middleware.Options{
		Name: "webui", Tracing: a.tracing, Fail: a.fail, Log: a.log,
		Propagator: propagation.NewCompositeTextMapPropagator(), // reads nothing: see there
		Quiet:      []string{"/healthz", "/readyz", "/static/*file"},
	})
	router.Use(a.securityHeaders)
	router.Use(a.hooks.Middleware...)

	getAndHead := func(path string, handler gin.HandlerFunc) {
		router.GET(path, handler)
		router.HEAD(path, handler)
	}
	a.pages = map[string]bool{}
	forUsers := func(path string, build page) {
		a.pages[path] = true
		getAndHead(path, a.forUsers(build))
	}
	forUsers("/", subscriptions)

	forUsers(ordersPath, orders)
	router.POST(ordersPath, a.sameOrigin, a.changeOrders)

	router.GET(signin.LoginPath, a.signIn.Login)
	router.GET(signin.AdminConsentPath, a.signIn.AdminConsent)
	router.GET(signin.CallbackPath, a.signIn.Callback)
	router.POST(signin.LogoutPath, a.sameOrigin, a.signIn.Logout)
	router.GET(signin.FrontChannelLogoutPath, a.signIn.FrontChannelLogout)
	for path, do := range a.hooks.Actions {
		router.POST(path, a.sameOrigin, a.act(do))
	}

	getAndHead("/static/*file", a.static)
	getAndHead("/healthz", gin.WrapH(a.readiness.Healthz()))
	getAndHead("/readyz", gin.WrapH(a.readiness.Readyz()))
	return router
}

// sameOrigin refuses what another site has the browser send (http.CrossOriginProtection: Sec-Fetch-Site, or Origin where a
// browser is too old for that). Browsers say the public origin there, which a proxy may have replaced in Host:
// [newProtection] knows it from the settings.
func (a *App) sameOrigin(c *gin.Context) {
	if err := a.protection.Check(c.Request); err != nil {
		a.fail(c, apperror.New(apperror.CrossSite, err))
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
