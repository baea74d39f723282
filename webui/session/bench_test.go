package session_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// BenchmarkSessionLoad is a request's way from its cookie to its user's record.
func BenchmarkSessionLoad(b *testing.B) {
	store, err := session.NewStore(store.NewMemory(store.MemoryOptions{}), session.Options{Key: secret.New(strings.Repeat("k", 32))})
	if err != nil {
		b.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := store.SignIn(w, httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/", nil), realisticRecord(1)); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/", nil) // a request's session is loaded once
		for _, cookie := range w.Result().Cookies() {
			r.AddCookie(cookie)
		}
		if _, err := store.Current(r); err != nil {
			b.Fatal(err)
		}
	}
}
