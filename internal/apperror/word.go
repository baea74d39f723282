package apperror

import "regexp"

var word = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// Word returns text where it is an identifier, such as an error's code, and "" where it isn't. Whatever else another party writes in such a
// place belongs neither in a log nor on a page.
func Word(text string) string {
	if word.MatchString(text) {
		return text
	}
	return ""
}
