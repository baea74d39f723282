package main

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
)

// forwarderRole is what the tiers are measured against: a handler that forwards the call with a fixed token, and does nothing
// else. Its connections are kept as the tiers keep theirs.
func forwarderRole(_ context.Context, settings map[string]string, _ *http.ServeMux) (serving, error) {
	client, err := newClient(settings["TRUSTED_CA_FILE"])
	if err != nil {
		return serving{}, err
	}
	return serveAlone(forward(client, settings["TARGET"], settings["TOKEN"]))
}

// newClient makes the client of a handler that the tiers are compared with.
func newClient(trustedCAFile string) (*http.Client, error) {
	roots, err := outbound.TrustedRoots(trustedCAFile)
	if err != nil {
		return nil, err
	}
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true, MaxIdleConns: 512, MaxIdleConnsPerHost: 256,
	}}, nil
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

func forward(client *http.Client, target, token string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, target, nil)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := client.Do(request)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer response.Body.Close()
		w.Header().Set("Content-Type", response.Header.Get("Content-Type"))
		w.WriteHeader(response.StatusCode)
		_, _ = io.Copy(w, response.Body)
	}
}

// localURL names a listener by localhost, as redirect URIs and cookies do.
func localURL(address net.Addr) string {
	_, port, _ := net.SplitHostPort(address.String())
	return "http://" + net.JoinHostPort("localhost", port)
}
