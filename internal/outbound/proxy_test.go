package outbound_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
)

// proxy notes what it is asked to carry, and refuses.
type proxy struct {
	*httptest.Server
	status int

	mu    sync.Mutex
	asked []string
}

func startProxy(t *testing.T, status int) *proxy {
	t.Helper()
	p := &proxy{status: status}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked = append(p.asked, r.Method+" "+r.Host)
		p.mu.Unlock()
		w.WriteHeader(p.status)
		_, _ = io.WriteString(w, secretAnswer)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *proxy) requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

// setProxy puts a proxy into the environment, in each of the ways that there are.
func setProxy(t *testing.T, address, except string) {
	t.Helper()
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"} {
		t.Setenv(name, address)
	}
	t.Setenv("NO_PROXY", except)
	t.Setenv("no_proxy", except)
	t.Setenv("REQUEST_METHOD", "")
}

// TestFieldCase30TierToTierGoesDirect: the names are Compose's, Kubernetes', an address and a public one. None of them is
// there, so that what a request ends with doesn't matter, but whether the proxy saw it.
func TestFieldCase30TierToTierGoesDirect(t *testing.T) {
	addresses := []string{
		"http://api:8001/subscriptions", "http://api.default.svc.cluster.local:8001/", "https://api.contoso.invalid/",
		"http://192.0.2.1:8001/", "http://[100::1]:8001/", "http://devtenant:8002/",
	}
	p := startProxy(t, http.StatusForbidden)
	setProxy(t, p.URL, "")
	client, err := outbound.NewClient(outbound.Options{Timeout: 300 * time.Millisecond, MaxBody: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range addresses {
		_ = get(client, address)
		if seen := p.requests(); len(seen) > 0 {
			t.Fatalf("%s: the proxy was handed %q", address, seen)
		}
	}
}

// TestFieldCase30ProxiesStayForEntraAndAzure: with Proxied, all that has a name of the internet goes by the proxy.
func TestFieldCase30ProxiesStayForEntraAndAzure(t *testing.T) {
	tests := []struct {
		address, except string
		proxied         bool
	}{
		{"https://login.microsoftonline.com/x", "", true},
		{"https://management.azure.com/subscriptions", "", true},
		{"https://management.azure.com/subscriptions", "management.azure.com", false},
		{"http://crl.contoso.invalid/", "", true},
		{"https://192.0.2.1/", "", true},
		{"https://devtenant:8003/x/v2.0", "", false},
		{"http://api:8001/", "", false},
		{"https://tenant.localhost:8003/", "", false},
		{"https://localhost:1/", "", false},
		{"https://127.0.0.1:1/", "", false},
	}
	for _, test := range tests {
		t.Run(test.address+" but "+test.except, func(t *testing.T) {
			p := startProxy(t, http.StatusForbidden)
			setProxy(t, p.URL, test.except)
			client, err := outbound.NewClient(outbound.Options{Timeout: 300 * time.Millisecond, MaxBody: 1000, Proxied: true})
			if err != nil {
				t.Fatal(err)
			}
			_ = get(client, test.address)
			if got := len(p.requests()) > 0; got != test.proxied {
				t.Errorf("the proxy saw %q, want it asked: %v", p.requests(), test.proxied)
			}
		})
	}
}

func TestFieldCase13ProxyRefuses(t *testing.T) {
	for _, status := range []int{http.StatusProxyAuthRequired, http.StatusForbidden, http.StatusBadGateway} {
		p := startProxy(t, status)
		setProxy(t, p.URL, "")
		expectKind(t, proxiedGet(t), outbound.ProxyRefused)
	}
	t.Run("nobody is there", func(t *testing.T) {
		setProxy(t, "http://"+closedPort(t), "")
		expectKind(t, proxiedGet(t), outbound.ProxyUnreachable)
	})
	t.Run("its name is unknown", func(t *testing.T) {
		setProxy(t, "http://no-such-proxy.invalid:3128", "")
		expectKind(t, proxiedGet(t), outbound.ProxyUnreachable)
	})
	t.Run("SOCKS, and nobody is there", func(t *testing.T) {
		setProxy(t, "socks5://"+closedPort(t), "")
		expectKind(t, proxiedGet(t), outbound.ProxyUnreachable)
	})
	t.Run("it cuts", func(t *testing.T) {
		setProxy(t, "http://"+answering(t, func(c net.Conn) { _ = c.Close() }), "")
		expectKind(t, proxiedGet(t), outbound.ConnectionReset)
	})
}

func proxiedGet(t *testing.T) error {
	t.Helper()
	client, err := outbound.NewClient(outbound.Options{Timeout: time.Second, MaxBody: 1000, Proxied: true})
	if err != nil {
		t.Fatal(err)
	}
	return get(client, "https://login.microsoftonline.com/x")
}
