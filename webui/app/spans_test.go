package app_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestSpansOfAVisit: where somebody collects spans, a visit's own and those of its calls arrive, and not in a trace that the
// visitor names.
func TestSpansOfAVisit(t *testing.T) {
	collected := &logBuffer{}
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(collected, r.Body) }))
	defer collector.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
	s := startStack(t, options{})
	v := s.visitor(t)
	v.signIn("alice")
	if got := v.get("/", "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"); got.rows() != 3 {
		t.Fatalf("%d %s", got.status, got.code())
	}
	if err := s.webUI.Close(); err != nil { // which sends what has not been sent
		t.Fatal(err)
	}
	spans := collected.String()
	for _, name := range []string{"/account/callback", "HTTP POST", "HTTP GET"} {
		if !strings.Contains(spans, name) {
			t.Errorf("there is no span %q", name)
		}
	}
	if strings.Contains(spans, "\x0a\xf7\x65\x19\x16\xcd\x43\xdd\x84\x48\xeb\x21\x1c\x80\x31\x9c") {
		t.Error("a visitor has a say in which trace a visit belongs to")
	}
	for _, secret := range []string{"eyJ", "code="} {
		if strings.Contains(spans, secret) {
			t.Errorf("a span holds %q", secret)
		}
	}
}
