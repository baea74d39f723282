package session_test

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// spy notes all that a backend is given.
type spy struct {
	session.Backend
	seen bytes.Buffer
}

func (s *spy) Create(ctx context.Context, key string, value []byte, lifetime time.Duration, indexes ...string) error {
	s.seen.WriteString(key)
	s.seen.Write(value)
	s.seen.WriteString(strings.Join(indexes, " "))
	return s.Backend.Create(ctx, key, value, lifetime, indexes...)
}
