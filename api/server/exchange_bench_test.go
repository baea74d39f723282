package server

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/tokenstore"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// BenchmarkExchangeCached is the exchange of a token whose result is remembered.
func BenchmarkExchangeCached(b *testing.B) {
	now := time.Now()
	e := &exchanger{results: tokenstore.NewMemory(1<<20, nil), now: time.Now, log: slog.New(slog.DiscardHandler)}
	assertion := secret.New(strings.Repeat("a", 1900))
	user := caller{token: assertion, digest: assertion.Digest(), expires: now.Add(time.Hour)}
	scopes := []string{"https://management.core.windows.net//.default"}
	kept := exchanged{token: secret.New(strings.Repeat("b", 2100)), expires: now.Add(time.Hour), renewAt: now.Add(30 * time.Minute)}
	if err := e.results.Save(b.Context(), tokenstore.KeyOf(user.digest, scopes, ""), kept.encode(), time.Hour); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, cached, err := e.token(b.Context(), user, scopes, ""); err != nil || !cached {
			b.Fatal(cached, err)
		}
	}
}
