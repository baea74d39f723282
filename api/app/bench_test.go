package app_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
)

func benchmarkServer(b *testing.B) (*tenant, *app.App) {
	b.Helper()
	issuer := newTenant(b)
	made, err := app.New(b.Context(), readConfig(b, settingsFor(b, issuer)), telemetry.NewLogger(io.Discard, "text", "info"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = made.Close() })
	return issuer, made
}

// BenchmarkValidation is the validation of a good token that was seen before. BenchmarkRequest's first request pays for the rest.
func BenchmarkValidation(b *testing.B) {
	issuer, made := benchmarkServer(b)
	header := http.Header{"Authorization": {"Bearer " + issuer.token(nil)}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := made.Validator().Validate(b.Context(), header); err != nil {
			b.Fatal(err)
		}
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
