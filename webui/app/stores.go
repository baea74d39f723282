package app

import (
	"cmp"
	"fmt"
	"io"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redisclient"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// newStores makes the stores of signed-in users and of sign-ins. What it returns last is to be closed in the end.
func newStores(cfg Config) (*session.Store, *session.Attempts, io.Closer, error) {
	users, used, closer, err := openBackends(cfg)
	if err != nil {
		return nil, nil, nil, err
	}
	users, used = cmp.Or(cfg.Sessions, users), cmp.Or(cfg.Attempts, used)
	if cfg.Hooks.Store != nil {
		cfg.Hooks.Store(used)
	}
	options := session.Options{
		Key: cfg.SessionKey, Cookies: cfg.cookies(), Idle: cfg.Limits.Idle, Absolute: cfg.Limits.Absolute, Now: cfg.Now,
	}
	sessions, err := session.NewStore(users, options)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("making the session store: %w", err)
	}
	attempts, err := session.NewAttempts(used, options)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("making the store of sign-ins: %w", err)
	}
	return sessions, attempts, closer, nil
}

// openBackends opens the backends of signed-in users and of used sign-ins: in Redis where REDIS_URL is set, so that replicas share
// them, and otherwise in this process's memory.
func openBackends(cfg Config) (users, used store.Store, closer io.Closer, err error) {
	if cfg.RedisURL.IsZero() {
		users = store.NewMemory(store.MemoryOptions{MaxBytes: cfg.Limits.SessionMemory, Now: cfg.Now})
		used = store.NewMemory(store.MemoryOptions{MaxBytes: cfg.Limits.AttemptMemory, Now: cfg.Now})
		return users, used, io.NopCloser(nil), nil
	}
	client, err := redisclient.New(cfg.RedisURL, cfg.TrustedCAFile)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("opening Redis: %w", err)
	}
	users = store.NewRedis(client, store.RedisOptions{Space: "webui:session", IndexLifetime: cfg.Limits.Absolute})
	used = store.NewRedis(client, store.RedisOptions{Space: "webui:attempt"})
	return users, used, client, nil
}
