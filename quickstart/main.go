// Command quickstart runs the whole sample in one process: a tenant to develop against, the API and the web UI.
//
//	go run ./quickstart
//
// It needs no Azure account and keeps nothing: Ctrl-C stops all of it, and each start is a new tenant.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
)

func main() {
	options, err := readFlags(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		options.Log = os.Stderr
		err = run(options)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(options stack.Options) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	started, err := stack.Start(ctx, options)
	if err != nil {
		return err
	}
	printTable(os.Stdout, started)
	<-ctx.Done()
	fmt.Fprintln(os.Stderr, "stopping")
	return started.Stop()
}
