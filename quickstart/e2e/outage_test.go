package e2e

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	api "github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
	webui "github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
)

// phase is a stretch of time in which something fails.
type phase struct {
	name   string
	throws string // the switch; "" for none
	lasts  time.Duration
	// explained is the one page that users may see in it besides their list.
	explained string
}

var phases = []phase{
	{name: "nothing fails", lasts: 500 * time.Millisecond},
	{name: "keys rotated", throws: "rotate-keys", lasts: time.Second},
	{name: "token endpoint down", throws: "token-unavailable", lasts: 5 * time.Second},
	{name: "resource manager down", throws: "arm-unavailable", lasts: 5 * time.Second, explained: apperror.ResourceUnavailable},
	{name: "nothing fails any more", lasts: 500 * time.Millisecond},
}

// pause is what a user takes to look at the page. Fifty of them ask some 125 times a second together.
const pause = 400 * time.Millisecond

// TestOutages: fifty signed-in users keep asking while keys rotate, the token endpoint is down for five seconds, and then
// Resource Manager. Whoever has tokens sees nothing of the first two, and nobody's session is lost.
//
// It takes the time that outages take, and runs beside no other test: its figures are worth something.
func TestOutages(t *testing.T) {
	const users = 50
	s := start(t, func(o *stack.Options) {
		o.Tenant = func(options *devtenant.Options) { options.Directory = crowd(t, users+len(phases)) }
		o.API = func(cfg *api.Config) { cfg.Limits.KeyInterval = 100 * time.Millisecond }
		o.WebUI = func(cfg *webui.Config) { cfg.Limits.KeyInterval = 100 * time.Millisecond }
	})
	crowd := newOnlookers(t, s, users)
	exchanges := s.Tenant.Count("token:on_behalf_of")

	ctx, stop := context.WithCancel(t.Context())
	var group sync.WaitGroup
	for _, ask := range crowd.asking {
		group.Go(func() { crowd.keepAsking(ctx, ask) })
	}
	for i, p := range phases {
		crowd.begin(func() {
			s.Tenant.ClearSwitches()
			if p.throws != "" {
				throw(t, s, p.throws)
			}
		})
		time.Sleep(p.lasts / 2)
		crowd.newcomer(t, s, i, users)
		time.Sleep(p.lasts / 2)
	}
	stop()
	group.Wait()

	crowd.report(t)
	if more := s.Tenant.Count("token:on_behalf_of") - exchanges; more > len(phases) {
		t.Errorf("%d exchanges for users who had their tokens", more)
	}
	t.Logf("the keys were fetched %d times in all, by two tiers", s.Tenant.Count("keys"))
}

// onlookers are signed-in users who reload their page all the time.
type onlookers struct {
	asking []func(context.Context, string) (int, string, error)
	// change is held for reading while a page is asked for, so that each page belongs to one phase.
	change sync.RWMutex
	phase  int // counts from 1

	mu   sync.Mutex
	seen []observation
}

// observation is one request: its phase, how long it took, and what it showed: "list", the code of an explanation, or
// anything else.
type observation struct {
	phase int
	took  time.Duration
	what  string
}

func newOnlookers(t *testing.T, s *stack.Stack, n int) *onlookers {
	t.Helper()
	o := &onlookers{}
	for i := 1; i <= n; i++ {
		agent, _ := signIn(t, s, fmt.Sprintf("user%02d", i))
		o.asking = append(o.asking, client(s, agent))
	}
	return o
}

// begin begins the next phase once every page that was asked for is there.
func (o *onlookers) begin(happens func()) {
	o.change.Lock()
	defer o.change.Unlock()
	o.phase++
	happens()
}

func (o *onlookers) keepAsking(ctx context.Context, ask func(context.Context, string) (int, string, error)) {
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		o.change.RLock()
		at := time.Now()
		status, body, err := ask(context.WithoutCancel(ctx), "/") // what has begun is looked at
		got := observation{phase: o.phase, took: time.Since(at), what: fmt.Sprintf("status %d, %v", status, err)}
		o.change.RUnlock()
		if match := codeShown.FindStringSubmatch(body); match != nil {
			got.what = match[1]
		} else if status == 200 && strings.Contains(body, "Subscription of ") {
			got.what = "list"
		}
		o.mu.Lock()
		o.seen = append(o.seen, got)
		o.mu.Unlock()
	}
}

// newcomer signs somebody in who has no tokens yet. They are told what fails, and may come back.
func (o *onlookers) newcomer(t *testing.T, s *stack.Stack, current, users int) {
	t.Helper()
	b := newBrowser(t, s, fmt.Sprintf("user%02d", users+1+current))
	got := b.visit("/account/login")
	switch p := phases[current]; p.throws {
	case "token-unavailable":
		b.wantPage(p.name, got, apperror.ProviderUnavailable, 0)
	case "arm-unavailable":
		b.wantPage(p.name, got, apperror.ResourceUnavailable, 0)
	default:
		b.wantList(p.name, got)
	}
}

// report checks what was seen, and logs the figures.
func (o *onlookers) report(t *testing.T) {
	t.Helper()
	t.Logf("%-24s %8s %8s %8s %8s %8s", "", "requests", "lists", "p50 ms", "p99 ms", "max ms")
	for i, p := range phases {
		var took []time.Duration
		lists, unexpected := 0, map[string]int{}
		for _, got := range o.seen {
			if got.phase != i+1 {
				continue
			}
			took = append(took, got.took)
			switch got.what {
			case "list":
				lists++
			case p.explained:
			default:
				unexpected[got.what]++
			}
		}
		if len(took) == 0 {
			t.Errorf("%s: nobody asked anything", p.name)
			continue
		}
		slices.Sort(took)
		t.Logf("%-24s %8d %8d %8d %8d %8d", p.name, len(took), lists, took[len(took)/2].Milliseconds(), took[len(took)*99/100].Milliseconds(), took[len(took)-1].Milliseconds())
		for what, n := range unexpected {
			t.Errorf("%s: %d times %s", p.name, n, what)
		}
	}
}
