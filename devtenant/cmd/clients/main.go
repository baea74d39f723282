// Clients runs every client that this machine has against devtenant, and prints a table: client, flow, result.
//
//	go run ./devtenant/cmd/clients            runs them all; progress goes to standard error
//	go run ./devtenant/cmd/clients -update    also writes the two tables of devtenant/README.md
//
// A client is a Go test, named in rows.go: the real library or program signs in to a devtenant that the test starts. What
// this machine lacks is a row that says so; with CI=true it is a failure. The README's tables are made of the results: the
// command fails where they differ from what it saw.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "clients:", err)
		os.Exit(1)
	}
}

const readme = "devtenant/README.md"

func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("clients", flag.ContinueOnError)
	flags.SetOutput(stderr)
	update := flags.Bool("update", false, "write the tables of "+readme)
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if _, err := os.Stat(readme); err != nil {
		return fmt.Errorf("start it in the project's folder: %w", err)
	}
	results, err := runTests(ctx, testsOf(clients, features), stderr)
	if err != nil {
		return err
	}
	printTable(stdout, clients, results)
	failed, absent := results.count()
	switch {
	case failed > 0:
		return fmt.Errorf("%d of %d tests failed", failed, len(results))
	case absent > 0 && os.Getenv("CI") == "true":
		return fmt.Errorf("%d of %d tests did not run, and CI=true", absent, len(results))
	case absent > 0 && *update:
		return fmt.Errorf("%d of %d tests did not run here: the README's tables are left as they are", absent, len(results))
	case absent > 0:
		return nil // each is in the table with its reason
	}
	current, err := os.ReadFile(readme)
	if err != nil {
		return fmt.Errorf("reading %s: %w", readme, err)
	}
	wanted, err := withTables(string(current), clients, features, results)
	if err != nil {
		return err
	}
	if wanted == string(current) {
		return nil
	}
	if !*update {
		return errors.New("the tables of " + readme + " are not what was seen; run go run ./devtenant/cmd/clients -update")
	}
	if err := os.WriteFile(readme, []byte(wanted), 0o644); err != nil {
		return fmt.Errorf("writing %s: %w", readme, err)
	}
	return nil
}
