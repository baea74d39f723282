// Command appcreation registers this sample's applications in a tenant, repairs them, and removes them again.
//
//	go run ./appcreation configure | cleanup | doctor [flags]
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/command"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := command.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
