package session_test

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
)

// spy notes all that a backend is given.
type spy struct {
	store.Store
	seen bytes.Buffer
}

func (s *spy) Put(ctx context.Context, key string, value []byte, lifetime time.Duration, indexes ...string) error {
	s.seen.WriteString(key)
	s.seen.Write(value)
	s.seen.WriteString(strings.Join(indexes, " "))
	return s.Store.Put(ctx, key, value, lifetime, indexes...)
}
