package app

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/serve"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app/templates"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/signin"
)

// closeTimeout is how long the end waits for the last traces to be sent.
const closeTimeout = 5 * time.Second

// App is the web UI. It is ready to serve as soon as New returns, whether or not the tenant could be reached: until it
// can, users get a page that says so.
type App struct {
	handler    *gin.Engine
	provider   *entra.Provider
	sessions   *session.Store
	signIn     *signin.Flow
	api        *apiClient
	hooks      Hooks
	stores     io.Closer // what sessions and sign-ins are kept in
	tracing    *telemetry.Tracing
	readiness  *serve.Readiness
	clients    []*http.Client
	protection *http.CrossOriginProtection
	compressor *compressor
	files      map[string]file // style sheet and icon, by path
	cookies    session.Cookies
	hsts       bool
	links      []templates.Link // to pages, for whoever is signed in
	pages      map[string]bool  // the routes that show users a page
	log        *slog.Logger
	stop       func() // ends what goes on in the background
}

// New makes a web UI of its settings. It fetches the tenant's discovery document and keys, so that the first user doesn't
// wait for them, and goes on trying in the background where the tenant is away.
func New(ctx context.Context, cfg Config, log *slog.Logger) (*App, error) {
	cfg.Limits = cfg.Limits.withDefaults()
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	sessions, attempts, stores, err := newStores(cfg)
	if err != nil {
		return nil, err
	}
	identity, api, err := newClients(cfg)
	if err != nil {
		return nil, err
	}
	tracing, err := telemetry.Start(ctx, "webui")
	if err != nil {
		return nil, err
	}
	a := &App{
		sessions: sessions, stores: stores, tracing: tracing, clients: []*http.Client{identity, api}, log: log,
		cookies: cfg.cookies(), hsts: wantsHSTS(cfg.RedirectURI), links: cfg.Links,
		api: &apiClient{client: api, base: cfg.APIURL, now: cfg.Now}, hooks: cfg.Hooks,
		provider: entra.NewProvider(identity, cfg.Authority, entra.ProviderOptions{
			ClientID: cfg.ClientID, Tenants: cfg.Tenants, Log: log,
			KeyInterval: cfg.Limits.KeyInterval, Now: cfg.Now,
		}),
	}
	// Users can sign in once the tenant's keys are there and the session store answers.
	ready := func(ctx context.Context) error { return errors.Join(a.provider.Ready(), sessions.Ping(ctx)) }
	a.readiness = serve.NewReadiness(ready, log)
	a.compressor = newCompressor(gzip.BestSpeed)
	if a.files, err = readFiles(); err != nil {
		return nil, err
	}
	if a.protection, err = newProtection(cfg); err != nil {
		return nil, err
	}
	a.signIn = signin.New(signin.Options{
		Provider: a.provider, Client: identity, Credential: cfg.Credential, ClientID: cfg.ClientID,
		RedirectURI: cfg.RedirectURI.String(), PostLogoutRedirectURI: cfg.PostLogoutRedirectURI.String(),
		SignInScope: cfg.defaultScope(), APIScope: cfg.APIScope, Cookies: cfg.cookies(),
		Sessions: sessions, Attempts: attempts, Timeout: cfg.Limits.Token, LoopGuard: cfg.Limits.LoopGuard, Now: cfg.Now, Log: log,
		Fail: a.fail, SignedOut: a.signedOut, AdminConsented: a.adminConsented, AllowFraming: allowFraming,
	})
	a.handler = a.router()
	if err := sessions.Ping(ctx); err != nil {
		log.WarnContext(ctx, "the session store can't be reached; the web UI is not ready until it can", "error", err)
	}
	if cfg.Tenants.Any() {
		log.WarnContext(ctx, "users of every organization are let in: ALLOWED_TENANTS is *")
	}
	a.stop = a.provider.WarmUp(ctx, cfg.Limits.WarmUp, log)
	return a, nil
}

// newClients makes the HTTP clients for Entra and for the API.
func newClients(cfg Config) (identity, api *http.Client, err error) {
	identity, err = entra.NewHTTPClient(cfg.TrustedCAFile, cfg.Limits.Token)
	if err != nil {
		return nil, nil, fmt.Errorf("making the client for Entra: %w", err)
	}
	api, err = outbound.NewClient(outbound.Options{
		TrustedCAFile: cfg.TrustedCAFile, Timeout: cfg.Limits.API, MaxBody: cfg.Limits.APIBody,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("making the client for the API: %w", err)
	}
	if cfg.Hooks.Identity != nil {
		identity.Transport = cfg.Hooks.Identity(identity.Transport)
	}
	if cfg.Hooks.Transport != nil {
		api.Transport = cfg.Hooks.Transport(api.Transport)
	}
	return identity, api, nil
}

// Handler answers the routes of the package's table.
func (a *App) Handler() http.Handler { return underPrefix(a.cookies.Path, a.handler) }

// Readiness is what GET /healthz and GET /readyz answer by. Whoever serves the handler tells it when the server drains.
func (a *App) Readiness() *serve.Readiness { return a.readiness }

// Close ends what goes on in the background.
func (a *App) Close() error {
	a.stop()
	for _, client := range a.clients {
		client.CloseIdleConnections()
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if err := errors.Join(a.stores.Close(), a.tracing.Shutdown(ctx)); err != nil {
		return fmt.Errorf("closing the web UI: %w", err)
	}
	return nil
}
