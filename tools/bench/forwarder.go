package main

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
)

// forwarderRole is what the tiers are measured against: the fastest handler of net/http that forwards a call with a fixed
// token. It logs nothing, checks nothing, makes its request once, and calls the transport without a client around it.
func forwarderRole(_ context.Context, settings map[string]string, _ *http.ServeMux) (serving, error) {
	roots, err := outbound.TrustedRoots(settings["TRUSTED_CA_FILE"])
	if err != nil {
		return serving{}, err
	}
	target, err := url.Parse(settings["TARGET"])
	if err != nil {
		return serving{}, err
	}
	f := &forwarder{
		// Without ForceAttemptHTTP2 it is HTTP/1.1: a connection for each call under way costs less than one that all share.
		transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, MaxIdleConnsPerHost: 256, DisableCompression: true},
		request: &http.Request{
			Method: http.MethodGet, URL: target, Host: target.Host, Header: http.Header{"Authorization": {"Bearer " + settings["TOKEN"]}},
		},
	}
	f.buffers.New = func() any { return new([8 << 10]byte) }
	return serveAlone(f)
}

type forwarder struct {
	transport *http.Transport
	request   *http.Request // what each call sends
	buffers   sync.Pool
}

// ServeHTTP implements [http.Handler].
func (f *forwarder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	response, err := f.transport.RoundTrip(f.request.WithContext(r.Context()))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer response.Body.Close()
	for _, name := range []string{"Content-Type", "Content-Length"} {
		w.Header()[name] = response.Header[name]
	}
	w.WriteHeader(response.StatusCode)
	buffer := f.buffers.Get().(*[8 << 10]byte)
	defer f.buffers.Put(buffer)
	// As a mere Writer: net/http's ReadFrom, which io.CopyBuffer would call, allocates 32 kB each time.
	_, _ = io.CopyBuffer(struct{ io.Writer }{w}, response.Body, buffer[:])
}

// serveAlone serves a handler with nothing around it.
func serveAlone(handler http.Handler) (serving, error) {
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		return serving{}, err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	return serving{url: localURL(listener.Addr()), serve: func(ctx context.Context) error {
		context.AfterFunc(ctx, func() { _ = server.Close() })
		return server.Serve(listener)
	}}, nil
}

// localURL names a listener by localhost, as redirect URIs and cookies do.
func localURL(address net.Addr) string {
	_, port, _ := net.SplitHostPort(address.String())
	return "http://" + net.JoinHostPort("localhost", port)
}
