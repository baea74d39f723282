package outbound

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// environmentsProxy returns the Transport's Proxy: HTTP_PROXY, HTTPS_PROXY and NO_PROXY as they are now. A name without a
// dot goes direct, whatever they say: it is a container's or a machine's beside this one, such as devtenant in Compose,
// which no proxy toward the outside can reach.
func environmentsProxy() func(*http.Request) (*url.URL, error) {
	proxyFor := httpproxy.FromEnvironment().ProxyFunc()
	return func(request *http.Request) (*url.URL, error) {
		host := request.URL.Hostname()
		if !strings.ContainsAny(host, ".:") || strings.HasSuffix(host, ".localhost") {
			return nil, nil
		}
		return proxyFor(request.URL)
	}
}

// proxyRefusal is a proxy's answer to CONNECT. The library's own error is the status line's text and nothing else.
type proxyRefusal struct{ status int }

func (p *proxyRefusal) Error() string {
	return "the proxy answered " + strconv.Itoa(p.status) + " " + http.StatusText(p.status)
}

// refusedByProxy is the Transport's OnProxyConnectResponse.
func refusedByProxy(_ context.Context, _ *url.URL, _ *http.Request, response *http.Response) error {
	if response.StatusCode != http.StatusOK {
		return &proxyRefusal{response.StatusCode}
	}
	return nil
}
