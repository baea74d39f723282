package main

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
)

// readFlags reads the command line. What is wrong is told by the flag's name, which is what people typed.
func readFlags(arguments []string, output io.Writer) (stack.Options, error) {
	var o stack.Options
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.StringVar(&o.WebUIAddr, "webui-addr", "localhost:8000", "where the web UI listens")
	flags.StringVar(&o.APIAddr, "api-addr", "localhost:8001", "where the API listens")
	flags.StringVar(&o.BrowserAddr, "browser-addr", "localhost:8002", "where devtenant listens for browsers")
	flags.StringVar(&o.BackAddr, "back-addr", "localhost:8003", "where devtenant listens for the two tiers, with TLS")
	flags.StringVar(&o.OrdersAddr, "orders-addr", "localhost:8004", "where the orders API listens")
	tenantFile := flags.String("tenant", "", "a file with other users, applications and subscriptions; its form is devtenant/directory/tenant.json")
	level := flags.String("log-level", "warn", "what to log, to standard error: debug, info, warn or error")
	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("%q is not a flag; quickstart -help lists them", flags.Arg(0))
	}
	for _, name := range []string{
		"webui-addr", "api-addr", "browser-addr", "back-addr",
		"orders-addr",
	} {
		addr := flags.Lookup(name).Value.String()
		if _, port, err := net.SplitHostPort(addr); err != nil || port == "" {
			return o, fmt.Errorf("-%s %s: want host:port, such as localhost:8000; port 0 is a free one", name, addr)
		}
	}
	if err := new(slog.Level).UnmarshalText([]byte(*level)); err != nil {
		return o, fmt.Errorf("-log-level %s: want debug, info, warn or error", *level)
	}
	o.Settings = map[string]string{"LOG_LEVEL": *level}
	if *tenantFile == "" {
		return o, nil
	}
	people, err := readTenant(*tenantFile)
	if err != nil {
		return o, fmt.Errorf("-tenant %s: %w", *tenantFile, err)
	}
	o.Tenant = func(options *devtenant.Options) { options.Directory = people }
	return o, nil
}

// readTenant reads who and what is in the tenant.
func readTenant(name string) (*directory.Directory, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return directory.Load(file)
}
