package env_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

// row returns 32 bytes that begin with first and differ by step.
func row(first, step byte) []byte {
	key := make([]byte, 32)
	for i := range key {
		key[i] = first + byte(i)*step
	}
	return key
}

// TestFieldCase39GuessableKeys: refused in production, each with the reason, and never shown.
func TestFieldCase39GuessableKeys(t *testing.T) {
	t.Parallel()
	random := make([]byte, 32)
	_, _ = rand.Read(random)
	tests := []struct {
		name string
		key  []byte
		want string // a part of the reason; "" where the key is taken
	}{
		{"random", random, ""},
		{"zeros", make([]byte, 32), "one byte"},
		{"ones", bytes.Repeat([]byte{0xff}, 32), "one byte"},
		{"a letter", bytes.Repeat([]byte("k"), 32), "one byte"},
		{"counting up", row(0, 1), "a row"},
		{"counting down", row(0xff, 0xff), "a row"},
		{"in sevens", row(3, 7), "a row"},
		{"deadbeef", bytes.Repeat([]byte{0xde, 0xad, 0xbe, 0xef}, 8), "repeats"},
		{"sixteen bytes twice", append(bytes.Clone(random[:16]), random[:16]...), "repeats"},
		{"zeros and a one", append(make([]byte, 31), 1), "repeats"},
		{"a sentence", []byte("this is a key for the web UI! ok"), "text"},
		{"hexadecimal digits of a GUID", []byte("8f14e45fceea167a5a36dedd4bea2543"), ""},
		{"hexadecimal digits in a row", []byte("0123456789abcdef0123456789abcdef"), "repeats"},
		{"a GUID of few digits", []byte("11111111222233334444555555555555"), "repeats"},
		{"base64 of base64", []byte("q83vASNFZ4mrze8BI0VniavN7wEjRWeJ"), "text"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			value := base64.StdEncoding.EncodeToString(test.key)
			for _, environment := range []string{"production", "", "development"} {
				r := env.From(map[string]string{"ENVIRONMENT": environment, "KEY": value})
				r.Key("KEY", 32)
				err := r.Err()
				if test.want == "" || environment == "development" {
					if err != nil {
						t.Errorf("%q: %v", environment, err)
					}
					continue
				}
				if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), value) {
					t.Errorf("%q: error is %v, want one with %q", environment, err, test.want)
				}
			}
		})
	}
}

func TestFieldCase39RandomKeysAreTaken(t *testing.T) {
	t.Parallel()
	key := make([]byte, 32)
	for range 10_000 {
		_, _ = rand.Read(key)
		r := env.From(map[string]string{"KEY": base64.StdEncoding.EncodeToString(key)})
		if r.Key("KEY", 32); r.Err() != nil {
			t.Fatalf("%x: %v", key, r.Err())
		}
		digits := []byte(hex.EncodeToString(key[:16]))
		r = env.From(map[string]string{"KEY": base64.StdEncoding.EncodeToString(digits)})
		if r.Key("KEY", 32); r.Err() != nil {
			t.Fatalf("%s: %v", digits, r.Err())
		}
	}
}
