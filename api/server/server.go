package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/tokenstore"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redisclient"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/serve"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
)

const (
	// maxResourceBody bounds one page of Resource Manager, in bytes. A subscription is some 700.
	maxResourceBody = 4 << 20
	// closeTimeout is how long the end waits for the last traces to be sent.
	closeTimeout = 5 * time.Second
)

// Server is the API. It is ready to serve as soon as New returns, whether or not the tenant could be reached: until it
// can, callers are told to come back.
type Server struct {
	handler   http.Handler
	provider  *entra.Provider
	door      *door
	results   tokenstore.Store
	closer    io.Closer // what results are kept in
	tracing   *telemetry.Tracing
	readiness *serve.Readiness
	clients   []*http.Client
	log       *slog.Logger
	stop      func() // ends what goes on in the background
}

// New makes an API of its settings. It fetches the tenant's discovery document and keys, so that the first caller
// doesn't wait for them, and goes on trying in the background where the tenant can't be reached.
func New(ctx context.Context, cfg Config, log *slog.Logger) (*Server, error) {
	cfg.Limits = cfg.Limits.withDefaults()
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	closer, err := openResults(&cfg)
	if err != nil {
		return nil, err
	}
	identity, err := entra.NewHTTPClient(cfg.TrustedCAFile, cfg.Limits.Exchange)
	if err != nil {
		return nil, fmt.Errorf("making the client for Entra: %w", err)
	}
	azure, err := outbound.NewClient(outbound.Options{
		TrustedCAFile: cfg.TrustedCAFile, Timeout: cfg.Limits.ResourceTry,
		MaxBody: maxResourceBody, Proxied: true, RequestIDHeader: "x-ms-client-request-id",
	})
	if err != nil {
		return nil, fmt.Errorf("making the client for Resource Manager: %w", err)
	}
	tracing, err := telemetry.Start(ctx, "api")
	if err != nil {
		return nil, err
	}
	s := &Server{results: cfg.Results, closer: closer, tracing: tracing, clients: []*http.Client{identity, azure}, log: log}
	s.readiness = serve.NewReadiness(s.Ready)
	s.provider = entra.NewProvider(identity, cfg.Authority, entra.ProviderOptions{
		ClientID: cfg.ClientID, Log: log,
		KeyInterval: cfg.Limits.KeyInterval, KeyMaxAge: cfg.Limits.KeyMaxAge, Now: cfg.Now,
	})
	exchanger := &exchanger{
		client:   &onBehalfOfClient{credential: cfg.Credential, authority: cfg.Authority, clientID: cfg.ClientID, client: identity},
		provider: s.provider,
		results:  cfg.Results,
		backoff:  newBackoff(),
		timeout:  cfg.Limits.Exchange,
		now:      cfg.Now,
		log:      log,
	}
	s.door = &door{
		provider: s.provider, clientID: cfg.ClientID, recent: newRecentCallers(), now: cfg.Now,
		rules: callerRules{scope: cfg.RequiredScope, clients: cfg.AllowedClients},
	}
	s.handler = s.routes(handlers{
		subscriptions: &subscriptions{
			exchanger:       exchanger,
			resourceManager: newResourceManager(cfg, azure, s.provider),
		},
		development: cfg.Development,
	})
	if err := cfg.Results.Ping(ctx); err != nil {
		log.WarnContext(ctx, "the place for exchanged tokens can't be reached; the API is not ready until it can", "error", err)
	}
	s.stop = s.provider.WarmUp(ctx, cfg.Limits.WarmUp, log)
	return s, nil
}

// openResults fills in the store of exchanged tokens where the configuration has none: Redis where REDIS_URL is set, so
// that replicas share it, and this process's memory where it isn't. What it returns is to be closed in the end.
func openResults(cfg *Config) (io.Closer, error) {
	none := io.NopCloser(nil)
	if cfg.Results != nil {
		return none, nil
	}
	if cfg.RedisURL.IsZero() {
		cfg.Results = tokenstore.NewMemory(cfg.Limits.StoreBytes, cfg.Now)
		return none, nil
	}
	client, err := redisclient.New(cfg.RedisURL, cfg.TrustedCAFile)
	if err != nil {
		return nil, fmt.Errorf("opening Redis: %w", err)
	}
	if cfg.Results, err = tokenstore.NewRedis(client, cfg.StoreKey); err != nil {
		return nil, fmt.Errorf("making the store of exchanged tokens: %w", err)
	}
	return client, nil
}

// Handler answers the routes of the package's table.
func (s *Server) Handler() http.Handler { return s.handler }

// Readiness is what GET /healthz and GET /readyz answer by. Whoever serves the handler tells it when the server drains.
func (s *Server) Readiness() *serve.Readiness { return s.readiness }

// Ready returns nil once the API can tell a good token from a bad one, and the place for exchanged tokens answers.
func (s *Server) Ready(ctx context.Context) error {
	return errors.Join(s.provider.Ready(), s.results.Ping(ctx))
}

// Close ends what goes on in the background, exchanges under way excepted: they end by themselves, within Limits.Exchange.
func (s *Server) Close() error {
	s.stop()
	for _, client := range s.clients {
		client.CloseIdleConnections()
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if err := errors.Join(s.closer.Close(), s.tracing.Shutdown(ctx)); err != nil {
		return fmt.Errorf("closing the API: %w", err)
	}
	return nil
}
