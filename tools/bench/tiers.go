package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"strings"

	api "github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/server"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/serve"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
	webui "github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/server"
)

// apiRole is api/main.go, with its settings from the bench.
func apiRole(ctx context.Context, settings map[string]string, _ *http.ServeMux) (serving, error) {
	cfg, err := api.ReadConfig(env.From(settings))
	if err != nil {
		return serving{}, err
	}
	log, err := newLog(cfg.LogFormat, cfg.LogLevel)
	if err != nil {
		return serving{}, err
	}
	made, err := api.New(ctx, cfg, log)
	if err != nil {
		return serving{}, err
	}
	return serveTier("api", cfg.Addr, made.Handler(), made.Readiness(), log)
}

// webUIRole is webui/main.go, with its settings from the bench.
func webUIRole(ctx context.Context, settings map[string]string, _ *http.ServeMux) (serving, error) {
	cfg, err := webui.ReadConfig(env.From(settings))
	if err != nil {
		return serving{}, err
	}
	log, err := newLog(cfg.LogFormat, cfg.LogLevel)
	if err != nil {
		return serving{}, err
	}
	made, err := webui.New(ctx, cfg, log)
	if err != nil {
		return serving{}, err
	}
	return serveTier("webui", cfg.Addr, made.Handler(), made.Readiness(), log)
}

func serveTier(name, addr string, handler http.Handler, readiness *serve.Readiness, log *slog.Logger) (serving, error) {
	listener, err := serve.Listen(addr, strings.ToUpper(name)+"_ADDR")
	if err != nil {
		return serving{}, err
	}
	return serving{url: localURL(listener.Addr()), serve: func(ctx context.Context) error {
		return serve.Run(ctx, serve.Options{Name: name, Listener: listener, Handler: handler, Readiness: readiness, Log: log})
	}}, nil
}

// newLog logs as in production, one line a request, to where it costs its system call and no disk.
func newLog(format, level string) (*slog.Logger, error) {
	nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	return telemetry.NewLogger(nowhere, format, level), nil
}
