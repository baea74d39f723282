package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

const usage = `appcreation registers the applications of this sample in a tenant of Microsoft Entra ID.

    go run ./appcreation configure   create or repair them, and write development.env
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
	if len(arguments) > 0 && slices.Contains([]string{"help", "-h", "-help", "--help"}, arguments[0]) {
		_, _ = io.WriteString(out, usage)
		return exitOK
	}
	if len(arguments) == 0 || commands[arguments[0]] == nil {
		if len(arguments) > 0 {
			_, _ = fmt.Fprintln(err, unknownCommand(arguments[0], slices.Sorted(maps.Keys(commands))))
		}
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

// unknownCommand names a mistyped command, and the one that was probably meant.
func unknownCommand(typed string, known []string) string {
	if strings.HasPrefix(typed, "-") {
		return fmt.Sprintf("flags come after the command: %q is in its place", typed)
	}
	text := fmt.Sprintf("there is no command %q", typed)
	nearest := slices.MinFunc(known, func(a, b string) int { return distance(typed, a) - distance(typed, b) })
	if distance(typed, nearest) <= 3 || len(typed) > 2 && strings.HasPrefix(nearest, typed) {
		text += fmt.Sprintf("; did you mean %s?", nearest)
	}
	return text + "\n"
}

// distance is how many letters have to be inserted, left out or replaced to make b of a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
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
