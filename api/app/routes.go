package app

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
)

// route is one line of the API's table: who may do what, and where it is done. It has a rule or is public.
type route struct {
	method  string
	path    string
	rule    bearer.Rule // that the caller's token has to keep
	public  bool        // it is for whoever asks, and takes no token
	handler gin.HandlerFunc
}

// table is all that the API answers. The table in doc.go says the same, and a test compares them. What can be left out has its routes
// in a file of its own, and a line here (docs/recipes.md).
func (a *App) table() []route {
	subscriptions := a.newSubscriptions()
	user := bearer.Scope(a.cfg.RequiredScope, a.cfg.AllowedClients)
	return slices.Concat(
		[]route{
			{method: http.MethodGet, path: "/subscriptions", rule: user, handler: subscriptions.list},
			{method: http.MethodGet, path: "/healthz", public: true, handler: gin.WrapH(a.readiness.Healthz())},
			{method: http.MethodGet, path: "/readyz", public: true, handler: gin.WrapH(a.readiness.Readyz())},
		},
		a.profileRoutes(user),
		a.ordersRoutes(user),
		a.applicationRoutes(subscriptions),
		a.mcpRoutes(subscriptions),
	)
}

// register puts routes into a router. A route whose rule was forgotten would be open to everybody: it is a panic at the start.
func (a *App) register(router *gin.Engine, routes []route) {
	router.Use(securityHeaders)
	for _, r := range routes {
		if r.public == (r.rule != nil) {
			panic(r.method + " " + r.path + " needs a rule, or to be public, and not both")
		}
		if r.public {
			router.Handle(r.method, r.path, r.handler)
			continue
		}
		guarded := []gin.HandlerFunc{bearer.Require(a.validator, r.rule, a.fail), r.handler}
		router.Handle(r.method, r.path, slices.Concat(a.cfg.Hooks.Middleware, guarded)...)
	}
}

// securityHeaders are on every answer, errors included. There are no CORS headers: no browser's script has any business here.
func securityHeaders(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	c.Header("X-Content-Type-Options", "nosniff")
	c.Next()
}
