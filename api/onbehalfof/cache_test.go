package onbehalfof

import (
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
)

const azureScope = "https://management.core.windows.net//.default"

// requestOf is an exchange of a user's token, and resultOf a result as long as Entra makes those for Resource Manager.
func requestOf(user int, now time.Time) Request {
	token := secret.New(fmt.Sprintf("%012d", user) + strings.Repeat("a", 1900))
	return Request{Caller: bearer.Caller{Token: token, Digest: token.Digest(), Expires: now.Add(time.Hour)}, Scopes: []string{azureScope}}
}

func resultOf(now time.Time) Result {
	return Result{Token: secret.New(strings.Repeat("b", 2100)), ExpiresOn: now.Add(time.Hour), RefreshOn: now.Add(30 * time.Minute)}
}

// BenchmarkExchangeCached is the exchange of a token whose result is remembered.
func BenchmarkExchangeCached(b *testing.B) {
	now := time.Now()
	results, request, kept := store.NewMemory(store.MemoryOptions{}), requestOf(1, now), resultOf(now)
	e := WithCache(nil, CacheOptions{Store: results, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err := results.Put(b.Context(), request.key(), kept.encode(), time.Hour); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if got, err := e.Exchange(b.Context(), request); err != nil || !got.Cached {
			b.Fatal(got.Cached, err)
		}
	}
}

// TestMemoryPerUser holds what a user's exchanged token costs to 3 kB.
func TestMemoryPerUser(t *testing.T) {
	const users, limit = 20_000, 3 << 10
	now := time.Now()
	before := heap()
	results := store.NewMemory(store.MemoryOptions{})
	for user := range users {
		kept := resultOf(now)
		if err := results.Put(t.Context(), requestOf(user, now).key(), kept.encode(), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	perUser := int(heap()-before) / users
	_, bytes := results.Usage()
	counted := int(bytes) / users
	t.Logf("%d bytes of heap a user, %d counted", perUser, counted)
	if counted < perUser*9/10 {
		t.Errorf("the store counts %d bytes a user and uses %d: its limit isn't one", counted, perUser)
	}
	if perUser > limit {
		t.Errorf("a user costs %d bytes, want at most %d", perUser, limit)
	}
	runtime.KeepAlive(results)
}

// heap is what the program's live objects take, in bytes.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
