package env

import (
	"bytes"
	"slices"
	"strings"
)

// What everybody can read opens nothing in production. devtenant's tenant, applications and secrets are in its public source
// and begin or end alike; a test of the repository holds these two against it.
const (
	devtenantID     = "de7e0000-0000-4000-8000-"
	devtenantSecret = "-for-development-only"
)

// published reports whether a value is one of devtenant's.
func published(value string) bool {
	value = strings.ToLower(value)
	return strings.Contains(value, devtenantID) || strings.HasSuffix(value, devtenantSecret)
}

// guessable says why a key isn't random, as good as certainly, or "". It completes "NAME …". A GUID's hexadecimal digits are
// random enough, and all that templates of infrastructure have.
func guessable(key []byte) string {
	distinct := len(slices.Compact(slices.Sorted(slices.Values(key))))
	row := true
	for i := 1; i < len(key); i++ {
		row = row && key[i]-key[i-1] == key[1]-key[0]
	}
	hexadecimal := len(bytes.Trim(key, "0123456789abcdefABCDEF")) == 0
	text := !slices.ContainsFunc(key, func(b byte) bool { return b < ' ' && b != '\n' && b != '\t' || b > '~' })
	switch {
	case distinct == 1:
		return "is one byte again and again"
	case row:
		return "is a row of numbers"
	case distinct <= leastDistinct || periodic(key):
		return "repeats itself"
	case text && !hexadecimal: // of 32 random bytes a third are letters, digits or signs
		return "is text, and not random bytes"
	}
	return ""
}

// leastDistinct is how few different bytes 32 random ones never have. They have some 30, and as many hexadecimal digits 14.
const leastDistinct = 6

// periodic reports whether the key is its beginning again and again.
func periodic(key []byte) bool {
	for period := 1; period <= len(key)/2; period++ {
		if bytes.HasPrefix(key, key[period:]) {
			return true
		}
	}
	return false
}
