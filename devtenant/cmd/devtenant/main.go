// Command devtenant is for development only: it runs a stand-in for one Microsoft Entra tenant and for Azure Resource
// Manager. See the README of package devtenant.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "devtenant:", err)
		}
		os.Exit(1)
	}
}

// run is the program without the process around it.
func run(ctx context.Context, arguments []string, getenv func(string) string, stdout, stderr io.Writer) error {
	s, err := readSettings(arguments, getenv, stderr)
	if err != nil {
		return err
	}
	if s.health {
		return askHealth(ctx, s.options.BrowserAddr)
	}
	s.options.Log = slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: s.logLevel}))
	tenant, err := devtenant.New(s.options)
	if err != nil {
		return err
	}
	if err := tenant.Listen(); err != nil {
		return nameFlag(err, s)
	}
	if err := writeFiles(tenant, s); err != nil {
		return errors.Join(err, tenant.Close())
	}
	printTable(stdout, tenant, s)
	if err := tenant.Serve(ctx); err != nil {
		return err
	}
	fmt.Fprintln(stdout, "\ndevtenant stopped. Whatever was in it is forgotten.")
	return nil
}

// writeFiles writes the certificate authority, and the settings where they are wanted.
func writeFiles(tenant *devtenant.Tenant, s settings) error {
	if err := tenant.WriteCertificate(s.certificate); err != nil {
		return fmt.Errorf("%w; -certificate puts it elsewhere", err)
	}
	settings := tenant.Settings()
	if s.daemon != "" {
		if err := tenant.WriteDaemonCertificate(s.daemon); err != nil {
			return err
		}
		delete(settings, "CONSOLE_APPLICATION_CLIENT_SECRET") // a program has one credential
		var err error
		if settings["CONSOLE_APPLICATION_CLIENT_CERTIFICATE"], err = filepath.Abs(s.daemon); err != nil {
			return fmt.Errorf("finding the daemon certificate's path: %w", err)
		}
	}
	if s.writeEnv == "" {
		return nil
	}
	return writeEnv(s.writeEnv, s.certificate, settings)
}

// nameFlag says which flag changes a port that is taken.
func nameFlag(err error, s settings) error {
	var failed *net.OpError
	if !errors.As(err, &failed) || failed.Addr == nil || !errors.Is(err, syscall.EADDRINUSE) {
		return err
	}
	name, addr := "-back-addr", s.options.BackAddr
	if errors.Is(err, devtenant.ErrFrontChannel) {
		name, addr = "-browser-addr", s.options.BrowserAddr
	}
	return fmt.Errorf("%s is in use by another program; %s takes another address, for example %s localhost:0", addr, name, name)
}
