package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/serve"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// closeTimeout is how long the end waits for the last traces to be sent.
const closeTimeout = 5 * time.Second

// Server is the web UI. It is ready to serve as soon as New returns, whether or not the tenant could be reached: until it
// can, users get a page that says so.
type Server struct {
	handler    http.Handler
	provider   *entra.Provider
	sessions   *session.Store
	stores     io.Closer // what sessions and sign-ins are kept in
	tracing    *telemetry.Tracing
	readiness  *serve.Readiness
	clients    []*http.Client
	pages      *pages
	protection *http.CrossOriginProtection
	secure     bool // browsers come by https
	log        *slog.Logger
	stop       func() // ends what goes on in the background
}

// New makes a web UI of its settings. It fetches the tenant's discovery document and keys, so that the first user doesn't
// wait for them, and goes on trying in the background where the tenant is away.
func New(ctx context.Context, cfg Config, log *slog.Logger) (*Server, error) {
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
	s := &Server{sessions: sessions, stores: stores, tracing: tracing, clients: []*http.Client{identity, api}, log: log}
	s.readiness = serve.NewReadiness(s.Ready)
	s.provider = entra.NewProvider(identity, cfg.Authority, entra.ProviderOptions{
		ClientID: cfg.ClientID, Log: log,
		KeyInterval: cfg.Limits.KeyInterval, KeyMaxAge: cfg.Limits.KeyMaxAge, Now: cfg.Now,
	})
	s.secure = cfg.secure()
	if s.protection, err = newProtection(cfg); err != nil {
		return nil, err
	}
	s.pages = &pages{sessions: sessions, now: cfg.Now}
	msal := &msalClients{credential: cfg.Credential, authority: cfg.Authority, clientID: cfg.ClientID, client: identity}
	loopGuard := &loopGuard{secure: cfg.secure(), lifetime: cfg.Limits.LoopGuard}
	goodbye := &goodbye{secure: cfg.secure()}
	signIn := &signIn{
		provider: s.provider, msal: msal, sessions: sessions, attempts: attempts, loopGuard: loopGuard, pages: s.pages,
		clientID: cfg.ClientID, redirectURI: cfg.RedirectURI.String(), scope: cfg.defaultScope(),
		timeout: cfg.Limits.Token, now: cfg.Now, log: log,
	}
	s.handler = s.routes(handlers{
		signIn: signIn,
		subscriptions: &subscriptions{
			sessions: sessions,
			tokens:   &tokens{msal: msal, scope: cfg.APIScope, timeout: cfg.Limits.Token, now: cfg.Now},
			api:      &apiClient{client: api, address: cfg.APIURL.JoinPath("subscriptions").String(), now: cfg.Now},
			signIn:   signIn, loopGuard: loopGuard, goodbye: goodbye, pages: s.pages,
		},
		signOut: &signOut{
			sessions: sessions, provider: s.provider, pages: s.pages, loopGuard: loopGuard, goodbye: goodbye,
			clientID: cfg.ClientID, postLogoutRedirectURI: cfg.PostLogoutRedirectURI.String(), log: log,
		},
	})
	if err := sessions.Ping(ctx); err != nil {
		log.WarnContext(ctx, "the place for sessions can't be reached; the web UI is not ready until it can", "error", err)
	}
	s.stop = s.provider.WarmUp(ctx, cfg.Limits.WarmUp, log)
	return s, nil
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
	return identity, api, nil
}

// Handler answers the routes of the package's table.
func (s *Server) Handler() http.Handler { return s.handler }

// Readiness is what GET /healthz and GET /readyz answer by. Whoever serves the handler tells it when the server drains.
func (s *Server) Readiness() *serve.Readiness { return s.readiness }

// Ready returns nil once users can sign in: the tenant's keys are there and the place for sessions answers.
func (s *Server) Ready(ctx context.Context) error {
	return errors.Join(s.provider.Ready(), s.sessions.Ping(ctx))
}

// Close ends what goes on in the background.
func (s *Server) Close() error {
	s.stop()
	for _, client := range s.clients {
		client.CloseIdleConnections()
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if err := errors.Join(s.stores.Close(), s.tracing.Shutdown(ctx)); err != nil {
		return fmt.Errorf("closing the web UI: %w", err)
	}
	return nil
}
