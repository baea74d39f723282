// Package app is the orders API: users' orders, in this process's memory. A bearer token for it comes in, which the API got on behalf of
// the user; the user's own orders go out, and never another's. It calls nobody, and has no secret: it verifies tokens with the tenant's
// public keys.
//
// The routes, each with a scope of its own:
//
//	GET    /orders      the user's orders (order.read)
//	POST   /orders      places one (order.write)
//	DELETE /orders/:id  deletes one (order.delete)
//	GET    /healthz     200 while the process lives
//	GET    /readyz      200 while it wants requests
package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/middleware"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/problem"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/serve"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
)

// Config is what the orders API needs to know. ReadConfig makes it from settings.
type Config struct {
	Authority      entra.Authority // the tenant whose tokens are let in
	Tenants        entra.Tenants   // whose users are let in, where the authority stands for several organizations
	ClientID       string          // the orders API's application id: the audience of its tokens
	AllowedClients []string        // the application ids that may call: the API's
	TrustedCAFile  string          // one more certificate authority, PEM; "" for none
}

// ReadConfig asks for each setting of the orders API. Its error names all that are missing or wrong.
func ReadConfig(r *env.Reader) (Config, error) {
	cfg := Config{
		Authority:      entra.ReadAuthority(r),
		ClientID:       r.GUID("ORDERS_CLIENT_ID"),
		AllowedClients: r.GUIDs("ORDERS_ALLOWED_CLIENTS", "the API's Application (client) ID; more than one are separated by commas"),
		TrustedCAFile:  r.TextOr("TRUSTED_CA_FILE", ""),
	}
	cfg.Tenants = entra.ReadTenants(r, cfg.Authority)
	return cfg, r.Err()
}

// The limits of what a token's validation may cost.
const (
	keyTimeout = 8 * time.Second // fetching the tenant's keys
	warmUp     = 3 * time.Second // what a start waits for them
)

// App is the orders API.
type App struct {
	router    *gin.Engine
	readiness *serve.Readiness
	close     func()
}

// New makes an orders API of its settings.
func New(ctx context.Context, cfg Config, log *slog.Logger) (*App, error) {
	tracing, err := telemetry.Start(ctx, "orders")
	if err != nil {
		return nil, err
	}
	identity, err := entra.NewHTTPClient(cfg.TrustedCAFile, keyTimeout)
	if err != nil {
		return nil, fmt.Errorf("making the client for Entra: %w", err)
	}
	provider := entra.NewProvider(identity, cfg.Authority, entra.ProviderOptions{ClientID: cfg.ClientID, Tenants: cfg.Tenants, Log: log})
	a := &App{readiness: serve.NewReadiness(func(context.Context) error { return provider.Ready() }, log)}
	a.router = middleware.NewRouter(middleware.Options{
		Name: "orders", Tracing: tracing, Propagator: telemetry.Propagator(), Fail: fail, Log: log, Quiet: []string{"/healthz", "/readyz"},
	})
	a.register(newBook(), bearer.NewValidator(provider, cfg.ClientID, time.Now), cfg.AllowedClients)
	stop := provider.WarmUp(ctx, warmUp, log)
	a.close = func() { stop(); identity.CloseIdleConnections(); _ = tracing.Shutdown(context.Background()) }
	return a, nil
}

// register puts the routes into the router.
func (a *App) register(orders *book, validator *bearer.Validator, clients []string) {
	scope := func(name string) gin.HandlerFunc { return bearer.Require(validator, bearer.Scope(name, clients), fail) }
	a.router.Use(func(c *gin.Context) { c.Header("Cache-Control", "no-store") })
	a.router.GET("/orders", scope("order.read"), orders.list)
	a.router.POST("/orders", scope("order.write"), orders.place)
	a.router.DELETE("/orders/:id", scope("order.delete"), orders.remove)
	a.router.GET("/healthz", gin.WrapH(a.readiness.Healthz()))
	a.router.GET("/readyz", gin.WrapH(a.readiness.Readyz()))
}

func fail(c *gin.Context, err error) { problem.Write(c, apperror.As(err)) }

// Handler answers the routes of the package's table.
func (a *App) Handler() http.Handler { return a.router }

// Readiness is what GET /healthz and GET /readyz answer by.
func (a *App) Readiness() *serve.Readiness { return a.readiness }

// Close ends what goes on in the background.
func (a *App) Close() error { a.close(); return nil }
