package deploy

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMoreOfEach runs `docker compose --profile scale up -d balancer`: two web UIs and two APIs behind a balancer, with Redis. It does to them
// what happens in a year of operation, with users at work.
func TestMoreOfEach(t *testing.T) {
	for _, compose := range composeCommands(t) {
		t.Run(path.Base(compose), func(t *testing.T) { moreOfEach(t, compose) })
	}
}

func moreOfEach(t *testing.T, compose string) {
	s := start(t, compose, []string{"--profile", "scale"}, "balancer")

	t.Run("two of each tier", func(t *testing.T) {
		want := []string{"api-replica", "api-replica", "balancer", "devtenant", "orders", "redis", "webui-replica", "webui-replica"}
		if got := s.services(t); !slices.Equal(got, want) {
			t.Errorf("the services are %v, want %v", got, want)
		}
	})
	t.Run("published ports", func(t *testing.T) {
		want := map[string]string{"balancer": "8000/tcp 127.0.0.1:8000", "devtenant": "8002/tcp 127.0.0.1:8002"}
		for _, c := range s.containers(t) {
			if got := published(c); got != want[c.service()] {
				t.Errorf("%s publishes %q, want %q", c.service(), got, want[c.service()])
			}
		}
	})
	t.Run("only replicas reach Redis", func(t *testing.T) {
		for _, c := range s.containers(t) {
			_, reaches := c.NetworkSettings.Networks[project+"_store"]
			if want := c.service() == "redis" || strings.HasSuffix(c.service(), "-replica"); reaches != want {
				t.Errorf("%s is on the network of the store: %v, want %v", c.Name, reaches, want)
			}
		}
		if networks := s.of(t, "redis")[0].NetworkSettings.Networks; len(networks) != 1 {
			t.Errorf("redis is on %v", slices.Collect(maps.Keys(networks)))
		}
	})
	checkContainers(t, s)
	t.Run("each tier has its own settings alone", func(t *testing.T) { checkSettings(t, s.containers(t)) })

	var browsers []*browser
	for i := range 50 {
		b := newBrowser(t, []string{"alice", "bob", "dave", "grace"}[i%4])
		if err := b.signIn(t.Context()); err != nil {
			t.Fatal(err)
		}
		browsers = append(browsers, b)
	}
	t.Run("every replica serves", func(t *testing.T) {
		work(t, browsers, func(ctx context.Context) {
			await(t, 10*time.Second, func() bool { return len(s.served(t)) == 4 })
		}).wantNone(t)
		served := s.served(t)
		t.Logf("requests by replica: %v", served)
		if len(served) != 4 {
			t.Errorf("%d replicas served, want 4", len(served))
		}
	})
	t.Run("rolling restart", func(t *testing.T) {
		work(t, browsers, func(context.Context) {
			for _, c := range slices.Concat(s.of(t, "webui-replica"), s.of(t, "api-replica")) {
				docker(t, "restart", "-t", "30", c.ID)
				s.awaitHealthy(t)
			}
		}).wantNone(t)
	})
	t.Run("kill -9 of one web UI and one API", func(t *testing.T) {
		killed := []container{s.of(t, "webui-replica")[0], s.of(t, "api-replica")[0]}
		work(t, browsers, func(ctx context.Context) {
			for _, c := range killed {
				docker(t, "kill", "--signal", "KILL", c.ID)
			}
			observe(ctx, 3*time.Second)
		}).wantCut(t, len(browsers))
		for _, c := range killed {
			docker(t, "start", c.ID)
		}
		s.awaitHealthy(t)
	})
	for _, away := range []struct {
		name, begin, end string
		byHand           bool // some may have to press the sign-in button again
	}{
		{"redis hangs for five seconds", "pause", "unpause", false},
		{"redis is killed and comes back empty after five seconds", "kill", "start", true},
	} {
		t.Run(away.name, func(t *testing.T) {
			redis := s.of(t, "redis")[0].ID
			work(t, browsers, func(ctx context.Context) {
				docker(t, away.begin, redis)
				observe(ctx, 5*time.Second)
				docker(t, away.end, redis)
			}).wantUnavailable(t, away.byHand)
			s.awaitHealthy(t)
			wantBack(t, browsers, away.byHand)
		})
	}
	t.Run("logs hold no secrets", func(t *testing.T) { checkLogs(t, s) })
	t.Run("stop", func(t *testing.T) { checkStop(t, s) })
}

// observe lets users work for a while.
func observe(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-ctx.Done()
}

// result is what users met.
type result struct {
	requests int
	failed   map[string]int // by kind
	body     string         // of one page that failed
}

// work lets every browser visit again and again while something happens.
func work(t *testing.T, browsers []*browser, happens func(context.Context)) result {
	t.Helper()
	var (
		mu   sync.Mutex
		r    = result{failed: map[string]int{}}
		over = make(chan struct{})
		wg   sync.WaitGroup
	)
	for _, b := range browsers {
		wg.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				err := b.visit(t.Context())
				mu.Lock()
				r.requests++
				if err != nil {
					r.failed[err.Error()]++
					var status *statusError
					if errors.As(err, &status) {
						r.body = status.body
					}
				}
				mu.Unlock()
			}
		})
	}
	happens(t.Context())
	close(over)
	wg.Wait()
	t.Logf("%d requests, %d failed", r.requests, r.total())
	for kind, n := range r.failed {
		t.Logf("%6d × %s", n, kind)
	}
	return r
}

func (r result) total() int {
	n := 0
	for _, count := range r.failed {
		n += count
	}
	return n
}

// wantNone wants that no request failed.
func (r result) wantNone(t *testing.T) {
	t.Helper()
	if r.total() > 0 {
		t.Errorf("%d of %d requests failed; the last page:\n%s", r.total(), r.requests, lastLines([]byte(r.body), 30))
	}
}

// wantUnavailable wants that requests failed with 503 alone, and with the web UI's own page. Once Redis is back without
// the sessions, some browsers may already have seen that they are signed out.
func (r result) wantUnavailable(t *testing.T, signedOut bool) {
	t.Helper()
	for kind, n := range r.failed {
		if !strings.Contains(kind, "503") && !(signedOut && strings.Contains(kind, errSignedOut.Error())) {
			t.Errorf("%d × %s, want 503", n, kind)
		}
	}
	if r.total() == 0 {
		t.Error("no request failed: Redis was not needed")
	}
	if strings.Contains(r.body, "No server is available") {
		t.Error("the page is the balancer's; the web UI has one that says what is wrong")
	}
}

// wantBack wants that every browser gets its page again: from its session or, where Redis lost that, by a silent sign-in.
// A silent sign-in that ran into the very outage is not tried again by itself; there a button has to be pressed.
func wantBack(t *testing.T, browsers []*browser, byHand bool) {
	t.Helper()
	pressed, lost := 0, 0
	for _, b := range browsers {
		switch {
		case await(t, 2*time.Second, func() bool { return b.visit(t.Context()) == nil }):
		case byHand && b.signIn(t.Context()) == nil:
			pressed++
		default:
			lost++
		}
	}
	t.Logf("back by themselves: %d, by pressing the sign-in button: %d, not at all: %d", len(browsers)-pressed-lost, pressed, lost)
	if lost > 0 {
		t.Errorf("%d of %d sign-ins were lost", lost, len(browsers))
	}
	if pressed > len(browsers)/2 {
		t.Errorf("%d of %d users had to press a button", pressed, len(browsers))
	}
}

// wantCut wants that no request failed but those, one for each browser at most, whose answer was cut off in the middle: a
// balancer that has handed on the beginning of an answer can't ask another replica for the rest. Where that was the API's
// answer, the web UI says so on a page.
func (r result) wantCut(t *testing.T, most int) {
	t.Helper()
	cut := func(kind string) bool {
		return strings.Contains(kind, "unexpected EOF") || strings.Contains(kind, "answers 502") || strings.Contains(kind, "answers 503")
	}
	for kind, n := range r.failed {
		if most -= n; most < 0 || !cut(kind) {
			t.Errorf("%d × %s; the last page:\n%s", n, kind, lastLines([]byte(r.body), 30))
		}
	}
}

// serverInLog finds a replica in the balancer's log, see log-format in haproxy.cfg.
var serverInLog = regexp.MustCompile(`(?m)^[A-Z]+ \S+ \d+ (webuis/webui\d+|apis/api\d+) `)

// served counts the requests that each replica served, by the balancer's log.
func (s *stack) served(t *testing.T) map[string]int {
	t.Helper()
	served := map[string]int{}
	for _, match := range serverInLog.FindAllSubmatch(docker(t, "logs", s.of(t, "balancer")[0].ID), -1) {
		served[string(bytes.Clone(match[1]))]++
	}
	return served
}
