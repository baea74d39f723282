package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redisclient"
)

// RedisOptions say what a [Redis] keeps.
type RedisOptions struct {
	// Space keeps one store's keys from another's in the same Redis, such as "webui:session".
	Space string
	// IndexLifetime is how long an index is kept after the last value with it was created. It has to be above the
	// longest time that such a value lives by being used. Zero where there are no indexes.
	IndexLifetime time.Duration
}

// Redis is a [Store] in Redis 7, for replicas that share what they keep. Keys, for the space "webui:session":
//
//	obo:{webui:session}:v2:value:<key>    a value, sealed by whoever uses the store
//	obo:{webui:session}:v2:index:<index>  the keys that were put with an index, a set sorted by time
//	obo:{webui:session}:v2:lock:<key>     whose turn it is to change a value, see redislock.go
//	obo:{webui:session}:v2:ready          written and deleted, to know that Redis takes writes
//
// The braces keep a space in one hash slot: behind the one address of Azure's Redis there are shards, and a command or a script that
// touches two of them is refused, or finds nothing in the other. The version is that of this layout.
//
// All of it ends by itself, so that Redis should be told to evict what ends soonest when its memory is full (maxmemory-policy
// volatile-ttl): the states of finished sign-ins go before the sessions of users, and a user whose session is evicted is signed in
// again. With noeviction a full memory keeps everybody from signing in.
type Redis struct {
	client        *redis.Client
	prefix        string
	indexLifetime time.Duration
	locks         keyedLocks
}

// NewRedis returns a store over a client, which several may share.
func NewRedis(client *redis.Client, o RedisOptions) *Redis {
	return &Redis{client: client, prefix: "obo:{" + o.Space + "}:v2:", indexLifetime: o.IndexLifetime}
}

func (r *Redis) value(key string) string   { return r.prefix + "value:" + key }
func (r *Redis) index(index string) string { return r.prefix + "index:" + index }

// createScript stores a value and puts its key into indexes, all at once: between the two, [Redis.Indexed] would take the key for one
// whose value has ended and drop it, and of a value that its index lacks the user could not sign out elsewhere.
var createScript = redis.NewScript(`
for i = 2, #KEYS do
	redis.call("ZADD", KEYS[i], ARGV[3], ARGV[4])
	redis.call("PEXPIRE", KEYS[i], ARGV[5])
end
return redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])`)

// Put implements [Store].
func (r *Redis) Put(ctx context.Context, key string, value []byte, lifetime time.Duration, indexes ...string) error {
	if lifetime < time.Millisecond { // Redis' unit; zero would be for ever
		_, err := r.Delete(ctx, key)
		return err
	}
	names := []string{r.value(key)}
	for _, index := range indexes {
		if index != "" {
			names = append(names, r.index(index))
		}
	}
	if len(names) == 1 {
		return away(ctx, r.client.Set(ctx, names[0], value, lifetime).Err())
	}
	err := createScript.Run(ctx, r.client, names, value, lifetime.Milliseconds(), time.Now().UnixMicro(), key, max(lifetime, r.indexLifetime).Milliseconds()).Err()
	return away(ctx, err)
}

// Mark implements [Store].
func (r *Redis) Mark(ctx context.Context, key string, lifetime time.Duration) (bool, error) {
	return r.setNew(ctx, r.value(key), rand.Text(), max(lifetime, time.Millisecond)) // as in Put
}

// setNew sets a value where there is none. The client tries again where a connection breaks, and the first try may have done it:
// a value that is there already is the caller's own where it is the same.
func (r *Redis) setNew(ctx context.Context, name, value string, lifetime time.Duration) (bool, error) {
	former, err := r.client.SetArgs(ctx, name, value, redis.SetArgs{Mode: "NX", Get: true, TTL: lifetime}).Result()
	if errors.Is(err, redis.Nil) {
		return true, nil
	}
	return former == value, away(ctx, err)
}

// Get implements [Store].
func (r *Redis) Get(ctx context.Context, key string, extend time.Duration) ([]byte, error) {
	var found *redis.StringCmd
	if extend > 0 {
		found = r.client.GetEx(ctx, r.value(key), extend)
	} else {
		found = r.client.Get(ctx, r.value(key))
	}
	value, err := found.Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, ErrNotFound
	}
	return value, away(ctx, err)
}

// Replace implements [Store].
func (r *Redis) Replace(ctx context.Context, key string, value []byte) error {
	err := r.client.SetArgs(ctx, r.value(key), value, redis.SetArgs{Mode: "XX", KeepTTL: true}).Err()
	if errors.Is(err, redis.Nil) {
		return ErrNotFound
	}
	return away(ctx, err)
}

// Delete implements [Store].
func (r *Redis) Delete(ctx context.Context, keys ...string) (deleted int, err error) {
	if len(keys) == 0 {
		return 0, nil
	}
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = r.value(key)
	}
	n, err := r.client.Del(ctx, names...).Result()
	return int(n), away(ctx, err)
}

// indexedScript returns the keys of an index whose values are still there, and drops the others from it.
var indexedScript = redis.NewScript(`
local live = {}
for _, key in ipairs(redis.call("ZRANGE", KEYS[1], 0, -1)) do
	if redis.call("EXISTS", ARGV[1] .. key) == 1 then
		table.insert(live, key)
	else
		redis.call("ZREM", KEYS[1], key)
	end
end
return live`)

// Indexed implements [Store].
func (r *Redis) Indexed(ctx context.Context, index string) ([]string, error) {
	keys, err := indexedScript.Run(ctx, r.client, []string{r.index(index)}, r.value("")).StringSlice()
	return keys, away(ctx, err)
}

// Ping implements [Store]: a server that answers and takes no writes is away. One that lets this client run no scripts is, too, where
// there are indexes: each sign-in would fail at its end.
func (r *Redis) Ping(ctx context.Context) error {
	err := redisclient.Ready(ctx, r.client, r.prefix+"ready")
	if err == nil && r.indexLifetime > 0 {
		err = redisclient.RunsScripts(ctx, r.client, r.prefix+"ready")
	}
	return away(ctx, err)
}

// away is a failure to reach Redis. Of the client's error it keeps the text alone: a connection that timed out calls itself
// a context's deadline, and callers tell by that whose patience has ended.
func away(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("asking Redis: %w", ctx.Err())
	}
	return fmt.Errorf("asking Redis: %v", err)
}
