package stack

import (
	"context"
	"log/slog"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/serve"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/orders/app"
)

func startOrders(ctx context.Context, settings *env.Reader, log *slog.Logger) (serve.Server, error) {
	cfg, err := app.ReadConfig(settings)
	if err != nil {
		return nil, err
	}
	return app.New(ctx, cfg, log)
}
