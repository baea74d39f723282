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
	behind   time.Duration // of the process that it calls: the API's, or the second forwarder's
	azure    time.Duration // of Resource Manager's
	allocs   float64       // objects, for a request
	bytes    float64       // allocated, for a request

	// What the line is to its baseline, which was measured just before it; zero for a baseline.
	ratio    float64 // of the rates
	cpuRatio float64 // of the CPU times that it takes the baseline's processes and this line's
	over     time.Duration
	p99Ratio float64
}

// targets makes the users and says what is measured.
func (s *setup) targets(ctx context.Context, o options) ([]target, error) {
	many := fmt.Sprintf("?users=%d", o.users)
	forwarder := &target{name: "forwarder", users: 1, process: s.forwarder, header: "Accept"}
	two := &target{name: "two forwarders", users: 1, process: s.twoForwarders, behind: s.forwarder, header: "Accept"}
	var list []target
	for _, t := range []struct {
		*target
		from, prefix string
	}{
		{forwarder, "/token-a", "Bearer "},
		{&target{name: "plain", users: 1, process: s.plain, header: "Authorization", baseline: forwarder}, "/token-a", "Bearer "},
		{&target{name: "api", users: 1, process: s.api, header: "Authorization", baseline: forwarder}, "/token-a", "Bearer "},
		{&target{name: "api", users: o.users, process: s.api, header: "Authorization", baseline: forwarder}, "/token-a" + many, "Bearer "},
		{two, "/token-a", "Bearer "},
		{&target{name: "webui", users: 1, process: s.webUI, behind: s.api, header: "Cookie", baseline: two}, "/sign-in", ""},
		{&target{name: "webui", users: o.users, process: s.webUI, behind: s.api, header: "Cookie", baseline: two}, "/sign-in" + many, ""},
	} {
		s.say("preparing %s with %d users", t.name, t.users)
		values, err := s.headers(ctx, t.from, t.prefix)
		if err != nil {
			return nil, err
		}
		t.values = values
		list = append(list, *t.target)
		// One run in which each user comes at least once, so that what is measured is warm.
		for length := time.Second; ; length *= 3 {
			warm, err := s.callers(ctx, *t.target, 8, length)
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

// measureAll measures every target under every load, in rounds, and its baseline just before it: whatever else the machine does
// meets both sides of a ratio.
func measureAll(ctx context.Context, s *setup, o options) ([]measured, error) {
	targets, err := s.targets(ctx, o)
	if err != nil {
		return nil, err
	}
	var all []measured
	for round := range o.rounds {
		for _, callers := range o.callers {
			s.say("round %d, %d callers", round+1, callers)
			for _, t := range targets {
				if t.baseline == nil {
					continue
				}
				baseline, err := s.measure(ctx, *t.baseline, callers, o)
				if err != nil {
					return nil, err
				}
				m, err := s.measure(ctx, t, callers, o)
				if err != nil {
					return nil, err
				}
				m.ratio, m.over = m.rate/baseline.rate, m.p50-baseline.p50
				m.cpuRatio = float64(baseline.cpu+baseline.behind) / float64(m.cpu+m.behind)
				m.p99Ratio = float64(m.p99) / float64(baseline.p99)
				all = append(all, baseline, m)
			}
		}
	}
	return medians(all), nil
}

// measure is one run.
func (s *setup) measure(ctx context.Context, t target, callers int, o options) (measured, error) {
	defer s.emptyLogs()
	processes := []*process{t.process, s.azure}
	if t.behind != nil {
		processes = append(processes, t.behind)
	}
	var before, after []reading
	for _, p := range processes {
		settled, err := p.settled(ctx)
		if err != nil {
			return measured{}, err
		}
		before = append(before, settled)
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
	for _, p := range processes {
		now, err := p.reading(ctx)
		if err != nil {
			return measured{}, err
		}
		after = append(after, now)
	}
	requests := float64(found.Requests)
	cpu := func(i int) time.Duration {
		return time.Duration((after[i].CPU - before[i].CPU) / requests * float64(time.Second))
	}
	m := measured{
		name: t.name, users: t.users, callers: callers,
		rate: requests / (float64(found.Microseconds) / 1e6),
		p50:  time.Duration(found.P50) * time.Microsecond, p99: time.Duration(found.P99) * time.Microsecond,
		cpu: cpu(0), azure: cpu(1),
		allocs: float64(after[0].Allocs-before[0].Allocs) / requests, bytes: float64(after[0].AllocBytes-before[0].AllocBytes) / requests,
	}
	if t.behind != nil {
		m.behind = cpu(2)
	}
	return m, nil
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
			behind:   median(of, func(m measured) time.Duration { return m.behind }),
			azure:    median(of, func(m measured) time.Duration { return m.azure }),
			allocs:   median(of, func(m measured) float64 { return m.allocs }),
			bytes:    median(of, func(m measured) float64 { return m.bytes }),
			ratio:    median(of, func(m measured) float64 { return m.ratio }),
			cpuRatio: median(of, func(m measured) float64 { return m.cpuRatio }),
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
