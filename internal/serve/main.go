package serve

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
)

// Server is a tier: what it answers, whether it wants requests, and how it ends.
type Server interface {
	Handler() http.Handler
	Readiness() *Readiness
	Close() error
}

// Program is what a tier's main function is made of.
type Program struct {
	Name        string // in the log and in front of errors, such as "api"
	AddrSetting string // names the setting with the address to listen on, such as "API_ADDR"
	DefaultAddr string // where that isn't set
	// New makes the server of its settings. Its error names all settings that are missing or wrong.
	New func(context.Context, *env.Reader, *slog.Logger) (Server, error)
}

// Settings are those of every program.
type Settings struct {
	Addr       string        // where to listen, host:port
	DrainDelay time.Duration // [Options.DrainDelay]
	Log        *slog.Logger
}

// productionDrainDelay gives a balancer time for a few checks of GET /readyz. With the 20 seconds of grace behind it, it stays
// below the 30 that Kubernetes and most platforms leave a program to end in.
const productionDrainDelay = 5 * time.Second

// ReadSettings asks for the program's own settings. What is wrong with them is in the reader's error.
func (p Program) ReadSettings(r *env.Reader) Settings {
	drainDelay := productionDrainDelay
	if r.Development() {
		drainDelay = 0 // nobody wants to wait after Ctrl-C
	}
	return Settings{
		Addr:       r.Address(p.AddrSetting, p.DefaultAddr),
		DrainDelay: r.Duration("DRAIN_DELAY", drainDelay),
		Log:        telemetry.ReadLogger(r, os.Stderr),
	}
}

// Main runs a program until it is told to stop, and ends the process with status 1 where it fails. With the flag -health it asks
// the one that runs on this machine whether it is ready.
func Main(p Program) {
	health := flag.Bool("health", false, "ask the "+p.Name+" that runs on this machine whether it is ready, and exit with 0 or 1")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	if err := p.run(ctx, *health); err != nil {
		fmt.Fprintln(os.Stderr, p.Name+":", err)
		os.Exit(1)
	}
}

func (p Program) run(ctx context.Context, health bool) error {
	reader, err := env.Open(".")
	if err != nil {
		return err
	}
	settings := p.ReadSettings(reader)
	if health {
		// The address is all it takes; what is wrong with the settings the server itself has said.
		return AskReady(ctx, settings.Addr)
	}
	server, err := p.New(ctx, reader, settings.Log)
	if err != nil {
		return err
	}
	defer server.Close()
	listener, err := Listen(settings.Addr, p.AddrSetting)
	if err != nil {
		return err
	}
	return Run(ctx, Options{
		Name: p.Name, Listener: listener, Handler: server.Handler(), Readiness: server.Readiness(),
		DrainDelay: settings.DrainDelay, Log: settings.Log,
	})
}
