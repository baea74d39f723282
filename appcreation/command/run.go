package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
)

const usage = `appcreation registers the two applications of this sample in a tenant of Microsoft Entra ID.

    go run ./appcreation configure   create or repair both, and write development.env
    go run ./appcreation cleanup     delete what configure made
    go run ./appcreation doctor      find what is wrong, and say how to mend it

To try it without Azure, start go run ./devtenant/cmd/devtenant and add --cloud devtenant.
Flags: go run ./appcreation <command> --help
`

// Exit codes of [Run].
const (
	exitOK      = 0
	exitFailed  = 1 // or doctor found something
	exitMisused = 2
)

// Run is the program: it parses the command line, does what it says, and returns the exit code.
func Run(ctx context.Context, arguments []string, in io.Reader, out, err io.Writer) int {
	commands := map[string]func(context.Context, Options) error{
		"configure": func(ctx context.Context, o Options) error { _, err := Configure(ctx, o); return err },
		"cleanup":   Cleanup,
		"doctor": func(ctx context.Context, o Options) error {
			findings, err := Doctor(ctx, o)
			if err == nil && Problems(findings) > 0 {
				err = errFound
			}
			return err
		},
	}
	if len(arguments) == 0 || commands[arguments[0]] == nil {
		_, _ = io.WriteString(err, usage)
		return exitMisused
	}
	options := Options{In: in, Out: out, Err: err}
	flags := options.flags(arguments[0])
	flags.SetOutput(err)
	switch parseErr := flags.Parse(arguments[1:]); {
	case errors.Is(parseErr, flag.ErrHelp):
		return exitOK
	case parseErr != nil:
		return exitMisused
	case flags.NArg() > 0:
		_, _ = fmt.Fprintf(err, "what should %q mean? Flags come after the command: go run ./appcreation %s --help\n", flags.Arg(0), arguments[0])
		return exitMisused
	}
	failed := commands[arguments[0]](ctx, options)
	if failed == nil {
		return exitOK
	}
	report(err, failed)
	return exitFailed
}

// errFound is doctor's success: it found something.
var errFound = errors.New("")

// report writes an error and, where it knows, what to do next.
func report(w io.Writer, failed error) {
	switch {
	case errors.Is(failed, errFound):
		return
	case errors.Is(failed, context.Canceled):
		_, _ = fmt.Fprintln(w, "\nStopped. Run the same command again: it goes on where it stopped.")
		return
	}
	_, _ = fmt.Fprintf(w, "\nError: %v\n", failed)
	var helpful interface{ Help() string }
	if errors.As(failed, &helpful) && helpful.Help() != "" {
		_, _ = fmt.Fprintf(w, "\n%s\n", helpful.Help())
	}
}
