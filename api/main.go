// Command api is the middle tier: a web API that calls Azure Resource Manager on behalf of its callers' users.
//
// Its settings are in production.env, or development.env where there is one; see package server for what it does.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/server"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/serve"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
)

func main() {
	health := flag.Bool("health", false, "ask the API that runs on this machine whether it is ready, and exit with 0 or 1")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	if err := run(ctx, *health); err != nil {
		fmt.Fprintln(os.Stderr, "api:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, health bool) error {
	settings, err := env.Open(".")
	if err != nil {
		return err
	}
	cfg, err := server.ReadConfig(settings)
	if health {
		// The address is all it takes; what is wrong with the settings the server itself has said.
		return serve.AskReady(ctx, cfg.Addr, nil)
	}
	if err != nil {
		return err
	}
	log := telemetry.NewLogger(os.Stderr, cfg.LogFormat, cfg.LogLevel)
	api, err := server.New(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer api.Close()
	listener, err := serve.Listen(cfg.Addr, "API_ADDR")
	if err != nil {
		return err
	}
	return serve.Run(ctx, serve.Options{
		Name: "api", Listener: listener, Handler: api.Handler(), Readiness: api.Readiness(), DrainDelay: cfg.DrainDelay, Log: log,
	})
}
