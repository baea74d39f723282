// Command azd is the hooks of azure.yaml: it registers the two applications for an azd environment, says what they trust once
// that is there, and takes them away again.
//
//	go run ./deploy/azd preprovision    register both, without a credential; their client ids become parameters
//	go run ./deploy/azd postprovision   trust the tiers' managed identities, and register the redirect URI
//	go run ./deploy/azd postdown        delete both
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./deploy/azd preprovision|postprovision|postdown")
		os.Exit(2)
	}
	if err := run(ctx, os.Args[1], os.Getenv, setValue); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", os.Args[1], err)
		stop()
		os.Exit(1)
	}
}

// setValue keeps a value in azd's environment, where the parameters of infra/ come from.
func setValue(ctx context.Context, name, value string) error {
	command := exec.CommandContext(ctx, "azd", "env", "set", name, value)
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("azd env set %s: %w", name, err)
	}
	return nil
}
