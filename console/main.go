// Command console lists Azure subscriptions by the API, from a terminal.
//
//	go run ./console                  signs a user in with the browser (authorization code, PKCE, a redirect to this machine)
//	go run ./console -device-code     signs a user in on another device, where this one has no browser
//	go run ./console -as-application  acts without a user, with a secret or certificate and the app role Subscriptions.Read.All
//	go run ./console mcp              calls one of the API's tools as an agent does (Model Context Protocol)
//
// The subscriptions go to standard output, as a table or, with -json, as JSON; everything else goes to standard error. Tokens are kept
// nowhere: each run signs in anew. MSAL's extension could keep them, but on Linux it needs the C library of the desktop's keyring, and
// where there is none the choice is a file that every program of the user can read.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

// options are the command line's.
type options struct {
	deviceCode    bool
	asApplication bool
	json          bool
	browse        func(address string) error // opens the browser; nil has MSAL do it
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], func() (*env.Reader, error) { return env.Open(".") }, os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "console:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string, open func() (*env.Reader, error), stdout, stderr io.Writer) error {
	commands := map[string]func(context.Context, []string) error{
		"mcp": mcpCommand{open: open, stdout: stdout, stderr: stderr}.run,
	}
	if len(arguments) > 0 && commands[arguments[0]] != nil {
		return commands[arguments[0]](ctx, arguments[1:])
	}
	var o options
	flags := flag.NewFlagSet("console", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&o.deviceCode, "device-code", false, "sign in on another device, with a code; organizations may block this (AADSTS53003)")
	flags.BoolVar(&o.asApplication, "as-application", false, "act without a user: CONSOLE_APPLICATION_CLIENT_ID with its _SECRET or _CERTIFICATE")
	flags.BoolVar(&o.json, "json", false, "print the API's answer as JSON, and no table")
	flags.Usage = func() {
		fmt.Fprint(stderr, "Lists Azure subscriptions by the API. Without a flag it signs you in with the browser.\n")
		fmt.Fprint(stderr, "\"console mcp -h\" tells of its tools for agents.\n")
		fmt.Fprintln(stderr)
		flags.PrintDefaults()
		fmt.Fprint(stderr, "\nSettings, from development.env or the environment: AUTHORITY, CONSOLE_API_URL, CONSOLE_API_SCOPE, CONSOLE_CLIENT_ID,\nTRUSTED_CA_FILE.\n")
	}
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if o.deviceCode && o.asApplication {
		return errors.New("-device-code signs a user in, and -as-application acts without one: leave one of them")
	}
	return o.list(ctx, open, stdout, stderr)
}

// list signs in, and writes what the API answers.
func (o options) list(ctx context.Context, open func() (*env.Reader, error), stdout, stderr io.Writer) error {
	reader, err := open()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute) // as long as a device code lives
	defer cancel()
	cfg, err := readConfig(reader, o)
	if err != nil {
		return err
	}
	token, path, err := cfg.signIn(ctx, o, stderr)
	if err != nil {
		return err
	}
	fmt.Fprintln(stderr, "Asking the API …")
	body, err := cfg.call(ctx, path, token)
	if err != nil {
		return err
	}
	return show(stdout, body, o.json)
}
