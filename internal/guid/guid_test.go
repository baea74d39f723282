package guid_test

import (
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/guid"
)

func TestValid(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text   string
		valid, lower bool
	}{
		{"lower case", "abcdef00-1111-2222-3333-444444444444", true, true},
		{"digits", "11111111-2222-3333-4444-555555555555", true, true},
		{"upper case", "ABCDEF00-1111-2222-3333-444444444444", true, false},
		{"mixed case", "abcdeF00-1111-2222-3333-444444444444", true, false},
		{"of zeros", "00000000-0000-0000-0000-000000000000", true, true},
		{"empty", "", false, false},
		{"braces", "{abcdef00-1111-2222-3333-444444444444}", false, false},
		{"a URN", "urn:uuid:abcdef00-1111-2222-3333-444444444444", false, false},
		{"without hyphens", "abcdef00111122223333444444444444", false, false},
		{"hyphens elsewhere", "abcdef0-01111-2222-3333-444444444444", false, false},
		{"a letter that is no digit", "gbcdef00-1111-2222-3333-444444444444", false, false},
		{"a line break behind", "abcdef00-1111-2222-3333-44444444444\n", false, false},
		{"space in front", " bcdef00-1111-2222-3333-444444444444", false, false},
		{"one digit more", "abcdef00-1111-2222-3333-4444444444444", false, false},
		{"a digit of another script", "abcdef00-1111-2222-3333-4444444444٤", false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := guid.Valid(test.text); got != test.valid {
				t.Errorf("Valid is %v", got)
			}
			if got := guid.ValidLower(test.text); got != test.lower {
				t.Errorf("ValidLower is %v", got)
			}
		})
	}
}
