package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// measureGrowth sends many requests to both tiers and prints what they hold after the first part of them and after all.
// A thing that grows with the number of requests is a leak.
func measureGrowth(ctx context.Context, s *setup, o options, out io.Writer) error {
	targets, err := s.targets(ctx, o)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "target\tusers\trequests\tgoroutines\topen files\theap MB\tresident MB\t")
	for _, t := range targets {
		if t.users == 1 || t.process != s.api && t.process != s.webUI {
			continue
		}
		for sent, reported := 0, 0; ; {
			if sent >= min(10_000, o.growth) && reported == 0 || sent >= o.growth {
				if err := printHeld(ctx, w, t, sent); err != nil {
					return err
				}
				if reported++; sent >= o.growth {
					break
				}
			}
			s.say("%s: %d of %d requests", t.name, sent, o.growth)
			length := 10 * time.Second
			if reported == 0 {
				length = 2 * time.Second
			}
			done, err := s.callers(ctx, t, 32, length)
			if err != nil {
				return err
			}
			sent += done.Requests
		}
	}
	return w.Flush()
}

// printHeld prints what a process holds while nobody calls.
func printHeld(ctx context.Context, w io.Writer, t target, sent int) error {
	time.Sleep(time.Second) // wrk has closed its connections; the server notices each in its own goroutine
	held, err := t.process.settled(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%.1f\t%.1f\t\n", t.name, t.users, sent, held.Goroutines, held.Files, float64(held.Heap)/1e6, float64(held.Resident)/1e6)
	return err
}
