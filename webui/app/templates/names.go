package templates

import (
	"strings"
	"unicode"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// nameOf returns what a user is called on a page: a directory may know no name, or one that nobody can see.
func nameOf(user *session.User) string {
	for _, name := range []string{user.Name, user.Username} {
		if shown := printable(name); strings.ContainsFunc(shown, visible) {
			return shown
		}
	}
	return "somebody without a name"
}

// printable drops from a name what would change the text around it: control characters, and those that turn the direction of
// writing. A name may be written from right to left all the same; <bdi> keeps that to itself.
func printable(name string) string {
	return strings.TrimSpace(strings.Map(func(char rune) rune {
		if unicode.IsControl(char) || unicode.Is(unicode.Bidi_Control, char) {
			return -1
		}
		return char
	}, name))
}

// visible tells what is seen from spaces, joiners and the like.
func visible(char rune) bool { return unicode.IsPrint(char) && !unicode.IsSpace(char) }
