package app

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
)

// route is one line of the API's table: who may do what, and where it is done.
type route struct {
	method  string
	path    string
	rule    bearer.Rule // nil for whoever asks
	handler gin.HandlerFunc
}

// table is all that the API answers.
type table struct {
	routes []route
	failed error
}

func (t *table) add(routes []route, failed error) {
	t.routes, t.failed = append(t.routes, routes...), errors.Join(t.failed, failed)
}

// table makes the routes. The table in doc.go says the same, and a test compares them. What can be left out has its routes in a file
// of its own, and a line here (docs/recipes.md).
func (a *App) table() table {
	subscriptions, failed := a.newSubscriptions()
	user := bearer.Scope(a.cfg.RequiredScope, a.cfg.AllowedClients)
	t := table{failed: failed, routes: []route{
		{http.MethodGet, "/subscriptions", user, subscriptions.list},
		{http.MethodGet, "/healthz", nil, gin.WrapH(a.readiness.Healthz())},
		{http.MethodGet, "/readyz", nil, gin.WrapH(a.readiness.Readyz())},
	}}
	t.add(a.profileRoutes(user))
	t.add(a.ordersRoutes(user))
	t.add(a.applicationRoutes(subscriptions))
	t.add(a.mcpRoutes(subscriptions))
	return t
}

// register puts the routes into a router.
func (a *App) register(router *gin.Engine) error {
	router.Use(securityHeaders)
	t := a.table()
	if t.failed != nil {
		return t.failed
	}
	for _, r := range t.routes {
		if r.rule == nil {
			router.Handle(r.method, r.path, r.handler)
			continue
		}
		handlers := append(gin.HandlersChain{}, a.cfg.Hooks.Middleware...)
		handlers = append(handlers, bearer.Require(a.validator, r.rule, a.fail), r.handler)
		router.Handle(r.method, r.path, handlers...)
	}
	return nil
}

// securityHeaders are on every answer, errors included. There are no CORS headers: no browser's script has any business here.
func securityHeaders(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	c.Header("X-Content-Type-Options", "nosniff")
	c.Next()
}
