// Command webui is the web UI: it signs users in with Microsoft Entra ID and shows them the Azure subscriptions that the API
// fetches on their behalf.
//
// Its settings are in production.env, or development.env where there is one; see package app for what it does.
package main

import (
	"context"
	"log/slog"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/serve"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/explain"
)

func main() {
	serve.Main(serve.Program{Name: "webui", AddrSetting: "WEBUI_ADDR", DefaultAddr: "localhost:8000", New: newServer})
}

func newServer(ctx context.Context, settings *env.Reader, log *slog.Logger) (serve.Server, error) {
	cfg, err := app.ReadConfig(settings)
	if err != nil {
		return nil, err
	}
	explain.Plug(&cfg) // users see the four hops and what token A says, in production, too; README says how to leave it out
	return app.New(ctx, cfg, log)
}
