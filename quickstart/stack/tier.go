package stack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"strings"

	api "github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	apiexplain "github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/explain"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/serve"
	webui "github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
	webuiexplain "github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/explain"
)

// Tier is one of the programs, running on an address of its own.
type Tier struct {
	// URL is where the tier is reached, without a trailing slash.
	URL string

	name     string
	create   create
	log      *slog.Logger
	listener net.Listener // open, and not yet served; nil once it is
	settings map[string]string
	quit     context.CancelFunc
	done     chan error
}

func newTier(name string, listener net.Listener, log *slog.Logger, create create) *Tier {
	return &Tier{name: name, create: create, log: log.With("tier", name), listener: listener, URL: localURL(listener)}
}

// localURL names a listener on this machine by localhost, as redirect URIs and cookies do.
func localURL(listener net.Listener) string {
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return "http://" + listener.Addr().String()
	}
	return "http://" + net.JoinHostPort("localhost", port)
}

func (t *Tier) start(ctx context.Context, settings map[string]string) error {
	t.settings = settings
	made, err := t.create(ctx, env.From(settings), t.log)
	if err != nil {
		return fmt.Errorf("starting the %s: %w", t.name, err)
	}
	ctx, t.quit = context.WithCancel(context.WithoutCancel(ctx))
	t.done = make(chan error, 1)
	listener := t.listener
	t.listener = nil
	go func() {
		err := serve.Run(ctx, serve.Options{
			Name: t.name, Listener: listener, Handler: made.Handler(), Readiness: made.Readiness(), Log: t.log,
		})
		t.done <- errors.Join(err, made.Close())
	}()
	return nil
}

func (t *Tier) stop() error {
	if t.listener != nil {
		return t.listener.Close()
	}
	if t.quit == nil {
		return nil
	}
	t.quit()
	t.quit = nil
	return <-t.done
}

// Restart stops the tier and starts it anew on the same address: all that it had in memory is gone. Settings replace
// those of before, by name.
func (t *Tier) Restart(ctx context.Context, settings map[string]string) error {
	if err := t.stop(); err != nil {
		return fmt.Errorf("stopping the %s: %w", t.name, err)
	}
	listener, err := serve.Listen(strings.TrimPrefix(t.URL, "http://"), t.name)
	if err != nil {
		return err
	}
	t.listener = listener
	all := maps.Clone(t.settings)
	maps.Copy(all, settings)
	return t.start(ctx, all)
}

// create makes a tier of its settings.
type create func(context.Context, *env.Reader, *slog.Logger) (serve.Server, error)

func startAPI(change func(*api.Config)) create {
	return func(ctx context.Context, settings *env.Reader, log *slog.Logger) (serve.Server, error) {
		cfg, err := api.ReadConfig(settings)
		if err != nil {
			return nil, err
		}
		apiexplain.Plug(&cfg)
		if change != nil {
			change(&cfg)
		}
		return api.New(ctx, cfg, log)
	}
}

func startWebUI(change func(*webui.Config)) create {
	return func(ctx context.Context, settings *env.Reader, log *slog.Logger) (serve.Server, error) {
		cfg, err := webui.ReadConfig(settings)
		if err != nil {
			return nil, err
		}
		webuiexplain.Plug(&cfg)
		if change != nil {
			change(&cfg)
		}
		return webui.New(ctx, cfg, log)
	}
}
