package bearer

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

func TestRememberedCallersAreBounded(t *testing.T) {
	t.Parallel()
	recent, now := newRemembered(), time.Now()
	for i := range maxRemembered + 1000 {
		recent.keep(Caller{Digest: secret.New(fmt.Sprint("token ", i)).Digest(), Expires: now.Add(time.Hour)}, 1, now)
	}
	if kept := recent.callers.Len(); kept != maxRemembered {
		t.Errorf("%d are kept, the bound is %d", kept, maxRemembered)
	}
	if _, ok := recent.find(secret.New("token 0").Digest(), 1, now); ok {
		t.Error("the least recently used is still there")
	}
}

// TestMemoryPerUser holds what is remembered of a user's token to 1 kB.
func TestMemoryPerUser(t *testing.T) {
	const users, limit, claim = 20_000, 1 << 10, "aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa"
	before, now := heap(), time.Now()
	callers := newRemembered()
	for user := range users {
		id := fmt.Sprintf("dddddddd-4444-4444-8444-%012d", user)
		token := secret.New(id + strings.Repeat("a", 1900))
		// Each claim is read out of a token of its own.
		callers.keep(Caller{
			TenantID: strings.Clone(claim), ObjectID: id, ClientID: strings.Clone(claim), Scopes: []string{strings.Clone("access_as_user")},
			Token: token, Digest: token.Digest(), Expires: now.Add(time.Hour),
		}, 1, now)
	}
	perUser := int(heap()-before) / users
	t.Logf("%d bytes of heap a user", perUser)
	if perUser > limit {
		t.Errorf("a user costs %d bytes, want at most %d", perUser, limit)
	}
	runtime.KeepAlive(callers)
}

// heap is what the program's live objects take, in bytes.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
