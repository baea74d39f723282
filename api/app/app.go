package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
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
	readiness *serve.Readiness
	results   store.Store
	sealer    *store.Sealer                 // of results that leave the process
	closers   []func(context.Context) error // of all that New opened, in the order of closing
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
	identity, err := entra.NewHTTPClient(cfg.TrustedCAFile, cfg.Limits.Exchange)
	if err != nil {
		return nil, fmt.Errorf("making the client for Entra: %w", err)
	}
	if wrap := cfg.Hooks.Identity; wrap != nil {
		identity.Transport = wrap(identity.Transport)
	}
	a.identity = identity
	if err := a.openResults(); err != nil {
		return nil, err
	}
	a.provider = entra.NewProvider(identity, cfg.Authority, entra.ProviderOptions{
		ClientID: cfg.ClientID, Tenants: cfg.Tenants, Log: log,
		KeyInterval: cfg.Limits.KeyInterval, KeyMaxAge: cfg.Limits.KeyMaxAge, Now: cfg.Now,
	})
	a.readiness = serve.NewReadiness(a.Ready, log)
	a.validator = bearer.NewValidator(a.provider, cfg.ClientID, cfg.Now)
	a.exchanger = a.newExchanger(identity, log)
	a.router = middleware.NewRouter(middleware.Options{
		Name: "api", Tracing: tracing, Propagator: telemetry.Propagator(), Fail: a.fail, Log: log,
		Quiet: []string{"/healthz", "/readyz"},
	})
	if err := a.register(a.router); err != nil {
		return nil, err
	}
	if err := a.results.Ping(ctx); err != nil {
		log.WarnContext(ctx, "the store of exchanged tokens can't be reached; the API is not ready until it can", "error", err)
	}
	if cfg.Tenants.Any() {
		log.WarnContext(ctx, "users of every organization are let in: ALLOWED_TENANTS is *")
	}
	stop := a.provider.WarmUp(ctx, cfg.Limits.WarmUp, log)
	a.onClose(func(context.Context) error { stop(); identity.CloseIdleConnections(); return nil })
	a.onClose(tracing.Shutdown)
	return a, nil
}

// newExchanger makes hop 3: the plain exchange, and what wraps it.
func (a *App) newExchanger(client *http.Client, log *slog.Logger) onbehalfof.Exchanger {
	var exchanger onbehalfof.Exchanger = &onbehalfof.Client{
		Credential: a.cfg.Credential, Authority: a.cfg.Authority, ClientID: a.cfg.ClientID, HTTP: client,
	}
	exchanger = onbehalfof.WithRetry(exchanger)
	exchanger = onbehalfof.WithRefusals(exchanger, a.cfg.Now)
	exchanger = onbehalfof.WithCache(exchanger, onbehalfof.CacheOptions{
		Store: a.results, Sealer: a.sealer, Timeout: a.cfg.Limits.Exchange, Now: a.cfg.Now, Log: log,
	})
	if wrap := a.cfg.Hooks.Exchanger; wrap != nil {
		exchanger = wrap(exchanger)
	}
	return exchanger
}

// newService makes what calls another API (hop 4): its name for the log, what stands in front of its codes in the table of failures,
// its address, and the header in which it takes an id of the request.
func (a *App) newService(name, codes string, address *url.URL, requestIDHeader string) (*downstream.Service, error) {
	client, err := outbound.NewClient(outbound.Options{
		TrustedCAFile: a.cfg.TrustedCAFile, Timeout: a.cfg.Limits.ResourceTry,
		MaxBody: maxBody, Proxied: true, RequestIDHeader: requestIDHeader,
	})
	if err != nil {
		return nil, fmt.Errorf("making the client for %s: %w", name, err)
	}
	a.onClose(func(context.Context) error { client.CloseIdleConnections(); return nil })
	if wrap := a.cfg.Hooks.Transport; wrap != nil {
		client.Transport = wrap(strings.ReplaceAll(codes, "_", "-"), client.Transport)
	}
	return &downstream.Service{Name: name, Codes: codes, BaseURL: address, Client: client}, nil
}

// openResults opens the store of exchanged tokens: Redis where REDIS_URL is set, so that replicas share it, and this process's memory
// where it isn't. What leaves the process is sealed.
func (a *App) openResults() error {
	if a.cfg.RedisURL.IsZero() {
		a.results = store.NewMemory(store.MemoryOptions{MaxBytes: a.cfg.Limits.StoreBytes, Now: a.cfg.Now})
		return nil
	}
	client, err := redisclient.New(a.cfg.RedisURL, a.cfg.TrustedCAFile)
	if err != nil {
		return fmt.Errorf("opening Redis: %w", err)
	}
	a.onClose(func(context.Context) error { return client.Close() })
	a.results = store.NewRedis(client, store.RedisOptions{Space: "api:exchange"})
	if a.sealer, err = store.NewSealer(a.cfg.StoreKey, "api exchanged token v3"); err != nil {
		return fmt.Errorf("making the store of exchanged tokens: %w", err)
	}
	return nil
}

// Handler answers the routes of the package's table.
func (a *App) Handler() http.Handler { return a.router }

// Readiness is what GET /healthz and GET /readyz answer by. Whoever serves the handler tells it when the server drains.
func (a *App) Readiness() *serve.Readiness { return a.readiness }

// Ready returns nil once the API can tell a good token from a bad one, and the store of exchanged tokens answers.
func (a *App) Ready(ctx context.Context) error {
	return errors.Join(a.provider.Ready(), a.results.Ping(ctx))
}

func (a *App) onClose(closer func(context.Context) error) { a.closers = append(a.closers, closer) }

// Close ends what goes on in the background, exchanges under way excepted: they end by themselves, within Limits.Exchange.
func (a *App) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	var failed error
	for _, closer := range a.closers {
		failed = errors.Join(failed, closer(ctx))
	}
	if failed != nil {
		return fmt.Errorf("closing the API: %w", failed)
	}
	return nil
}
