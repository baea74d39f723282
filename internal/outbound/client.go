// Package outbound makes the HTTP clients with which the tiers talk to Entra, to one another and to Resource Manager.
//
// net/http's default client waits for ever, follows redirects anywhere and reads whatever is sent. A server that holds
// other people's tokens can afford none of the three: see [Options] for the bounds.
package outbound

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
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

// defaultSilence is [Options.Silence] where it is zero.
const defaultSilence = 10 * time.Second

// Options bounds what a client may do. Timeout and MaxBody must be set.
type Options struct {
	// TrustedCAFile is a PEM file with certificate authorities to trust besides the system's; "" for none.
	TrustedCAFile string
	// Timeout bounds one exchange, reading the answer included.
	Timeout time.Duration
	// MaxBody bounds the answer, in bytes after decompression.
	MaxBody int64
	// Silence is how long an HTTP/2 connection, in use or idle, may send nothing until it is pinged; it is closed where
	// half of that passes without an answer. Default 10 seconds, which only tests change. Requests to a host share a
	// connection: without the ping, one that a load balancer has dropped silently makes each of them time out until the
	// system gives it up, after a quarter of an hour.
	Silence time.Duration
	// Proxied lets the environment's proxies (HTTP_PROXY, HTTPS_PROXY, NO_PROXY) carry the requests, as an installation may
	// need on its way to Entra and Azure. Without it they go direct: between tiers, a proxy that stands in the environment
	// for the outside would be handed the users' tokens, in the clear where the address is http.
	Proxied bool
	// RequestIDHeader is sent with the trace id as a GUID, so that the other side's logs can be searched for it:
	// "client-request-id" is Entra's, "x-ms-client-request-id" Resource Manager's. "" sends none.
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
	silence := cmp.Or(o.Silence, defaultSilence)
	transport := &http.Transport{
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		ForceAttemptHTTP2:     true,
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: silence, PingTimeout: silence / 2},
		MaxIdleConns:          512,
		MaxIdleConnsPerHost:   256, // the default of two makes a new TLS connection for nearly each request under load
		IdleConnTimeout:       90 * time.Second,
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
		Transport:     &outgoing{next: traced, connections: transport, maxBody: o.MaxBody, requestIDHeader: o.RequestIDHeader},
		Timeout:       o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
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

// outgoing sends the trace's ids along and caps the bodies of answers.
type outgoing struct {
	next            http.RoundTripper
	connections     *http.Transport // at the end of next
	maxBody         int64
	requestIDHeader string
}

func (o *outgoing) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	request = request.Clone(ctx) // a RoundTripper must not change its caller's
	// Where spans are collected, otelhttp replaces this by its own span's.
	telemetry.Propagator().Inject(ctx, propagation.HeaderCarrier(request.Header))
	if id := telemetry.RequestID(ctx); o.requestIDHeader != "" && id != "" {
		// MSAL sends an id of its own making here, which nobody could find in our log.
		request.Header.Set(o.requestIDHeader, id)
	}
	response, err := o.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	response.Body = &cappedBody{ReadCloser: response.Body, left: o.maxBody}
	return response, nil
}

// CloseIdleConnections lets http.Client.CloseIdleConnections reach the connections. otelhttp's transport doesn't hand it on.
func (o *outgoing) CloseIdleConnections() { o.connections.CloseIdleConnections() }

// cappedBody is an [io.LimitedReader] that tells a cut from an end: half a JSON document must not look like a whole one.
type cappedBody struct {
	io.ReadCloser
	left int64
}

func (c *cappedBody) Read(p []byte) (int, error) {
	if c.left < 0 {
		return 0, ErrTooLarge
	}
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.ReadCloser.Read(p)
	c.left -= int64(n)
	if c.left < 0 {
		return n - 1, ErrTooLarge
	}
	return n, err
}
