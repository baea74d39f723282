package challenge

import (
	"regexp"
	"slices"
	"strings"
)

// token68 is what some schemes have in place of parameters (RFC 9110, section 11.2), without the padding at its end.
var token68 = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+$`)

// parsed is one challenge of a header's value.
type parsed struct {
	scheme     string
	parameters map[string]string
	ambiguous  bool // a name comes twice: two readers could take different values
}

// split takes a header's value apart (RFC 9110, section 11.6.1): challenges separated by commas, each a scheme and
// name=value pairs that are separated by commas as well. What follows something that can't be read is left out, and so are
// ambiguous challenges.
func split(value string) []*parsed {
	var all []*parsed
	var current *parsed
	for rest := value; ; {
		rest = strings.TrimLeft(rest, " \t,")
		if rest == "" {
			break
		}
		end := strings.IndexAny(rest, " \t,=\"")
		if end < 0 {
			end = len(rest)
		}
		name, after := rest[:end], strings.TrimLeft(rest[end:], " \t")
		if !word.MatchString(name) {
			if current != nil && len(current.parameters) == 0 && token68.MatchString(name) {
				rest = strings.TrimLeft(rest[end:], "=") // of another scheme, such as Negotiate; nothing of it is kept
				continue
			}
			break
		}
		if !strings.HasPrefix(after, "=") { // a name without a value begins the next challenge
			current = &parsed{scheme: name, parameters: map[string]string{}}
			all, rest = append(all, current), after
			continue
		}
		read, following, ok := parameterValue(strings.TrimLeft(after[1:], " \t"))
		if !ok || current == nil {
			break
		}
		name = strings.ToLower(name)
		if _, known := current.parameters[name]; known {
			current.ambiguous = true
		}
		current.parameters[name], rest = read, following
	}
	return slices.DeleteFunc(all, func(p *parsed) bool { return p.ambiguous })
}

var (
	quotedString = regexp.MustCompile(`^"((?:[^"\\]|\\(?s:.))*)"`)
	quotedPair   = regexp.MustCompile(`\\((?s:.))`)
)

// parameterValue takes one value from the beginning of text, a token or a quoted string (RFC 9110, sections 5.6.2 and 5.6.4).
func parameterValue(text string) (value, rest string, ok bool) {
	if found := quotedString.FindStringSubmatch(text); found != nil {
		return quotedPair.ReplaceAllString(found[1], "$1"), text[len(found[0]):], true
	}
	end := strings.IndexAny(text, ", \t")
	if end < 0 {
		end = len(text)
	}
	return text[:end], text[end:], !strings.Contains(text[:end], `"`)
}
