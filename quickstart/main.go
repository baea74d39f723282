// Command quickstart runs the whole sample in one process: a tenant to develop against, the API and the web UI.
//
//	go run ./quickstart
//
// It needs no Azure account and keeps nothing: Ctrl-C stops all of it, and each start is a new tenant.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
)

func main() {
	var options stack.Options
	flag.StringVar(&options.WebUIAddr, "webui-addr", "localhost:8000", "where the web UI listens")
	flag.StringVar(&options.APIAddr, "api-addr", "localhost:8001", "where the API listens")
	flag.StringVar(&options.BrowserAddr, "browser-addr", "localhost:8002", "where devtenant listens for browsers")
	flag.StringVar(&options.BackAddr, "back-addr", "localhost:8003", "where devtenant listens for the two tiers, with TLS")
	level := flag.String("log-level", "warn", "what to log, to standard error: debug, info, warn or error")
	flag.Parse()
	options.Log = os.Stderr
	options.Settings = map[string]string{"LOG_LEVEL": *level}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, options); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, options stack.Options) error {
	started, err := stack.Start(ctx, options)
	if err != nil {
		return err
	}
	printTable(os.Stdout, started)
	<-ctx.Done()
	fmt.Fprintln(os.Stderr, "stopping")
	return started.Stop()
}
