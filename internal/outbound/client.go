// Package outbound makes the HTTP clients with which the tiers talk to Entra, to one another and to Resource Manager.
//
// net/http's default client waits for ever, follows redirects anywhere and reads whatever is sent. A server that holds
// other people's tokens can afford none of the three: see [Options] for the bounds.
package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
)

// ErrTooLarge is what reading an answer ends with once it is longer than [Options.MaxBody].
var ErrTooLarge = errors.New("the answer is larger than this client reads")

// ErrCutShort is what reading a good answer ends with where its connection breaks off.
var ErrCutShort = errors.New("the answer was cut short")

// Options bounds what a client may do. Timeout and MaxBody must be set.
type Options struct {
	// TrustedCAFile is a PEM file with certificate authorities to trust besides the system's; "" for none.
	TrustedCAFile string
	// Timeout bounds one request and its answer, reading that included.
	Timeout time.Duration
	// MaxBody bounds the answer, in bytes after decompression.
	MaxBody int64
	// Proxied lets the environment's proxies (HTTP_PROXY, HTTPS_PROXY, NO_PROXY) carry the requests, as an installation may
	// need on its way to Entra and Azure. Without it they go direct: between tiers, a proxy that stands in the environment
	// for the outside would be handed the users' tokens, in the clear where the address is http.
	Proxied bool
	// RequestIDHeader is sent with the trace id as a GUID, so that the other side's logs can be searched for it, such as
	// Entra's "client-request-id"; "" sends none. For services that the Azure SDK calls, downstream.Service sends theirs.
	RequestIDHeader string
}

// NewClient returns a client that keeps to the bounds, sends the trace context and never follows a redirect: a token
// endpoint or an API that redirects is misconfigured or not who it claims to be, and following would carry a secret or a
// token to wherever it points.
func NewClient(o Options) (*http.Client, error) {
	roots, err := TrustedRoots(o.TrustedCAFile)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		// HTTP/2 would have all requests to a host share one connection, and fail together where a load balancer drops it silently.
		// Of HTTP/1.1's connections each fails one request; those that wait for one are probed, and closed 25 seconds after the drop.
		Protocols: http1(),
		DialContext: (&net.Dialer{
			Timeout:         5 * time.Second,
			KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3},
		}).DialContext,
		MaxIdleConns:          512,
		MaxIdleConnsPerHost:   256,              // the default of two makes a new TLS connection for nearly each request under load
		IdleConnTimeout:       60 * time.Second, // before the other side's, often 75 to 120: a POST on a connection that closes is lost
		TLSHandshakeTimeout:   5 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
	if o.Proxied {
		transport.Proxy, transport.OnProxyConnectResponse = environmentsProxy(), refusedByProxy
	}
	traced := otelhttp.NewTransport(transport,
		// Building a span's attributes costs more than sending the request, so it is skipped where nobody collects them.
		// Where somebody does, otelhttp finds out from the span in the context.
		otelhttp.WithFilter(func(r *http.Request) bool { return telemetry.Collected(r.Context()) }),
		otelhttp.WithPropagators(telemetry.Propagator()),
		otelhttp.WithMeterProvider(noop.NewMeterProvider()))
	return &http.Client{
		Transport:     &outgoing{next: traced, connections: transport, options: o},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

func http1() *http.Protocols {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &protocols
}

// TrustedRoots returns the system's certificate authorities and those in file, a PEM file, or nil, which means the system's,
// where file is "".
func TrustedRoots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading TRUSTED_CA_FILE: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("reading TRUSTED_CA_FILE: %s holds no certificate in PEM form", file)
	}
	return roots, nil
}

// outgoing sends the trace's ids along, and bounds the answer's time and length.
type outgoing struct {
	next        http.RoundTripper
	connections *http.Transport // at the end of next
	options     Options
}

func (o *outgoing) RoundTrip(request *http.Request) (*http.Response, error) {
	// http.Client.Timeout would do the same with two goroutines for each request: it knows net/http's own transports alone.
	ctx, cancel := context.WithTimeout(request.Context(), o.options.Timeout)
	request = request.Clone(ctx) // a RoundTripper must not change its caller's
	// Where spans are collected, otelhttp replaces this by its own span's.
	telemetry.Propagator().Inject(ctx, propagation.HeaderCarrier(request.Header))
	if o.options.RequestIDHeader != "" {
		if id := telemetry.RequestID(ctx); id != "" {
			// MSAL sends an id of its own making here, which nobody could find in our log.
			request.Header.Set(o.options.RequestIDHeader, id)
		}
	}
	response, err := o.next.RoundTrip(request)
	if err != nil {
		cancel()
		return nil, err
	}
	response.Body = &boundedBody{ReadCloser: response.Body, cancel: cancel, left: o.options.MaxBody, good: response.StatusCode/100 == 2}
	return response, nil
}

// CloseIdleConnections lets http.Client.CloseIdleConnections reach the connections. otelhttp's transport doesn't hand it on.
func (o *outgoing) CloseIdleConnections() { o.connections.CloseIdleConnections() }

// boundedBody is an [io.LimitedReader] that tells a cut from an end: half a JSON document must not look like a whole one.
type boundedBody struct {
	io.ReadCloser
	cancel context.CancelFunc // of the time to read it in
	left   int64
	good   bool // the status is
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return n - 1, ErrTooLarge
	}
	if b.good && errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("%w: %w", ErrCutShort, err)
	}
	return n, err
}

// Close implements [io.Closer].
func (b *boundedBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}
