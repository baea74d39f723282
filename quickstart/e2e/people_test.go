//go:build unix

package e2e

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// person is a signed-in user.
type person struct {
	name    string
	agent   *devtenant.UserAgent
	cookies string // those of agent, which isn't for several goroutines
}

func (p *person) readCookies(address string) {
	var cookies []string
	for _, cookie := range p.agent.Cookies(address) {
		cookies = append(cookies, cookie.Name+"="+cookie.Value)
	}
	p.cookies = strings.Join(cookies, "; ")
}

// people are users at work.
type people struct {
	stack    *replicas
	list     []*person
	client   *http.Client
	requests atomic.Int32
}

// Of workers each plays some of the users in turn; newcomers sign in and out again all the time. Few, so that a machine of
// two cores has time for the tiers.
const (
	workers   = 8
	newcomers = 2
)

func newPeople(s *replicas) *people {
	return &people{stack: s, client: &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: workers},
		Timeout:   30 * time.Second,
		// A redirect from the start page is a session that is lost.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// outcome is what users met while something happened.
type outcome struct {
	mu       sync.Mutex
	requests int
	signIns  int            // of newcomers
	failed   map[string]int // by kind
	lost     map[string]bool
}

func (o *outcome) add(who, kind string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.requests++
	switch {
	case err != nil:
		o.failed[fmt.Sprintf("%T: %v", err, err)]++
	case kind == signInLost:
		o.lost[who] = true
		o.failed[kind]++
	case kind != "":
		o.failed[kind]++
	}
}

// want fails the test for each kind of failure that is not expected, and for each sign-in that was lost.
func (o *outcome) want(t *testing.T, expected ...string) {
	t.Helper()
	t.Logf("%d requests, %d of them whole sign-ins; failures %v; sign-ins lost %d", o.requests, o.signIns, o.failed, len(o.lost))
	for _, kind := range slices.Sorted(maps.Keys(o.failed)) {
		if !slices.Contains(expected, kind) {
			t.Errorf("%d × %s", o.failed[kind], kind)
		}
	}
	if len(o.lost) > 0 {
		t.Errorf("%d sign-ins were lost", len(o.lost))
	}
}

// work has everybody work until what happens has happened.
func (p *people) work(t *testing.T, happens func()) *outcome {
	t.Helper()
	o := &outcome{failed: map[string]int{}, lost: map[string]bool{}}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			for i := worker; ctx.Err() == nil; i += workers {
				user := p.list[i%len(p.list)]
				kind, err := p.visit(context.WithoutCancel(ctx), user)
				o.add(user.name, kind, err)
				p.requests.Add(1)
			}
		})
	}
	for newcomer := range newcomers {
		group.Go(func() {
			for i := newcomer; ctx.Err() == nil; i += newcomers {
				kind, err := p.comeAndGo(context.WithoutCancel(ctx), p.list[i%len(p.list)].name, o)
				o.add("", kind, err)
			}
		})
	}
	happens()
	stop()
	group.Wait()
	return o
}

// awaitRequests returns after so many more visits.
func (p *people) awaitRequests(t *testing.T, n int32) {
	t.Helper()
	until := p.requests.Load() + n
	await(t, time.Minute, fmt.Sprint(n, " requests"), func() bool { return p.requests.Load() >= until })
}

// observe lets everybody work for a while.
func (p *people) observe(d time.Duration) { <-time.After(d) }

const signInLost = "a sign-in was lost"

// visit is a user's visit of the start page. The kind is "" where it is as it should be.
func (p *people) visit(ctx context.Context, user *person) (kind string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.stack.front.url+"/", nil)
	if err != nil {
		return "", err
	}
	request.Header.Set("Cookie", user.cookies)
	response, err := p.client.Do(request)
	if err != nil {
		return "", err
	}
	return read(response, user.name)
}

// comeAndGo is a sign-in in a browser of its own, from the first step to the last, and a sign-out.
func (p *people) comeAndGo(ctx context.Context, name string, o *outcome) (kind string, err error) {
	agent := devtenant.NewUserAgent(p.stack.tenant)
	response, err := agent.SignIn(ctx, p.stack.front.url+"/account/login", name)
	if err != nil {
		return "", err
	}
	if kind, err = read(response, name); kind != "" || err != nil {
		return kind, err
	}
	o.mu.Lock()
	o.signIns++
	o.mu.Unlock()
	response, err = agent.Post(ctx, p.stack.front.url+"/account/logout", url.Values{})
	if err != nil {
		return "", err
	}
	if response.StatusCode == http.StatusOK {
		return "", response.Body.Close()
	}
	return read(response, name)
}

// read looks at a page for a user.
func read(response *http.Response, name string) (kind string, err error) {
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return "", fmt.Errorf("reading a page: %w", err)
	}
	body := string(raw)
	for _, match := range somebody.FindAllStringSubmatch(body, -1) {
		if match[1] != name {
			return "somebody else's page", nil
		}
	}
	switch {
	case response.StatusCode == http.StatusOK && strings.Contains(body, "Subscription of "+name):
		return "", nil
	case response.StatusCode == http.StatusOK && strings.Contains(body, ">Sign in</a>"), response.StatusCode/100 == 3:
		return signInLost, nil
	}
	if match := codeOnPage.FindStringSubmatch(body); match != nil {
		return fmt.Sprint(response.StatusCode, " ", match[1]), nil
	}
	return fmt.Sprint(response.StatusCode, " without a page of ours"), nil
}
