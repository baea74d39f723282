// Command bench measures what the API and the web UI add to a call, beside handlers that only forward it. From the
// repository's top folder:
//
//	go run ./tools/bench
//
// starts a development tenant, the API, the web UI and the handlers that they are compared with, each a process of its own on
// this machine, puts the same load on each in turn, and prints one table. See the README beside this file for what the figures mean.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// options are the command's flags.
type options struct {
	users     int
	callers   []int
	duration  time.Duration // of one measurement
	rounds    int
	short     bool
	growth    int
	startUp   bool
	profile   string
	plot      string
	devtenant bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if role := os.Getenv(roleVariable); role != "" {
		err = runRole(ctx, role)
	} else {
		err = run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	}
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func readOptions(arguments []string, progress io.Writer) (options, error) {
	o := options{callers: []int{1, 8, 32, 128}}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(progress)
	flags.IntVar(&o.users, "users", 10_000, "how many users there are where there are many")
	flags.Func("callers", "how many call at a time, separated by commas (default 1,8,32,128)", func(list string) error {
		o.callers = nil
		for _, text := range strings.Split(list, ",") {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 {
				return errors.New("it should be numbers from 1 on")
			}
			o.callers = append(o.callers, n)
		}
		return nil
	})
	flags.DurationVar(&o.duration, "duration", time.Second, "length of one measurement")
	flags.IntVar(&o.rounds, "rounds", 9, "how often each is measured; the table shows the medians")
	flags.BoolVar(&o.short, "short", false, "a few seconds with bounds on memory, exchanges and key fetches, and none on time: for CI")
	flags.IntVar(&o.growth, "growth", 0, "instead, send so many requests to both tiers and compare memory, goroutines and files before and after")
	flags.BoolVar(&o.startUp, "startup", false, "instead, build both programs and measure their size and how soon they are ready")
	flags.StringVar(&o.profile, "profile", "", "folder for CPU and allocation profiles of the processes, taken while eight callers call")
	flags.StringVar(&o.plot, "plot", "", "SVG file for a picture of the table")
	flags.BoolVar(&o.devtenant, "devtenant", false, "have the development tenant behind everything, and not the quick Resource Manager")
	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("%q is not a flag; -help lists them", flags.Arg(0))
	}
	if o.short {
		o.users, o.callers, o.duration, o.rounds = 40, []int{8}, time.Second, 1
	}
	if o.users < 2 || o.rounds < 1 || o.duration < time.Second {
		return o, errors.New("there are at least two users, one round, and a second for each measurement")
	}
	return o, nil
}

// run is the command without the process around it. Results go to out and all else to progress.
func run(ctx context.Context, arguments []string, out, progress io.Writer) error {
	o, err := readOptions(arguments, progress)
	if err != nil {
		return err
	}
	s, err := startSetup(ctx, o, progress)
	if err != nil {
		return err
	}
	defer s.stop()
	switch {
	case o.startUp:
		return measureStartUp(ctx, s, out)
	case o.growth > 0:
		return measureGrowth(ctx, s, o, out)
	}
	results, err := measureAll(ctx, s, o)
	if err != nil {
		return err
	}
	if err := printTable(out, results); err != nil {
		return err
	}
	if o.plot != "" {
		if err := os.WriteFile(o.plot, drawPlot(results), 0o644); err != nil {
			return fmt.Errorf("writing the plot: %w", err)
		}
	}
	if o.short {
		return checkBounds(ctx, s, o, progress)
	}
	return nil
}
