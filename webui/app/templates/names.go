package templates

import (
	"strings"
	"unicode"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// nameOf returns what a user is called on a page.
func nameOf(user *session.User) string { return firstVisible(user.Name, user.Username) }

// firstVisible returns the first of some names that can be seen: a directory may know no name, or one of blanks.
func firstVisible(names ...string) string {
	for _, name := range names {
		if shown := printable(name); strings.ContainsFunc(shown, visible) {
			return shown
		}
	}
	return "somebody without a name"
}

// maxName is how many characters of a name are shown. Directories allow 256, and a line holds fewer.
const maxName = 256

// printable shortens a name, and drops from it what would change the text around it: control characters, and those that turn the direction of
// writing. A name may be written from right to left all the same; <bdi> keeps that to itself.
func printable(name string) string {
	shown := strings.TrimSpace(strings.Map(func(char rune) rune {
		if unicode.IsControl(char) || unicode.Is(unicode.Bidi_Control, char) {
			return -1
		}
		return char
	}, name))
	if all := []rune(shown); len(all) > maxName {
		return string(all[:maxName]) + "…"
	}
	return shown
}

// visible tells what is seen from spaces, joiners, letters that are blank and the like.
func visible(char rune) bool {
	const brailleBlank = '\u2800'
	return unicode.IsPrint(char) && !unicode.IsSpace(char) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, char) && char != brailleBlank
}
