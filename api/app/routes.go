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

// routes are all that the API answers. The table in doc.go says the same, and a test compares them.
func (a *App) routes() ([]route, error) {
	subscriptions, failed1 := a.newSubscriptions()
	profile, failed2 := a.newProfile()
	orders, failed3 := a.newOrders()
	user := bearer.Scope(a.cfg.RequiredScope, a.cfg.AllowedClients)
	program := bearer.ApplicationRole("Subscriptions.Read.All")
	return append(a.mcpRoutes(subscriptions, profile), []route{
		{http.MethodGet, "/subscriptions", user, subscriptions.list},
		{http.MethodGet, "/profile", user, profile.show},
		{http.MethodGet, "/orders", user, orders.list},
		{http.MethodPost, "/orders", user, orders.place},
		{http.MethodDelete, "/orders/:id", user, orders.remove},
		{http.MethodGet, "/application/subscriptions", program, subscriptions.listOwn},
		{http.MethodGet, "/healthz", nil, gin.WrapH(a.readiness.Healthz())},
		{http.MethodGet, "/readyz", nil, gin.WrapH(a.readiness.Readyz())},
	}...), errors.Join(failed1, failed2, failed3)
}

// register puts the routes into a router.
func (a *App) register(router *gin.Engine) error {
	router.Use(securityHeaders)
	routes, err := a.routes()
	if err != nil {
		return err
	}
	for _, r := range routes {
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
