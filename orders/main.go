// Command orders is a small API of your own: the API calls it on behalf of users, with a scope for each thing that one can do.
//
// Its settings begin with ORDERS_ in production.env; see package app for what it does.
package main

import (
	"context"
	"log/slog"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/serve"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/orders/app"
)

func main() {
	serve.Main(serve.Program{Name: "orders", AddrSetting: "ORDERS_ADDR", DefaultAddr: "localhost:8004", New: newOrders})
}

func newOrders(ctx context.Context, settings *env.Reader, log *slog.Logger) (serve.Server, error) {
	cfg, err := app.ReadConfig(settings)
	if err != nil {
		return nil, err
	}
	return app.New(ctx, cfg, log)
}
