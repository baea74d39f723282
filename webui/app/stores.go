package app

import (
	"fmt"
	"io"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redisclient"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// newStores makes the stores of signed-in users and of sign-ins. What it returns last is to be closed in the end.
func newStores(cfg Config) (*session.Store, *session.Attempts, io.Closer, error) {
	closer, err := openBackends(&cfg)
	if err != nil {
		return nil, nil, nil, err
	}
	if cfg.Hooks.Store != nil {
		cfg.Hooks.Store(cfg.Attempts)
	}
	options := session.Options{
		Key: cfg.SessionKey, Cookies: cfg.cookies(), Idle: cfg.Limits.Idle, Absolute: cfg.Limits.Absolute, Now: cfg.Now,
	}
	sessions, err := session.NewStore(cfg.Sessions, options)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("making the session store: %w", err)
	}
	attempts, err := session.NewAttempts(cfg.Attempts, options)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("making the store of sign-ins: %w", err)
	}
	return sessions, attempts, closer, nil
}

// openBackends fills in the backends that the configuration doesn't have: Redis where REDIS_URL is set, so that replicas
// share their users, and this process's memory where it isn't.
func openBackends(cfg *Config) (io.Closer, error) {
	if cfg.RedisURL.IsZero() {
		if cfg.Sessions == nil {
			cfg.Sessions = store.NewMemory(store.MemoryOptions{MaxBytes: cfg.Limits.SessionMemory, Now: cfg.Now})
		}
		if cfg.Attempts == nil {
			cfg.Attempts = store.NewMemory(store.MemoryOptions{MaxBytes: cfg.Limits.AttemptMemory, Now: cfg.Now})
		}
		return io.NopCloser(nil), nil
	}
	client, err := redisclient.New(cfg.RedisURL, cfg.TrustedCAFile)
	if err != nil {
		return nil, fmt.Errorf("opening Redis: %w", err)
	}
	if cfg.Sessions == nil {
		cfg.Sessions = store.NewRedis(client, store.RedisOptions{Space: "webui:session", IndexLifetime: cfg.Limits.Absolute})
	}
	if cfg.Attempts == nil {
		cfg.Attempts = store.NewRedis(client, store.RedisOptions{Space: "webui:attempt"})
	}
	return client, nil
}
