//go:build unix

package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redistest"
)

// replicas is two web UIs and two APIs, programs of their own, with a balancer in front of each pair, and the Redis that
// they share.
type replicas struct {
	tenant      *devtenant.Tenant
	redis       *redistest.Server
	front, back *balancer // browser → web UIs, web UI → APIs
	webUIs      []*process
	apis        []*process
}

// drainDelay is some checks of the balancer's.
const drainDelay = 5 * checkEvery

func startReplicas(t *testing.T, users int) *replicas {
	t.Helper()
	s := &replicas{
		// What is written is in the system's memory at once: it outlives the process, though not the machine.
		redis: redistest.Start(t, "--appendonly", "yes", "--maxmemory", "256mb", "--maxmemory-policy", "volatile-ttl"),
		front: startBalancer(t), back: startBalancer(t),
	}
	s.tenant = devtenant.Start(t, func(o *devtenant.Options) {
		o.WebUIURL, o.APIURL, o.Directory = s.front.url, s.back.url, crowd(t, users)
	})
	settings := s.tenant.Settings()
	settings["TRUSTED_CA_FILE"] = filepath.Join(t.TempDir(), "ca.pem")
	if err := s.tenant.WriteCertificate(settings["TRUSTED_CA_FILE"]); err != nil {
		t.Fatal(err)
	}
	settings["API_GRAPH_URL"] = "" // exchanges are counted
	settings["REDIS_URL"] = s.redis.URL
	settings["API_STORE_KEY"] = "b25seSBmb3IgdGhlIHRlc3RzIG9mIHRoaXMgc3VpdGU="
	settings["DRAIN_DELAY"] = drainDelay.String()
	settings["LOG_LEVEL"] = "debug"
	dir := build(t)
	for range 2 {
		s.apis = append(s.apis, newProcess(t, dir, "api", settings))
		s.webUIs = append(s.webUIs, newProcess(t, dir, "webui", settings))
	}
	for _, p := range s.all() {
		p.start(t)
	}
	s.front.balance(t, s.webUIs...)
	s.back.balance(t, s.apis...)
	return s
}

func (s *replicas) all() []*process { return append(append([]*process{}, s.apis...), s.webUIs...) }

// TestReplicas does to two of each tier what happens to them in a year, with fifty users at work, every request of whom
// goes to the next replica.
func TestReplicas(t *testing.T) {
	t.Parallel()
	const users = 50
	s := startReplicas(t, users)
	people := s.signInAll(t, users)
	if got := s.tenant.Count("token:on_behalf_of"); got != users {
		t.Errorf("%d exchanges for %d users", got, users)
	}

	t.Run("nothing readable is in Redis", func(t *testing.T) { s.checkRedis(t, people) })
	t.Run("every request to the next replica", func(t *testing.T) {
		during := people.work(t, func() { people.awaitRequests(t, 1000) })
		during.want(t)
		for _, r := range append(s.front.replicas, s.back.replicas...) {
			t.Logf("%s served %d", r.host, r.served.Load())
			if r.served.Load() < 200 {
				t.Errorf("%s served %d requests alone", r.host, r.served.Load())
			}
		}
		if got := s.tenant.Count("token:on_behalf_of"); got != users+during.signIns {
			t.Errorf("%d exchanges for %d users and %d more sign-ins", got, users, during.signIns)
		}
	})
	t.Run("kill -9 of one of each", func(t *testing.T) {
		before := s.retried()
		during := people.work(t, func() {
			s.webUIs[0].kill()
			s.apis[0].kill()
			people.awaitRequests(t, 300)
			s.webUIs[0].start(t)
			s.apis[0].start(t)
		})
		t.Logf("the balancers sent %d requests a second time", s.retried()-before)
		// Of those who were signing in or out at this very moment some have to start again: what counts once, a code or
		// a form, was with the process that was killed.
		during.want(t, "400 sign_in_expired", "502 without a page of ours")
	})
	t.Run("kill -9 of Redis for five seconds", func(t *testing.T) {
		var recovered time.Duration
		during := people.work(t, func() {
			s.redis.Kill()
			people.observe(5 * time.Second)
			if err := s.redis.Restart(t.Context()); err != nil {
				t.Fatal(err)
			}
			recovered = await(t, 20*time.Second, "all replicas are ready", s.ready)
		})
		t.Logf("ready again after %s", recovered.Round(time.Millisecond))
		during.want(t, "503 store_unavailable")
		for _, p := range s.all() {
			if err := p.wait(0); err == nil || err.Error() != "it still runs" {
				t.Errorf("%s: %v", p.name, err)
			}
		}
		people.work(t, func() { people.awaitRequests(t, 200) }).want(t)
	})
	t.Run("rolling restart", func(t *testing.T) {
		before := s.retried()
		during := people.work(t, func() {
			for _, p := range s.all() {
				p.terminate(t)
				if err := p.wait(30 * time.Second); err != nil {
					t.Errorf("%s: %v", p.name, err)
				}
				p.start(t)
				await(t, 20*time.Second, p.name+" is ready", s.ready)
			}
		})
		t.Logf("the balancers sent %d requests a second time", s.retried()-before)
		during.want(t)
		for _, p := range s.all() {
			if log := p.log.String(); !strings.Contains(log, "msg=draining") || !strings.Contains(log, "msg=stopped") {
				t.Errorf("%s says nothing of its end", p.name)
			}
		}
	})
	t.Run("a Redis that has forgotten everything", func(t *testing.T) {
		trips := s.tenant.Count("authorize")
		redistest.Clear(t, s.redis.Client(t))
		for _, p := range people.list {
			response, err := p.agent.Get(t.Context(), s.front.url+"/")
			if body := page(t, response, err); !strings.Contains(body, "Subscription of "+p.name) {
				t.Errorf("%s is not signed in again", p.name)
			}
		}
		t.Logf("sign-ins lost: %d, all of them signed in again without a page", s.tenant.Count("authorize")-trips)
		for _, p := range people.list {
			p.readCookies(s.front.url)
		}
		people.work(t, func() { people.awaitRequests(t, 200) }).want(t)
	})
	t.Run("logs hold no secrets", func(t *testing.T) { s.checkLogs(t, people) })
}

// retried is how many requests the balancers sent a second time.
func (s *replicas) retried() int32 { return s.front.retried.Load() + s.back.retried.Load() }

// ready tells whether the balancers know every replica as ready.
func (s *replicas) ready() bool {
	for _, r := range append(append([]*replica{}, s.front.replicas...), s.back.replicas...) {
		if !r.ready.Load() {
			return false
		}
	}
	return true
}

// signInAll signs users in, user01 and so on.
func (s *replicas) signInAll(t *testing.T, n int) *people {
	t.Helper()
	all := newPeople(s)
	for i := 1; i <= n; i++ {
		p := &person{name: fmt.Sprintf("user%02d", i), agent: devtenant.NewUserAgent(s.tenant)}
		response, err := p.agent.SignIn(t.Context(), s.front.url+"/account/login", p.name)
		if body := page(t, response, err); !strings.Contains(body, "Subscription of "+p.name) {
			t.Fatalf("%s doesn't see what is theirs:\n%s", p.name, body)
		}
		p.readCookies(s.front.url)
		all.list = append(all.list, p)
	}
	return all
}
