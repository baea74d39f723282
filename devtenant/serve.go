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

// Listen opens both doors. Its error is ErrBrowserDoor or ErrBackDoor, and says why, for example that the port is taken.
func (t *Tenant) Listen() error {
	var err error
	if t.options.BackAddr != NoDoor {
		if t.backDoor, err = net.Listen("tcp", t.options.BackAddr); err != nil {
			return fmt.Errorf("%w: %w", ErrBackDoor, err)
		}
	}
	if t.options.BrowserAddr != NoDoor {
		if t.browserDoor, err = net.Listen("tcp", t.options.BrowserAddr); err != nil {
			return errors.Join(fmt.Errorf("%w: %w", ErrBrowserDoor, err), t.Close())
		}
	}
	if t.backURL == "" && t.backDoor != nil {
		t.backURL = "https://" + localAddress(t.backDoor)
	}
	if t.browserURL == "" {
		t.browserURL = t.backURL
		if t.browserDoor != nil {
			t.browserURL = "http://" + localAddress(t.browserDoor)
		}
	}
	if t.resourceManagerURL == "" {
		t.resourceManagerURL = t.backURL
	}
	t.tenants[0].trustOwnIssuers()
	return nil
}

// Serve answers until ctx ends, then lets running requests finish. It opens the doors if Listen hasn't.
func (t *Tenant) Serve(ctx context.Context) error {
	if t.browserDoor == nil && t.backDoor == nil {
		if err := t.Listen(); err != nil {
			return err
		}
	}
	ended := make(chan error, 2)
	var servers []*http.Server
	serve := func(door net.Listener, config *tls.Config) {
		server := &http.Server{
			Handler: t.Handler(), ErrorLog: slog.NewLogLogger(t.log.Handler(), slog.LevelDebug),
			ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 2 * time.Minute, IdleTimeout: time.Minute,
			MaxHeaderBytes: 64 << 10, TLSConfig: config,
		}
		servers = append(servers, server)
		go func() {
			if config == nil {
				ended <- server.Serve(door)
				return
			}
			ended <- server.ServeTLS(door, "", "")
		}()
	}
	if t.browserDoor != nil {
		serve(t.browserDoor, nil)
	}
	if t.backDoor != nil {
		serve(t.backDoor, &tls.Config{Certificates: []tls.Certificate{t.ca.door}, MinVersion: tls.VersionTLS12})
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

// Close closes the doors at once.
func (t *Tenant) Close() error {
	var err error
	for _, door := range []net.Listener{t.browserDoor, t.backDoor} {
		if door == nil {
			continue
		}
		if closing := door.Close(); closing != nil && !errors.Is(closing, net.ErrClosed) {
			err = errors.Join(err, closing)
		}
	}
	return err
}

// Client is an HTTP client that trusts the back door.
func (t *Tenant) Client() *http.Client {
	return &http.Client{Transport: t.Transport(), Timeout: 30 * time.Second}
}

// Transport trusts the back door, and takes the hosts of the tenant's public addresses to it, whatever the name
// service says: a tenant that is called login.microsoftonline.com can be asked by that name.
func (t *Tenant) Transport() *http.Transport {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(t.ca.certificatePEM)
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	return &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			host, port, err := net.SplitHostPort(address)
			if err == nil && t.backDoor != nil && host != "localhost" && port == "443" && slices.Contains(t.hostNames(), host) {
				address = t.backDoor.Addr().String()
			}
			return dialer.DialContext(ctx, network, address)
		},
	}
}

// localAddress is how a browser on this machine reaches a door.
func localAddress(door net.Listener) string {
	_, port, err := net.SplitHostPort(door.Addr().String())
	if err != nil {
		return door.Addr().String()
	}
	return net.JoinHostPort("localhost", port)
}
