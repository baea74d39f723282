package onbehalfof

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redistest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
)

func TestKeysDiffer(t *testing.T) {
	t.Parallel()
	request := func(tokenA, claims string, scopes ...string) Request {
		return Request{Caller: bearer.Caller{Digest: secret.New(tokenA).Digest()}, Scopes: scopes, Claims: claims}
	}
	keys := map[string]string{}
	for name, r := range map[string]Request{
		"plain":                 request("a", "", "s"),
		"another token A":       request("b", "", "s"),
		"another scope":         request("a", "", "t"),
		"two scopes":            request("a", "", "s", "t"),
		"one scope with a gap":  request("a", "", "s t"),
		"claims":                request("a", "c", "s"),
		"claims, no scope":      request("a", "c"),
		"shifted into claims":   request("", "a", "s"),
		"shifted into the next": request("as", ""),
	} {
		if other, taken := keys[r.key()]; taken {
			t.Errorf("%q and %q have one key", name, other)
		}
		keys[r.key()] = name
	}
}

// replica is the cache of one API over a Redis, sealed with a key.
func replica(t *testing.T, server *redistest.Server, key string) *cache {
	t.Helper()
	sealer, err := store.NewSealer(secret.New(strings.Repeat(key, 32)), "api exchanged token v3")
	if err != nil {
		t.Fatal(err)
	}
	return &cache{CacheOptions: CacheOptions{
		Store: store.NewRedis(server.Client(t), store.RedisOptions{Space: "api:exchange"}), Sealer: sealer,
		Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}}
}

func TestReplicasShareWhatTheyExchanged(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	now := time.Now()
	request, result := requestOf(1, now), resultOf(now)
	replica(t, server, "k").save(t.Context(), request.key(), request, &result)
	if kept, found, err := replica(t, server, "k").load(t.Context(), request.key()); err != nil || !found || !kept.Token.Equal(result.Token) {
		t.Errorf("the other replica: %v, %v", found, err)
	}
	if _, found, err := replica(t, server, "x").load(t.Context(), request.key()); err != nil || found {
		t.Errorf("a replica with another key: %v, %v; want nothing", found, err)
	}
}

// TestValuesStayWhereTheyBelong: whoever can write to Redis can't pass one user's token off as another's.
func TestValuesStayWhereTheyBelong(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	results, own, now := replica(t, server, "k"), server.Client(t), time.Now()
	alice, bob, result := requestOf(1, now), requestOf(2, now), resultOf(now)
	results.save(t.Context(), alice.key(), alice, &result)
	const prefix = "obo:{api:exchange}:v2:value:"
	if err := own.Copy(t.Context(), prefix+alice.key(), prefix+bob.key(), 0, true).Err(); err != nil {
		t.Fatal(err)
	}
	if _, found, err := results.load(t.Context(), bob.key()); err != nil || found {
		t.Errorf("bob gets alice's token: %v, %v", found, err)
	}
	for name, values := range redistest.Dump(t, own) {
		if !strings.HasPrefix(name, prefix) || strings.Contains(values[0], "bbbb") || strings.Contains(values[0], "access_token") {
			t.Errorf("%s holds %q", name, values[0])
		}
		if left := own.PTTL(t.Context(), name).Val(); left <= 0 || left > time.Hour {
			t.Errorf("%s ends in %s", name, left)
		}
	}
}
