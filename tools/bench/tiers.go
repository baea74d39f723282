package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"

	api "github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/serve"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
	webui "github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
	webuiexplain "github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/explain"
)

// apiRole is api/main.go, with its settings from the bench.
func apiRole(ctx context.Context, settings map[string]string, _ *http.ServeMux) (serving, error) {
	return tierRole(ctx, settings, serve.Program{
		Name: "api", AddrSetting: "API_ADDR", DefaultAddr: "localhost:8001",
		New: func(ctx context.Context, settings *env.Reader, log *slog.Logger) (serve.Server, error) {
			cfg, err := api.ReadConfig(settings)
			if err != nil {
				return nil, err
			}
			cfg.Development = false // what is measured is production, which would refuse devtenant's settings
			return api.New(ctx, cfg, log)
		},
	})
}

// webUIRole is webui/main.go, with its settings from the bench.
func webUIRole(ctx context.Context, settings map[string]string, _ *http.ServeMux) (serving, error) {
	return tierRole(ctx, settings, serve.Program{
		Name: "webui", AddrSetting: "WEBUI_ADDR", DefaultAddr: "localhost:8000",
		New: func(ctx context.Context, settings *env.Reader, log *slog.Logger) (serve.Server, error) {
			cfg, err := webui.ReadConfig(settings)
			if err != nil {
				return nil, err
			}
			cfg.Development = false
			webuiexplain.Plug(&cfg)
			return webui.New(ctx, cfg, log)
		},
	})
}

func tierRole(ctx context.Context, settings map[string]string, program serve.Program) (serving, error) {
	reader := env.From(settings)
	own := program.ReadSettings(reader)
	log, err := newLog(settings)
	if err != nil {
		return serving{}, err
	}
	made, err := program.New(ctx, reader, log)
	if err != nil {
		return serving{}, err
	}
	listener, err := serve.Listen(own.Addr, program.AddrSetting)
	if err != nil {
		return serving{}, err
	}
	return serving{url: localURL(listener.Addr()), serve: func(ctx context.Context) error {
		return serve.Run(ctx, serve.Options{Name: program.Name, Listener: listener, Handler: made.Handler(), Readiness: made.Readiness(), Log: log})
	}}, nil
}

// newLog logs what a tier logs in production by default, in JSON, into a file.
func newLog(settings map[string]string) (*slog.Logger, error) {
	file, err := os.OpenFile(settings["LOG_FILE"], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return telemetry.NewLogger(file, settings["LOG_FORMAT"], settings["LOG_LEVEL"]), nil
}
