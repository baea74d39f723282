package outbound_test

import (
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
)

// trusting returns a client that trusts the test server through TrustedCAFile.
func trusting(t *testing.T, server *httptest.Server, o outbound.Options) *http.Client {
	t.Helper()
	o.TrustedCAFile = filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(o.TrustedCAFile, block, 0o600); err != nil {
		t.Fatal(err)
	}
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Second
	}
	if o.MaxBody == 0 {
		o.MaxBody = 1 << 20
	}
	client, err := outbound.NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

func TestBodiesAreCapped(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", 100))
	}))
	t.Cleanup(server.Close)
	tests := []struct {
		name string
		max  int64
		want error
	}{
		{"exactly as long as allowed", 100, nil},
		{"one byte longer", 99, outbound.ErrTooLarge},
		{"much longer", 10, outbound.ErrTooLarge},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client := trusting(t, server, outbound.Options{MaxBody: test.max})
			response, err := client.Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if !errors.Is(err, test.want) {
				t.Errorf("error is %v, want %v", err, test.want)
			}
			if int64(len(body)) > test.max {
				t.Errorf("read %d bytes of at most %d", len(body), test.max)
			}
		})
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int32
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			elsewhere.Add(1)
		}
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	t.Cleanup(server.Close)
	response, err := trusting(t, server, outbound.Options{}).Post(server.URL, "text/plain", strings.NewReader("secret"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusTemporaryRedirect || elsewhere.Load() != 0 {
		t.Errorf("status %d, %d requests to the redirect's target", response.StatusCode, elsewhere.Load())
	}
}

func TestRequestIDReplacesTheLibrarys(t *testing.T) {
	t.Parallel()
	headers := make(chan http.Header, 1)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { headers <- r.Header }))
	t.Cleanup(server.Close)
	ctx := telemetry.WithTraceID(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), telemetry.Propagator()).Context()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("client-request-id", "the library's own")
	response, err := trusting(t, server, outbound.Options{RequestIDHeader: "client-request-id"}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	sent := <-headers
	if got := sent.Get("client-request-id"); got != telemetry.RequestID(ctx) {
		t.Errorf("client-request-id is %q, want the trace id", got)
	}
	if got := sent.Get("traceparent"); !strings.Contains(got, telemetry.TraceID(ctx)) {
		t.Errorf("traceparent is %q, want the trace id in it", got)
	}
	if got := request.Header.Get("client-request-id"); got != "the library's own" {
		t.Error("the caller's request was changed, which http.RoundTripper forbids")
	}
}

func TestTimeoutCoversTheBody(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		panic(http.ErrAbortHandler) // to end the answer here would race with the client's own end
	}))
	t.Cleanup(server.Close)
	response, err := trusting(t, server, outbound.Options{Timeout: time.Second}).Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.ReadAll(response.Body); err == nil {
		t.Error("an answer without end was read to the end")
	}
}

func TestTrustedCAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	notPEM := filepath.Join(dir, "not.pem")
	if err := os.WriteFile(notPEM, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{filepath.Join(dir, "absent.pem"), notPEM} {
		_, err := outbound.NewClient(outbound.Options{TrustedCAFile: file})
		if err == nil || !strings.Contains(err.Error(), "TRUSTED_CA_FILE") {
			t.Errorf("%s: error is %v, want one that names TRUSTED_CA_FILE", filepath.Base(file), err)
		}
	}
}
