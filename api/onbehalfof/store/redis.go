package store

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redisclient"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// redisPrefix is in front of each key. The version is that of the layout: obo:api:exchange:v2:<key in hexadecimal>.
const redisPrefix = "obo:api:exchange:v2:"

// Redis is a [Store] that replicas of the API share. Values are sealed (AES-256-GCM, a key derived from API_STORE_KEY), each
// for the key that it is kept under: whoever can write to Redis can't give one user what was exchanged for another.
//
// Each value's lifetime is its expiry in Redis. Redis bounds them all together (maxmemory); one that it evicts is
// exchanged anew.
type Redis struct {
	client *redis.Client
	aead   cipher.AEAD
}

var _ Store = (*Redis)(nil)

// NewRedis returns a store over a client. key is 32 random bytes, the same in all replicas; with another one, what is
// there counts as absent.
func NewRedis(client *redis.Client, key secret.String) (*Redis, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	return &Redis{client: client, aead: aead}, nil
}

// Load implements [Store].
func (r *Redis) Load(ctx context.Context, key Key) (value []byte, found bool, err error) {
	name := redisPrefix + key.String()
	sealed, err := r.client.Get(ctx, name).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("asking Redis: %w", err)
	}
	value, err = r.aead.Open(nil, nil, sealed, []byte(name))
	if err != nil {
		return nil, false, nil // sealed with a former API_STORE_KEY, or for another exchange
	}
	return value, true, nil
}

// Save implements [Store].
func (r *Redis) Save(ctx context.Context, key Key, value []byte, lifetime time.Duration) error {
	if lifetime < time.Millisecond { // Redis' unit; zero would be for ever
		return r.Delete(ctx, key)
	}
	name := redisPrefix + key.String()
	if err := r.client.Set(ctx, name, r.aead.Seal(nil, nil, value, []byte(name)), lifetime).Err(); err != nil {
		return fmt.Errorf("asking Redis: %w", err)
	}
	return nil
}

// Delete implements [Store].
func (r *Redis) Delete(ctx context.Context, key Key) error {
	if err := r.client.Del(ctx, redisPrefix+key.String()).Err(); err != nil {
		return fmt.Errorf("asking Redis: %w", err)
	}
	return nil
}

// Ready implements [Store].
func (r *Redis) Ready(ctx context.Context) error {
	return redisclient.Ready(ctx, r.client, redisPrefix+"ready")
}
