package devtenant

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"
)

// Listen opens both channels. Its error is ErrFrontChannel or ErrBackChannel, and says why, for example that the port is taken.
func (t *Tenant) Listen() error {
	var err error
	if t.options.BackAddr != NoAddress {
		if t.backListener, err = net.Listen("tcp", t.options.BackAddr); err != nil {
			return fmt.Errorf("%w: %w", ErrBackChannel, err)
		}
	}
	if t.options.BrowserAddr != NoAddress {
		if t.browserListener, err = net.Listen("tcp", t.options.BrowserAddr); err != nil {
			return errors.Join(fmt.Errorf("%w: %w", ErrFrontChannel, err), t.Close())
		}
	}
	if t.backURL == "" && t.backListener != nil {
		t.backURL = "https://" + localAddress(t.backListener)
	}
	if t.browserURL == "" {
		t.browserURL = t.backURL
		if t.browserListener != nil {
			t.browserURL = "http://" + localAddress(t.browserListener)
		}
	}
	if t.resourceManagerURL == "" {
		t.resourceManagerURL = t.backURL
	}
	t.tenants[0].trustOwnIssuers()
	return nil
}

// Serve answers until ctx ends, then lets running requests finish. It opens the channels if Listen hasn't.
func (t *Tenant) Serve(ctx context.Context) error {
	if t.browserListener == nil && t.backListener == nil {
		if err := t.Listen(); err != nil {
			return err
		}
	}
	ended := make(chan error, 2)
	var servers []*http.Server
	serve := func(listener net.Listener, config *tls.Config) {
		server := &http.Server{
			Handler: t.Handler(), ErrorLog: slog.NewLogLogger(t.log.Handler(), slog.LevelDebug),
			ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 2 * time.Minute, IdleTimeout: time.Minute,
			MaxHeaderBytes: 64 << 10, TLSConfig: config,
		}
		servers = append(servers, server)
		go func() {
			if config == nil {
				ended <- server.Serve(listener)
				return
			}
			ended <- server.ServeTLS(listener, "", "")
		}()
	}
	if t.browserListener != nil {
		serve(t.browserListener, nil)
	}
	if t.backListener != nil {
		serve(t.backListener, &tls.Config{Certificates: []tls.Certificate{t.ca.server}, MinVersion: tls.VersionTLS12})
	}
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-ended:
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.options.drain)
	defer cancel()
	for _, server := range servers {
		if err := server.Shutdown(drain); err != nil {
			_ = server.Close() // a request that hangs, perhaps on purpose, doesn't keep the program
		}
	}
	if failed != nil && !errors.Is(failed, http.ErrServerClosed) {
		return fmt.Errorf("serving: %w", failed)
	}
	return nil
}

// Close closes the channels at once.
func (t *Tenant) Close() error {
	var err error
	for _, listener := range []net.Listener{t.browserListener, t.backListener} {
		if listener == nil {
			continue
		}
		if closing := listener.Close(); closing != nil && !errors.Is(closing, net.ErrClosed) {
			err = errors.Join(err, closing)
		}
	}
	return err
}

// Client is an HTTP client that trusts the back channel.
func (t *Tenant) Client() *http.Client {
	return &http.Client{Transport: t.Transport(), Timeout: 30 * time.Second}
}

// Transport trusts the back channel, and takes the hosts of the tenant's public addresses to it, whatever the name
// service says: a tenant that is called login.microsoftonline.com can be asked by that name.
func (t *Tenant) Transport() *http.Transport {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(t.ca.certificatePEM)
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	return &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			host, port, err := net.SplitHostPort(address)
			if err == nil && t.backListener != nil && host != "localhost" && port == "443" && slices.Contains(t.hostNames(), host) {
				address = t.backListener.Addr().String()
			}
			return dialer.DialContext(ctx, network, address)
		},
	}
}

// localAddress is how a browser on this machine reaches a listener.
func localAddress(listener net.Listener) string {
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return listener.Addr().String()
	}
	return net.JoinHostPort("localhost", port)
}
