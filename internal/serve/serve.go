// Package serve runs a tier's HTTP server: its listener, its deadlines, its health and its end.
package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"
)

// The deadlines of a server. net/http's are zero, which lets one slow client hold a connection for ever.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = 60 * time.Second // above the longest answer a handler may take
	idleTimeout       = 90 * time.Second
	grace             = 20 * time.Second // for requests under way when the server is told to stop
	maxHeaderBytes    = 32 << 10         // room for a bearer token of 24 KiB, or for cookies; longer ones are answered 431
)

// windowsAddressInUse is WSAEADDRINUSE, which package syscall doesn't take for its EADDRINUSE.
const windowsAddressInUse = syscall.Errno(10048)

// Options says what to serve and where.
type Options struct {
	// Name is the tier's name in the log, such as "api".
	Name string
	// Listener is where requests arrive; see [Listen].
	Listener net.Listener
	// Handler answers every request, those for health included.
	Handler http.Handler
	// Readiness is told when the server drains.
	Readiness *Readiness
	// DrainDelay is how long the server goes on accepting after it said that it isn't ready, so that balancers notice
	// before connections are refused. Zero suits a developer's machine.
	DrainDelay time.Duration
	Log        *slog.Logger
}

// Listen opens addr (host:port). Where the port is taken, the error names it and setting, the setting or flag that changes it.
func Listen(addr, setting string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, windowsAddressInUse) {
		return nil, fmt.Errorf("%s is in use by another program; stop that one, or choose another address with %s", addr, setting)
	}
	if err != nil {
		return nil, fmt.Errorf("listening on %s (set by %s): %w", addr, setting, err)
	}
	return listener, nil
}

// Run serves until ctx is done. Then it says that it isn't ready, waits for the drain delay, stops accepting and lets
// requests under way finish within the grace period. It returns nil when all of them did.
func Run(ctx context.Context, o Options) error {
	server := &http.Server{
		Handler:           o.Handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(o.Listener) }()
	o.Log.InfoContext(ctx, "serving", "name", o.Name, "address", o.Listener.Addr().String())

	select {
	case err := <-failed:
		return fmt.Errorf("serving %s: %w", o.Name, err)
	case <-ctx.Done():
	}
	o.Log.Info("draining", "name", o.Name)
	o.Readiness.draining.Store(true)
	select {
	case err := <-failed:
		return fmt.Errorf("serving %s: %w", o.Name, err)
	case <-time.After(o.DrainDelay):
	}
	// ctx is done already; requests under way get a context of their own to finish in.
	shutdown, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := server.Shutdown(shutdown); err != nil {
		_ = server.Close()
		return fmt.Errorf("stopping %s: requests were still under way after %s: %w", o.Name, grace, err)
	}
	o.Log.Info("stopped", "name", o.Name)
	return nil
}
