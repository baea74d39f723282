package main

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// The bounds of -short. None is on time: the machine that it runs on may do anything else besides.
const (
	maxResident   = 160 << 20 // of a tier; 40 to 60 MB are usual, most of which is the program itself
	maxHeap       = 16 << 20  // of a tier while nobody calls; 2 to 4 MB are usual
	maxGoroutines = 128       // of a tier while nobody calls: two for each connection that it keeps, for a minute
	maxFetches    = 3         // of keys and of discovery documents: one by each tier at its start, and by the plain API
)

// checkBounds holds what the tiers asked of the tenant, and what they hold, against the bounds.
func checkBounds(ctx context.Context, s *setup, o options, progress io.Writer) error {
	counts, err := s.counts(ctx)
	if err != nil {
		return err
	}
	// Each user has a token A of their own for the calls of the API, and another from signing in; alice likewise. Two
	// exchanges are the bench's own: for the forwarder's token, and for Resource Manager's answer.
	exchanges := 2*(o.users+1) + 2
	var broken []error
	bound := func(what string, got, most int) {
		fmt.Fprintf(progress, "       %s: %d, at most %d\n", what, got, most)
		if got > most {
			broken = append(broken, fmt.Errorf("%s: %d, at most %d are in order", what, got, most))
		}
	}
	bound("exchanges", counts["token:on_behalf_of"], exchanges)
	bound("renewals", counts["token:refresh_token"], 0)
	bound("fetches of keys", counts["keys"], maxFetches)
	bound("fetches of discovery documents", counts["discovery"], maxFetches)
	for _, p := range []*process{s.api, s.webUI} {
		held, err := p.settled(ctx)
		if err != nil {
			return err
		}
		bound(p.name+" resident bytes", int(held.Resident), maxResident)
		bound(p.name+" heap bytes", int(held.Heap), maxHeap)
		bound(p.name+" goroutines", int(held.Goroutines), maxGoroutines)
	}
	return errors.Join(broken...)
}
