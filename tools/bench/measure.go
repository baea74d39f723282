package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// measured is one line of the table: the medians of all rounds.
type measured struct {
	name     string
	users    int
	callers  int
	rate     float64 // requests a second
	p50, p99 time.Duration
	cpu      time.Duration // of the process, for a request
	shared   time.Duration // of the tenant's process, for a request: what all lines pay alike
	allocs   float64       // objects, for a request
	bytes    float64       // allocated, for a request
	heap     uint64        // after the last round
	resident uint64
	ratio    float64       // of the rate to the forwarders' in the same round
	over     time.Duration // p50 over the forwarders' in the same round
	p99Ratio float64
}

// targets makes the users and says what is measured. Each line is compared with the last forwarder before it.
func (s *setup) targets(ctx context.Context, o options) ([]target, error) {
	many := fmt.Sprintf("?users=%d", o.users)
	var list []target
	for _, t := range []struct {
		target
		from, prefix string
	}{
		{target{name: "forwarder", users: 1, process: s.forwarder, header: "Accept"}, "/token-a", "Bearer "},
		{target{name: "plain", users: 1, process: s.plain, header: "Authorization"}, "/token-a", "Bearer "},
		{target{name: "api", users: 1, process: s.api, header: "Authorization"}, "/token-a", "Bearer "},
		{target{name: "api", users: o.users, process: s.api, header: "Authorization"}, "/token-a" + many, "Bearer "},
		{target{name: "two forwarders", users: 1, process: s.twoForwarders, header: "Accept"}, "/token-a", "Bearer "},
		{target{name: "webui", users: 1, process: s.webUI, header: "Cookie"}, "/sign-in", ""},
		{target{name: "webui", users: o.users, process: s.webUI, header: "Cookie"}, "/sign-in" + many, ""},
	} {
		s.say("preparing %s with %d users", t.name, t.users)
		values, err := s.headers(ctx, t.from, t.prefix)
		if err != nil {
			return nil, err
		}
		t.target.values = values
		list = append(list, t.target)
		// One run in which each user comes at least once, so that what is measured is warm.
		for length := time.Second; ; length *= 3 {
			warm, err := s.callers(ctx, t.target, 8, length)
			if err != nil {
				return nil, err
			}
			if warm.Requests >= t.users {
				break
			}
		}
	}
	return list, nil
}

// measureAll measures every target under every load, in rounds, so that whatever else the machine does meets all alike.
func measureAll(ctx context.Context, s *setup, o options) ([]measured, error) {
	targets, err := s.targets(ctx, o)
	if err != nil {
		return nil, err
	}
	var all []measured
	for round := range o.rounds {
		for _, callers := range o.callers {
			s.say("round %d, %d callers", round+1, callers)
			var forwarder measured
			for _, t := range targets {
				m, err := s.measure(ctx, t, callers, o)
				if err != nil {
					return nil, err
				}
				if t.name == "forwarder" || t.name == "two forwarders" {
					forwarder = m
				}
				m.ratio, m.over = m.rate/forwarder.rate, m.p50-forwarder.p50
				m.p99Ratio = float64(m.p99) / float64(forwarder.p99)
				all = append(all, m)
			}
		}
	}
	return medians(all), nil
}

// measure is one run.
func (s *setup) measure(ctx context.Context, t target, callers int, o options) (measured, error) {
	if _, err := s.callers(ctx, t, callers, time.Second); err != nil { // connections are made, and pools filled
		return measured{}, err
	}
	before, err := t.process.settled(ctx)
	if err != nil {
		return measured{}, err
	}
	tenantBefore, err := s.tenant.reading(ctx)
	if err != nil {
		return measured{}, err
	}
	var group sync.WaitGroup
	if o.profile != "" && callers == 8 {
		group.Go(func() { s.takeProfile(ctx, t, o) })
	}
	found, err := s.callers(ctx, t, callers, o.duration)
	group.Wait()
	if err != nil {
		return measured{}, err
	}
	after, err := t.process.reading(ctx)
	if err != nil {
		return measured{}, err
	}
	tenantAfter, err := s.tenant.reading(ctx)
	if err != nil {
		return measured{}, err
	}
	settled, err := t.process.settled(ctx)
	if err != nil {
		return measured{}, err
	}
	requests := float64(found.Requests)
	return measured{
		name: t.name, users: t.users, callers: callers,
		rate: requests / (float64(found.Microseconds) / 1e6),
		p50:  time.Duration(found.P50) * time.Microsecond, p99: time.Duration(found.P99) * time.Microsecond,
		cpu:    time.Duration((after.CPU - before.CPU) / requests * float64(time.Second)),
		shared: time.Duration((tenantAfter.CPU - tenantBefore.CPU) / requests * float64(time.Second)),
		allocs: float64(after.Allocs-before.Allocs) / requests, bytes: float64(after.AllocBytes-before.AllocBytes) / requests,
		heap: settled.Heap, resident: after.Resident,
	}, nil
}

// takeProfile keeps where the process spends its time. A failure is said and ends nothing.
func (s *setup) takeProfile(ctx context.Context, t target, o options) {
	seconds := int(o.duration.Seconds())
	for kind, from := range map[string]string{"cpu": fmt.Sprintf("/debug/pprof/profile?seconds=%d", seconds), "allocs": "/debug/pprof/allocs"} {
		content, err := t.process.get(ctx, from)
		if err == nil {
			err = os.WriteFile(filepath.Join(o.profile, fmt.Sprintf("%s-%d-%s.pprof", t.name, t.users, kind)), content, 0o644)
		}
		if err != nil {
			s.say("no profile: %v", err)
		}
	}
}

// medians puts the rounds together, each column for itself, in the order of callers and targets.
func medians(all []measured) []measured {
	type place struct {
		name           string
		users, callers int
	}
	var order []place
	rounds := map[place][]measured{}
	for _, m := range all {
		p := place{m.name, m.users, m.callers}
		if rounds[p] == nil {
			order = append(order, p)
		}
		rounds[p] = append(rounds[p], m)
	}
	var list []measured
	for _, p := range order {
		of := rounds[p]
		list = append(list, measured{
			name: p.name, users: p.users, callers: p.callers,
			rate:     median(of, func(m measured) float64 { return m.rate }),
			p50:      median(of, func(m measured) time.Duration { return m.p50 }),
			p99:      median(of, func(m measured) time.Duration { return m.p99 }),
			cpu:      median(of, func(m measured) time.Duration { return m.cpu }),
			shared:   median(of, func(m measured) time.Duration { return m.shared }),
			allocs:   median(of, func(m measured) float64 { return m.allocs }),
			bytes:    median(of, func(m measured) float64 { return m.bytes }),
			heap:     of[len(of)-1].heap,
			resident: of[len(of)-1].resident,
			ratio:    median(of, func(m measured) float64 { return m.ratio }),
			over:     median(of, func(m measured) time.Duration { return m.over }),
			p99Ratio: median(of, func(m measured) float64 { return m.p99Ratio }),
		})
	}
	return list
}

func median[T cmp.Ordered](of []measured, column func(measured) T) T {
	var values []T
	for _, m := range of {
		values = append(values, column(m))
	}
	slices.Sort(values)
	return values[len(values)/2]
}
