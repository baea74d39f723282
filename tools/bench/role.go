package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

// roleVariable makes this program one of the processes that are measured, and says which. The processes are this program
// and not the tiers' own, because what they allocate can only be read from inside; what serves is the tiers' own
// handlers, by the same few calls as in their mains.
const roleVariable = "BENCH_ROLE"

// announcement is what a process says of itself, in one line on its standard output, once it serves.
type announcement struct {
	URL   string `json:"url"`   // what is measured
	Gauge string `json:"gauge"` // what it says of itself; see gauge.go
}

// role is one process: it reads its settings, serves on the listener, and may have more for the gauge's address.
type role func(ctx context.Context, settings map[string]string, gauge *http.ServeMux) (serving, error)

// serving is what a role set up.
type serving struct {
	url   string
	serve func(context.Context) error // until the context is done
}

var roles = map[string]role{
	"devtenant": tenantRole, "resource manager": resourceManagerRole, "api": apiRole, "webui": webUIRole,
	"forwarder": forwarderRole, "plain": plainRole,
}

// runRole is the process of a role. Its settings are one line of JSON on its standard input, and it ends when that is
// closed: not even a bench that is killed leaves processes behind.
func runRole(ctx context.Context, name string) error {
	start, ok := roles[name]
	if !ok {
		return fmt.Errorf("there is no role %q", name)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	decoder := json.NewDecoder(os.Stdin)
	var settings map[string]string
	if err := decoder.Decode(&settings); err != nil {
		return fmt.Errorf("reading the settings of the role %s: %w", name, err)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	mux := gauge()
	made, err := start(ctx, settings, mux)
	if err != nil {
		return fmt.Errorf("starting the role %s: %w", name, err)
	}
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		return err
	}
	inside := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = inside.Serve(listener) }()
	defer inside.Close()
	announced := announcement{URL: made.url, Gauge: "http://" + listener.Addr().String()}
	if err := json.NewEncoder(os.Stdout).Encode(announced); err != nil {
		return err
	}
	if err := made.serve(ctx); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
