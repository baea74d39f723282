package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/downstream"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/onbehalfof"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/middleware"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redisclient"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/serve"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
)

const (
	// maxBody bounds one answer of a service, in bytes. A page of Resource Manager has subscriptions of some 700 each.
	maxBody = 4 << 20
	// maxStored bounds the memory that exchanged tokens take, in bytes: those of some 100,000 users.
	maxStored = 256 << 20
	// closeTimeout is how long the end waits for the last traces to be sent.
	closeTimeout = 5 * time.Second
)

// App is the API. It is ready to serve as soon as New returns, whether or not the tenant could be reached: until it can, callers are
// told to come back.
type App struct {
	cfg       Config
	router    *gin.Engine
	provider  *entra.Provider
	validator *bearer.Validator
	exchanger onbehalfof.Exchanger
	identity  *http.Client // what asks Entra
	services  *http.Client // what calls other APIs (hop 4)
	readiness *serve.Readiness
	close     func(context.Context) error // closes all that New opened
}

// New makes an API of its settings. It fetches the tenant's discovery document and keys, so that the first caller doesn't wait for
// them, and goes on trying in the background where the tenant can't be reached.
func New(ctx context.Context, cfg Config, log *slog.Logger) (*App, error) {
	cfg.Limits = cfg.Limits.withDefaults()
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	a := &App{cfg: cfg}
	tracing, err := telemetry.Start(ctx, "api")
	if err != nil {
		return nil, err
	}
	if err := a.newClients(); err != nil {
		return nil, err
	}
	results, err := openResults(cfg)
	if err != nil {
		return nil, err
	}
	a.provider = entra.NewProvider(a.identity, cfg.Authority, entra.ProviderOptions{
		ClientID: cfg.ClientID, Tenants: cfg.Tenants, Log: log,
		KeyInterval: cfg.Limits.KeyInterval, Now: cfg.Now,
	})
	// It is ready once it can tell a good token from a bad one, and the store of exchanged tokens answers.
	ready := func(ctx context.Context) error { return errors.Join(a.provider.Ready(), results.Ping(ctx)) }
	a.readiness = serve.NewReadiness(ready, log)
	a.validator = bearer.NewValidator(a.provider, cfg.ClientID, cfg.Now)
	a.exchanger = a.newExchanger(results, log)
	a.router = middleware.NewRouter(middleware.Options{
		Name: "api", Tracing: tracing, Propagator: telemetry.Propagator(), Fail: a.fail, Log: log,
		Quiet: []string{"/healthz", "/readyz"},
	})
	a.register(a.router, a.table())
	if err := results.Ping(ctx); err != nil {
		log.WarnContext(ctx, "the store of exchanged tokens can't be reached; the API is not ready until it can", "error", err)
	}
	if cfg.Tenants.Any() {
		log.WarnContext(ctx, "users of every organization are let in: ALLOWED_TENANTS is *")
	}
	stop := a.provider.WarmUp(ctx, cfg.Limits.WarmUp, log)
	a.close = func(ctx context.Context) error {
		stop()
		a.identity.CloseIdleConnections()
		a.services.CloseIdleConnections()
		return errors.Join(results.close(), tracing.Shutdown(ctx))
	}
	return a, nil
}

// newClients makes the HTTP clients, one for Entra and one for all APIs that are called.
func (a *App) newClients() (err error) {
	if a.identity, err = entra.NewHTTPClient(a.cfg.TrustedCAFile, a.cfg.Limits.Exchange); err != nil {
		return fmt.Errorf("making the client for Entra: %w", err)
	}
	if wrap := a.cfg.Hooks.Identity; wrap != nil {
		a.identity.Transport = wrap(a.identity.Transport)
	}
	a.services, err = outbound.NewClient(outbound.Options{
		TrustedCAFile: a.cfg.TrustedCAFile, Timeout: a.cfg.Limits.CallTry, MaxBody: maxBody, Proxied: true,
	})
	if err != nil {
		return fmt.Errorf("making the client for other APIs: %w", err)
	}
	return nil
}

// newExchanger makes hop 3: the plain exchange, and what wraps it.
func (a *App) newExchanger(results resultStore, log *slog.Logger) onbehalfof.Exchanger {
	var exchanger onbehalfof.Exchanger = &onbehalfof.Client{
		Credential: a.cfg.Credential, Authority: a.cfg.Authority, ClientID: a.cfg.ClientID, HTTP: a.identity,
	}
	exchanger = onbehalfof.WithRetry(exchanger)
	exchanger = onbehalfof.WithRefusals(exchanger, a.cfg.Now)
	exchanger = onbehalfof.WithCache(exchanger, onbehalfof.CacheOptions{
		Store: results.Store, Sealer: results.sealer, Timeout: a.cfg.Limits.Exchange, Now: a.cfg.Now, Log: log,
	})
	if wrap := a.cfg.Hooks.Exchanger; wrap != nil {
		exchanger = wrap(exchanger)
	}
	return exchanger
}

// newService gives a service that is called in hop 4 its transport.
func (a *App) newService(s downstream.Service) *downstream.Service {
	s.Transport = a.services.Transport // all services share its connections
	if wrap := a.cfg.Hooks.Transport; wrap != nil {
		s.Transport = wrap(s.Codes, s.Transport)
	}
	return &s
}

// resultStore keeps exchanged tokens.
type resultStore struct {
	store.Store
	sealer *store.Sealer // of what leaves the process; nil where nothing does
	close  func() error
}

// openResults opens Redis where REDIS_URL is set, so that replicas share what they exchanged, and this process's memory where it isn't.
func openResults(cfg Config) (resultStore, error) {
	if cfg.RedisURL.IsZero() {
		memory := store.NewMemory(store.MemoryOptions{MaxBytes: maxStored, Now: cfg.Now})
		return resultStore{Store: memory, close: func() error { return nil }}, nil
	}
	client, err := redisclient.New(cfg.RedisURL, cfg.TrustedCAFile)
	if err != nil {
		return resultStore{}, fmt.Errorf("opening Redis: %w", err)
	}
	sealer, err := store.NewSealer(cfg.StoreKey, "api exchanged token v3")
	if err != nil {
		return resultStore{}, fmt.Errorf("making the store of exchanged tokens: %w", err)
	}
	return resultStore{store.NewRedis(client, store.RedisOptions{Space: "api:exchange"}), sealer, client.Close}, nil
}

// Handler answers the routes of the package's table.
func (a *App) Handler() http.Handler { return a.router }

// Readiness is what GET /healthz and GET /readyz answer by. Whoever serves the handler tells it when the server drains.
func (a *App) Readiness() *serve.Readiness { return a.readiness }

// Close ends what goes on in the background, exchanges under way excepted: they end by themselves, within Limits.Exchange.
func (a *App) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if err := a.close(ctx); err != nil {
		return fmt.Errorf("closing the API: %w", err)
	}
	return nil
}
