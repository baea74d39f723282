// Package secret holds the one type in which tokens, client secrets and keys travel through the code.
//
// A token that is a plain string ends up in a log sooner or later: in a struct that someone prints with %+v, in an
// error, in a JSON body made for debugging. A [String] can be handed to fmt, log/slog and encoding/json and says
// "[redacted]" to all of them. The one way to its content is [String.Reveal], which is easy to search for.
package secret

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// String is a value that must not be seen: an access token, a client secret, key material.
// The zero value is an empty secret.
type String struct {
	// A pointer, so that printing the struct with verbs that go around methods shows an address and no content.
	content *string
}

// New wraps content.
func New(content string) String {
	if content == "" {
		return String{}
	}
	return String{content: &content}
}

// Reveal returns the content. Call it where the value goes over the wire, and nowhere before.
func (s String) Reveal() string {
	if s.content == nil {
		return ""
	}
	return *s.content
}

// IsZero reports whether there is no content.
func (s String) IsZero() bool { return s.content == nil }

// Digest is the SHA-256 of a secret: a key for what is remembered about it, where the secret itself must not be kept.
type Digest [sha256.Size]byte

// Digest returns the content's digest.
func (s String) Digest() Digest { return sha256.Sum256([]byte(s.Reveal())) }

// Equal compares two secrets without telling by its duration how much of them is the same.
func (s String) Equal(other String) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String implements [fmt.Stringer].
func (s String) String() string { return redacted }

// Format implements [fmt.Formatter], for every verb; without it %x, %q and %#v would print the content's address.
func (s String) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText implements [encoding.TextMarshaler], for JSON and other encoders, and for map keys.
func (s String) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements [slog.LogValuer].
func (s String) LogValue() slog.Value { return slog.StringValue(redacted) }
