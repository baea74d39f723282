// Package outbound makes the HTTP clients with which the tiers talk to Entra, to one another and to Resource Manager.
//
// net/http's default client waits for ever, follows redirects anywhere and reads whatever is sent. A server that holds
// other people's tokens can afford none of the three: see [Options] for the bounds.
package outbound

import (
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

	"ms-identity-go-on-behalf-of/internal/telemetry"
)

// ErrTooLarge is what reading an answer ends with once it is longer than [Options.MaxBody].
var ErrTooLarge = errors.New("the answer is larger than this client reads")

// Options bounds what a client may do. Timeout and MaxBody must be set.
type Options struct {
	// TrustedCAFile is a PEM file with certificate authorities to trust besides the system's; "" for none.
	TrustedCAFile string
	// Timeout bounds one exchange, reading the answer included.
	Timeout time.Duration
	// MaxBody bounds the answer, in bytes after decompression.
	MaxBody int64
	// RequestIDHeader is sent with the trace id as a GUID, so that the other side's logs can be searched for it:
	// "client-request-id" is Entra's, "x-ms-client-request-id" Resource Manager's. "" sends none.
	RequestIDHeader string
}

// NewClient returns a client that keeps to the bounds, sends the trace context, takes its proxy from the environment and
// never follows a redirect: a token endpoint or an API that redirects is misconfigured or not who it claims to be, and
// following would carry a secret or a token to wherever it points.
func NewClient(o Options) (*http.Client, error) {
	roots, err := TrustedRoots(o.TrustedCAFile)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          512,
		MaxIdleConnsPerHost:   256, // the default of two makes a new TLS connection for nearly each request under load
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   5 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
	traced := otelhttp.NewTransport(transport,
		otelhttp.WithPropagators(telemetry.Propagator()),
		otelhttp.WithMeterProvider(noop.NewMeterProvider()))
	return &http.Client{
		Transport:     &bounded{next: traced, maxBody: o.MaxBody, requestIDHeader: o.RequestIDHeader},
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

// bounded caps the bodies of answers and adds the request id.
type bounded struct {
	next            http.RoundTripper
	maxBody         int64
	requestIDHeader string
}

func (b *bounded) RoundTrip(request *http.Request) (*http.Response, error) {
	if id := telemetry.RequestID(request.Context()); b.requestIDHeader != "" && id != "" {
		// MSAL sends an id of its own making here, which nobody could find in our log.
		request = request.Clone(request.Context())
		request.Header.Set(b.requestIDHeader, id)
	}
	response, err := b.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	response.Body = &cappedBody{ReadCloser: response.Body, left: b.maxBody}
	return response, nil
}

// CloseIdleConnections lets http.Client.CloseIdleConnections reach the transport, through the tracing in between.
func (b *bounded) CloseIdleConnections() {
	if closer, ok := b.next.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

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
