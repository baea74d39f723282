// Command api is the middle tier: a web API that calls Azure Resource Manager on behalf of its callers' users.
//
// Its settings are in production.env, or development.env where there is one; see package app for what it does.
package main

import (
	"context"
	"log/slog"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/explain"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/serve"
)

func main() {
	serve.Main(serve.Program{Name: "api", AddrSetting: "API_ADDR", DefaultAddr: "localhost:8001", New: newAPI})
}

func newAPI(ctx context.Context, settings *env.Reader, log *slog.Logger) (serve.Server, error) {
	cfg, err := app.ReadConfig(settings)
	if err != nil {
		return nil, err
	}
	explain.Plug(&cfg) // development only; package explain says how to leave it out
	return app.New(ctx, cfg, log)
}
