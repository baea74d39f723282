package server_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/server"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
)

func benchmarkServer(b *testing.B) (*tenant, *server.Server) {
	b.Helper()
	issuer := newTenant(b)
	made, err := server.New(b.Context(), readConfig(b, settingsFor(b, issuer)), telemetry.NewLogger(io.Discard, "text", "info"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = made.Close() })
	return issuer, made
}

// BenchmarkDoor is a good token, seen for the first time (all checks, signature included) and again.
func BenchmarkDoor(b *testing.B) {
	issuer, made := benchmarkServer(b)
	header := http.Header{"Authorization": {"Bearer " + issuer.token(nil)}}
	for name, admit := range map[string]func(context.Context, http.Header) error{"first": made.AdmitAnew, "again": made.Admit} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := admit(b.Context(), header); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// discarded is a response that nobody reads.
type discarded struct {
	header http.Header
	status int
}

func (d *discarded) Header() http.Header         { return d.header }
func (d *discarded) Write(p []byte) (int, error) { return len(p), nil }
func (d *discarded) WriteHeader(status int)      { d.status = status }

// BenchmarkRequest is a whole request with a cached token B, over TLS to a Resource Manager that answers at once.
func BenchmarkRequest(b *testing.B) {
	issuer, made := benchmarkServer(b)
	request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "/subscriptions", nil)
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+issuer.token(nil))
	b.ReportAllocs()
	for b.Loop() {
		response := &discarded{header: http.Header{}}
		made.Handler().ServeHTTP(response, request)
		if response.status != http.StatusOK {
			b.Fatalf("status %d", response.status)
		}
	}
}
