// Package stack runs devtenant and all tiers in one process: go run ./quickstart does, and so do the tests and the benchmarks that want
// the whole chain. Nothing is shared between them but the process: they meet over the network, with the settings that production.env
// names.
package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"

	api "github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/serve"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
	webui "github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
)

// Options says where the programs listen; "" is the default port of each, and localhost:0 a free one.
type Options struct {
	WebUIAddr   string // localhost:8000
	APIAddr     string // localhost:8001
	BrowserAddr string // localhost:8002, devtenant, for browsers
	BackAddr    string // localhost:8003, devtenant, for the tiers
	OrdersAddr  string // localhost:8004

	// Settings replace those that devtenant proposes, by the names of production.env.
	Settings map[string]string
	// Tenant, API and WebUI change each before it starts, for what is no setting: limits, clocks; nil changes nothing.
	Tenant func(*devtenant.Options)
	API    func(*api.Config)
	WebUI  func(*webui.Config)
	// Log gets what the tiers log; nil drops it.
	Log io.Writer
}

// FreePorts are options with which each program listens on a free port.
func FreePorts() Options {
	const free = "localhost:0"
	return Options{
		WebUIAddr: free, APIAddr: free, BrowserAddr: free, BackAddr: free,
		OrdersAddr: free,
	}
}

// Stack is the programs, running.
type Stack struct {
	Tenant   *devtenant.Tenant
	Settings map[string]string // what both tiers were started with
	WebUI    *Tier
	API      *Tier
	Orders   *Tier

	tiers      []*Tier // each before those that it calls
	stopTenant context.CancelFunc
	tenantDone chan error
	dir        string // holds devtenant's certificate
}

// Start starts all of them and returns once they serve. A port that is in use is named, with the flag of quickstart that
// changes it.
func Start(ctx context.Context, o Options) (*Stack, error) {
	s := &Stack{}
	if err := s.start(ctx, o); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Stack) start(ctx context.Context, o Options) (err error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	log := telemetry.NewLogger(o.Log, o.Settings["LOG_FORMAT"], o.Settings["LOG_LEVEL"])
	// The tiers' addresses are opened first: the tenant has to know where the web UI will be.
	for _, tier := range []struct {
		is         **Tier
		name, addr string
		create     create
	}{
		{&s.WebUI, "webui", cmp.Or(o.WebUIAddr, "localhost:8000"), startWebUI(o.WebUI)},
		{&s.API, "api", cmp.Or(o.APIAddr, "localhost:8001"), startAPI(o.API)},
		{&s.Orders, "orders", cmp.Or(o.OrdersAddr, "localhost:8004"), startOrders},
	} {
		listener, err := serve.Listen(tier.addr, "-"+tier.name+"-addr")
		if err != nil {
			return err
		}
		*tier.is = newTier(tier.name, listener, log, tier.create)
		s.tiers = append(s.tiers, *tier.is)
	}
	if err := s.startTenant(ctx, o, log); err != nil {
		return err
	}
	s.Settings = s.Tenant.Settings()
	s.Settings["TRUSTED_CA_FILE"] = filepath.Join(s.dir, "devtenant-ca.pem")
	s.Settings["API_MCP"], s.Settings["API_PUBLIC_URL"] = "on", s.API.URL
	s.Settings["API_ORDERS_URL"], s.Settings["WEBUI_ORDERS"] = s.Orders.URL, "on"
	maps.Copy(s.Settings, o.Settings)
	if err := s.Tenant.WriteCertificate(s.Settings["TRUSTED_CA_FILE"]); err != nil {
		return fmt.Errorf("writing devtenant's certificate: %w", err)
	}
	for _, tier := range slices.Backward(s.tiers) {
		if err := tier.start(ctx, s.Settings); err != nil {
			return err
		}
	}
	return nil
}

func (s *Stack) startTenant(ctx context.Context, o Options, log *slog.Logger) error {
	options := devtenant.Options{
		BrowserAddr: cmp.Or(o.BrowserAddr, "localhost:8002"),
		BackAddr:    cmp.Or(o.BackAddr, "localhost:8003"),
		WebUIURL:    s.WebUI.URL,
		APIURL:      s.API.URL,
		Log:         log.With("tier", "devtenant"),
	}
	if o.Tenant != nil {
		o.Tenant(&options)
	}
	for _, listens := range []struct{ addr, flag string }{{options.BrowserAddr, "-browser-addr"}, {options.BackAddr, "-back-addr"}} {
		if err := free(listens.addr, listens.flag); err != nil {
			return err
		}
	}
	var err error
	if s.Tenant, err = devtenant.New(options); err != nil {
		return fmt.Errorf("making the tenant: %w", err)
	}
	if err := s.Tenant.Listen(); err != nil {
		return fmt.Errorf("starting the tenant: %w", err)
	}
	if s.dir, err = os.MkdirTemp("", "devtenant-"); err != nil {
		return fmt.Errorf("making a folder for devtenant's certificate: %w", err)
	}
	ctx, s.stopTenant = context.WithCancel(context.WithoutCancel(ctx))
	s.tenantDone = make(chan error, 1)
	go func() { s.tenantDone <- s.Tenant.Serve(ctx) }()
	return nil
}

// free reports a busy port by the flag that changes it; devtenant listens by itself and knows no flags.
func free(addr, flag string) error {
	if addr == devtenant.NoAddress {
		return nil
	}
	listener, err := serve.Listen(addr, flag)
	if err != nil {
		return err
	}
	return listener.Close()
}

// Stop stops the web UI, what it calls, and the tenant, in that order, and waits for them.
func (s *Stack) Stop() error {
	var failed error
	for _, tier := range s.tiers {
		failed = errors.Join(failed, tier.stop())
	}
	if s.stopTenant != nil {
		s.stopTenant()
		failed = errors.Join(failed, <-s.tenantDone)
	}
	if s.dir != "" {
		failed = errors.Join(failed, os.RemoveAll(s.dir))
	}
	return failed
}
