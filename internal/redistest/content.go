package redistest

import (
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Clear deletes all that the server holds.
func Clear(t testing.TB, client *redis.Client) {
	t.Helper()
	if err := client.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
}

// Advance lets time pass for all that the client's database holds: each key's end comes nearer by d, and those whose end
// has come are deleted. Redis goes by the machine's clock, which a test can't move.
func Advance(t testing.TB, client *redis.Client, d time.Duration) {
	t.Helper()
	for _, key := range Keys(t, client) {
		left, err := client.PTTL(t.Context(), key).Result()
		if err != nil {
			t.Fatal(err)
		}
		if left < 0 { // without an end, or gone
			continue
		}
		// An end in the past deletes.
		if err := client.PExpire(t.Context(), key, left-d).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// Keys returns the keys of the client's database.
func Keys(t testing.TB, client *redis.Client) []string {
	t.Helper()
	var keys []string
	scan := client.Scan(t.Context(), 0, "*", 1000).Iterator()
	for scan.Next(t.Context()) {
		keys = append(keys, scan.Val())
	}
	if err := scan.Err(); err != nil {
		t.Fatal(err)
	}
	return keys
}

// Dump returns all that the client's database holds, by key. It fails the test for a type of value that it doesn't know, so that nothing stays unseen.
func Dump(t testing.TB, client *redis.Client) map[string][]string {
	t.Helper()
	content := map[string][]string{}
	for _, key := range Keys(t, client) {
		kind, err := client.Type(t.Context(), key).Result()
		if err != nil {
			t.Fatal(err)
		}
		switch kind {
		case "none": // the same
		case "string":
			value, err := client.Get(t.Context(), key).Result()
			if errors.Is(err, redis.Nil) {
				continue // has just ended
			}
			if err != nil {
				t.Fatal(err)
			}
			content[key] = []string{value}
		case "zset":
			if content[key], err = client.ZRange(t.Context(), key, 0, -1).Result(); err != nil {
				t.Fatal(err)
			}
		default:
			t.Fatalf("%q is a %s, which Dump doesn't read", key, kind)
		}
	}
	return content
}
