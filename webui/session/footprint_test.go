package session_test

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/clocktest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// footprintUsers is how many users TestMemoryPerUser signs in. What one costs is the same for 100,000.
var footprintUsers = flag.Int("footprint-users", 20_000, "how many users sign in to measure what one costs in memory")

// realisticRecord is a record as Entra makes it large: a v2.0 access token of 1.9 kB, a refresh token of 1.8, and what MSAL
// writes around them.
func realisticRecord(user int) session.Record {
	unique := fmt.Sprintf("%08d", user)
	token := unique + strings.Repeat("a", 1900)
	cache := `{"AccessToken":{"key":{"secret":"` + token + `"}},"RefreshToken":{"secret":"` + strings.Repeat("r", 1800) + `"}` + strings.Repeat("m", 1400) + `}`
	return session.Record{
		User:          session.User{TenantID: strings.Repeat("t", 36), ObjectID: strings.Repeat("o", 28) + unique, Name: "User " + unique, Username: unique + "@contoso.example"},
		SID:           strings.Repeat("s", 28) + unique,
		HomeAccountID: strings.Repeat("h", 73),
		RenewAt:       time.Now().Add(time.Hour),
		Scopes:        []string{"api://aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa/access_as_user"},
		Cache:         []byte(cache),
		AccessToken:   secret.New(token),
	}
}

// TestMemoryPerUser holds what a signed-in user costs to 8 kB, and what the backend counts to what is used: a limit that is
// counted wrongly is none.
func TestMemoryPerUser(t *testing.T) {
	const limit = 8 << 10
	memory := store.NewMemory(store.MemoryOptions{MaxBytes: 4 << 30})
	store, err := session.NewStore(memory, session.Options{Key: secret.New(strings.Repeat("k", 32))})
	if err != nil {
		t.Fatal(err)
	}
	before := heap()
	for user := range *footprintUsers {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		if err := store.SignIn(httptest.NewRecorder(), request, realisticRecord(user)); err != nil {
			t.Fatal(err)
		}
	}
	perUser := int64(heap()-before) / int64(*footprintUsers)
	entries, bytes := memory.Usage()
	counted := bytes / int64(entries)
	t.Logf("%d bytes of heap a user, %d counted", perUser, counted)
	if perUser > limit {
		t.Errorf("a user costs %d bytes, want at most %d", perUser, limit)
	}
	if counted < perUser*9/10 {
		t.Errorf("the backend counts %d bytes a user and uses %d: its limit isn't one", counted, perUser)
	}
	runtime.KeepAlive(store)
}

// TestADayOfRenewalsLeavesMemoryWhereItWas renews each user's token each hour of a day, and has each sign in again each
// twelve, when the session's time is over.
func TestADayOfRenewalsLeavesMemoryWhereItWas(t *testing.T) {
	const users = 500
	now := clocktest.New(time.Unix(1_800_000_000, 0))
	memory := store.NewMemory(store.MemoryOptions{Now: now.Now})
	store, err := session.NewStore(memory, session.Options{Key: secret.New(strings.Repeat("k", 32)), Now: now.Now})
	if err != nil {
		t.Fatal(err)
	}
	browsers := make([]browser, users)
	visit := func(user int) {
		b := &browsers[user]
		if held, err := store.Current(b.request(t)); err == nil {
			if err := held.Update(t.Context(), func(r *session.Record) error { *r = withNewToken(*r, now.Now()); return nil }); err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			if err := held.KeepAlive(t.Context(), w); err != nil {
				t.Fatal(err)
			}
			b.take(w)
			return
		}
		w := httptest.NewRecorder()
		if err := store.SignIn(w, b.request(t), realisticRecord(user)); err != nil {
			t.Fatal(err)
		}
		b.take(w)
	}
	var first uint64
	var firstBytes int64
	for hour := range 25 {
		for user := range users {
			visit(user)
		}
		if hour == 0 {
			first = heap()
			_, firstBytes = memory.Usage()
		}
		now.Advance(time.Hour)
	}
	last := heap()
	entries, bytes := memory.Usage()
	t.Logf("heap %d kB after the first hour and %d after the day; %d entries", first>>10, last>>10, entries)
	if entries != users || bytes > firstBytes*11/10 || last > first+first/4 {
		t.Errorf("%d entries of %d users, %d bytes (%d in the first hour), heap %d (%d)", entries, users, bytes, firstBytes, last, first)
	}
	runtime.KeepAlive(store)
}

// withNewToken is a record after a renewal.
func withNewToken(r session.Record, now time.Time) session.Record {
	renewed := fmt.Sprint(now.Unix())
	old := r.AccessToken.Reveal()
	token := renewed + old[len(renewed):]
	r.Cache = []byte(strings.Replace(string(r.Cache), old, token, 1))
	r.AccessToken, r.RenewAt = secret.New(token), now.Add(time.Hour)
	return r
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
