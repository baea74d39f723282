package server

import (
	"flag"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/tokenstore"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// footprintUsers is how many users TestMemoryPerUser has. What one costs is the same for 100,000.
var footprintUsers = flag.Int("footprint-users", 20_000, "how many users there are to measure what one costs in memory")

// TestMemoryPerUser holds what a user costs the API to 4 kB: the exchanged token, as long as Entra makes those for Resource
// Manager, and what the door remembers of the user's own.
func TestMemoryPerUser(t *testing.T) {
	const limit = 4 << 10
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	now := time.Now()
	before := heap()
	recent, results := newRecentCallers(), tokenstore.NewMemory(1<<30, nil)
	for user := range *footprintUsers {
		id := fmt.Sprintf("dddddddd-4444-4444-8444-%012d", user)
		tokenA := secret.New(id + strings.Repeat("a", 1900))
		// Each claim is read out of a token of its own.
		recent.keep(caller{tenantID: strings.Clone(tenantClaim), objectID: id, clientID: strings.Clone(tenantClaim), token: tokenA, digest: tokenA.Digest(), expires: now.Add(time.Hour)}, 1, now)
		tokenB := exchanged{token: secret.New(strings.Repeat("b", 2100)), expires: now.Add(time.Hour)}
		if err := results.Save(t.Context(), tokenstore.KeyOf(tokenA.Digest(), []string{"https://management.core.windows.net//.default"}, ""), tokenB.encode(), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	perUser := int(heap()-before) / *footprintUsers
	t.Logf("%d bytes of heap a user", perUser)
	if perUser > limit {
		t.Errorf("a user costs %d bytes, want at most %d", perUser, limit)
	}
	runtime.KeepAlive(recent)
	runtime.KeepAlive(results)
}

const tenantClaim = "aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa"

func TestRecentCallersAreBounded(t *testing.T) {
	t.Parallel()
	recent, now := newRecentCallers(), time.Now()
	for i := range maxRecent + 1000 {
		recent.keep(caller{digest: secret.New(fmt.Sprint("token ", i)).Digest(), expires: now.Add(time.Hour)}, 1, now)
	}
	if kept := recent.callers.Len(); kept != maxRecent {
		t.Errorf("%d are kept, the bound is %d", kept, maxRecent)
	}
	if _, ok := recent.find(secret.New("token 0").Digest(), 1, now); ok {
		t.Error("the least recently used is still there")
	}
}
