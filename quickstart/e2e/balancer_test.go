//go:build unix

package e2e

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// balancer gives every request to the next replica, without sticky sessions. It does what a balancer from the shelf does by
// default: it asks each replica whether it is ready, and where a connection fails it asks another one, for requests that
// are safe to repeat or didn't get there. Where no replica is ready it takes those that live, whose pages say what is wrong.
type balancer struct {
	url       string
	replicas  []*replica
	next      atomic.Uint64
	transport *http.Transport
	retried   atomic.Int32
}

type replica struct {
	host         string
	ready, alive atomic.Bool
	served       atomic.Int32
}

// checkEvery is shorter than a real balancer's second, as the tiers' drain delay is in these tests.
const checkEvery = 200 * time.Millisecond

// startBalancer listens for a balancer, whose address replicas may have to know. It ends with the test.
func startBalancer(t *testing.T) *balancer {
	t.Helper()
	b := &balancer{transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	server := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme = "http" },
		// Where it says nothing else the Host header is the browser's, which the web UI compares with Origin.
		Transport: b,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusBadGateway)
		},
	})
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	b.url = "http://localhost:" + port // cookies and redirect URIs know the name
	t.Cleanup(server.Close)
	return b
}

// balance begins to give requests to replicas.
func (b *balancer) balance(t *testing.T, processes ...*process) {
	t.Helper()
	for _, p := range processes {
		address, err := url.Parse(p.url)
		if err != nil {
			t.Fatal(err)
		}
		added := &replica{host: address.Host}
		added.ready.Store(true)
		added.alive.Store(true)
		b.replicas = append(b.replicas, added)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var checks sync.WaitGroup
	checks.Go(func() { b.check(ctx) })
	t.Cleanup(func() {
		stop()
		checks.Wait()
	})
}

func (b *balancer) check(ctx context.Context) {
	client := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	ask := func(host, path string) bool {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+host+path, nil)
		if err != nil {
			return false
		}
		response, err := client.Do(request)
		if err != nil {
			return false
		}
		return response.Body.Close() == nil && response.StatusCode == http.StatusOK
	}
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, r := range b.replicas {
			r.ready.Store(ask(r.host, "/readyz"))
			r.alive.Store(ask(r.host, "/healthz"))
		}
	}
}

var errNoReplica = errors.New("no replica lives")

// pick returns the next replica in turn, another one than the last one tried where there is one.
func (b *balancer) pick(last *replica) *replica {
	for _, good := range []func(*replica) bool{
		func(r *replica) bool { return r.ready.Load() && r != last },
		func(r *replica) bool { return r.alive.Load() && r != last },
		func(r *replica) bool { return r.alive.Load() },
	} {
		for range b.replicas {
			if r := b.replicas[b.next.Add(1)%uint64(len(b.replicas))]; good(r) {
				return r
			}
		}
	}
	return nil
}

// RoundTrip implements [http.RoundTripper].
func (b *balancer) RoundTrip(request *http.Request) (*http.Response, error) {
	first := b.pick(nil)
	if first == nil {
		return nil, errNoReplica
	}
	response, err := b.send(request, first)
	if err == nil || !repeatable(request, err) {
		return response, err
	}
	second := b.pick(first)
	if second == nil {
		return nil, err
	}
	b.retried.Add(1)
	return b.send(request, second)
}

func (b *balancer) send(request *http.Request, to *replica) (*http.Response, error) {
	out := request.Clone(request.Context())
	out.URL.Host = to.host
	to.served.Add(1)
	return b.transport.RoundTrip(out)
}

// repeatable tells whether a second attempt can do no harm: the first didn't connect, or asked for nothing to be changed.
func repeatable(request *http.Request, err error) bool {
	failed, ok := errors.AsType[*net.OpError](err)
	return request.Method == http.MethodGet || (ok && failed.Op == "dial")
}
