package env

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/joho/godotenv"
)

// FileError is what keeps a settings file from being read: what is wrong, line by line, and never anything that stands in
// one, since that may be a secret.
type FileError struct{ Problems []LineProblem }

// LineProblem is what is wrong with one line.
type LineProblem struct {
	Line int // counted from 1
	What string
}

// Error lists the problems.
func (e *FileError) Error() string {
	var lines []string
	for _, problem := range e.Problems {
		lines = append(lines, fmt.Sprintf("line %d: %s", problem.Line, problem.What))
	}
	return strings.Join(lines, "\n  ")
}

// File is what a settings file holds.
type File struct {
	Values      map[string]string
	Assignments []Assignment // in the file's order; of a name that is there twice, the last counts
}

// Assignment is where a setting stands in a file.
type Assignment struct {
	Name  string
	Line  int // the first of its lines, counted from 1
	Lines int // how many it takes: a value in quotes may have several
}

// ParseFile reads the content of a settings file. A byte order mark in front is skipped. The error is a [*FileError].
//
// godotenv reads it. What it would read as another value than the one that stands there is refused, with the quoting that
// helps: a $ that it expands, a comment that it takes for a part of the value, an escape that it drops. So a value is either
// the one that was written or an error.
func ParseFile(content []byte) (File, error) {
	text, problem := decode(content)
	if problem != nil {
		return File{}, &FileError{[]LineProblem{*problem}}
	}
	assignments, problems := scan(text)
	if len(problems) > 0 {
		return File{}, &FileError{problems}
	}
	values, err := godotenv.Unmarshal(text)
	// With each $ replaced by something that means nothing to it godotenv expands nothing.
	unexpanded, err2 := godotenv.Unmarshal(strings.ReplaceAll(text, "$", standIn))
	if err != nil || err2 != nil || len(values) != len(unexpanded) {
		return File{}, &FileError{[]LineProblem{{1, "the file can't be read"}}} // godotenv's error quotes the line
	}
	for _, a := range assignments {
		value, read := values[a.Name]
		if !read {
			problems = append(problems, LineProblem{a.Line, notOfTheForm})
		} else if value != strings.ReplaceAll(unexpanded[a.Name], standIn, "$") {
			problems = append(problems, LineProblem{a.Line, a.Name + " has a $ that would be replaced by another setting's value; in single quotes a value is taken as it stands: " + a.Name + "='…'"})
		}
	}
	if len(problems) > 0 {
		return File{}, &FileError{problems}
	}
	return File{Values: values, Assignments: assignments}, nil
}

const (
	notOfTheForm = "not of the form NAME=value"
	saveAsUTF8   = "; save the file as UTF-8"
	standIn      = "\x01" // decode lets no control character through
)

// invisible are characters that nobody sees and no setting has: zero-width space and joiner of words, soft hyphen, and the marks of
// a text's direction, which Windows' dialogs put in front of what is copied from them.
const invisible = "\u200b\u2060\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

// decode returns the file's text with line feeds for line ends.
func decode(content []byte) (string, *LineProblem) {
	for mark, name := range map[string]string{"\xff\xfe": "UTF-16", "\xfe\xff": "UTF-16", "\x00\x00\xfe\xff": "UTF-32"} {
		if bytes.HasPrefix(content, []byte(mark)) {
			return "", &LineProblem{1, "the file is " + name + ", as PowerShell and Notepad may write it" + saveAsUTF8}
		}
	}
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	content = bytes.ReplaceAll(bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	for i, line := range bytes.Split(content, []byte("\n")) {
		switch {
		case bytes.IndexByte(line, 0) >= 0:
			return "", &LineProblem{i + 1, "a NUL, as in UTF-16 or in a file that is no text" + saveAsUTF8}
		case !utf8.Valid(line):
			return "", &LineProblem{i + 1, "not UTF-8 but another encoding, such as Windows-1252 or Latin-1" + saveAsUTF8}
		case bytes.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }):
			return "", &LineProblem{i + 1, "a control character"}
		case bytes.Contains(line, []byte("\ufeff")):
			return "", &LineProblem{i + 1, "a byte order mark inside the file, as from files that were put together"}
		case bytes.ContainsAny(line, invisible):
			return "", &LineProblem{i + 1, "an invisible character, as it comes along when text is copied from a page or a dialog; type the line anew"}
		}
	}
	return string(content), nil
}

var assignment = regexp.MustCompile(`^\s*(?:export\s+)?([A-Za-z0-9_.]+)[ \t]*[=:](.*)$`)

// scan finds the assignments as godotenv does, and what it would misread in them.
func scan(text string) (assignments []Assignment, problems []LineProblem) {
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		number := i + 1
		if trimmed := strings.TrimSpace(lines[i]); trimmed == "" || trimmed[0] == '#' {
			continue
		}
		found := assignment.FindStringSubmatch(lines[i])
		if found == nil {
			problems = append(problems, LineProblem{number, notOfTheForm})
			continue
		}
		name, value := found[1], strings.TrimLeft(found[2], blanks)
		what := ""
		if strings.HasPrefix(value, "'") || strings.HasPrefix(value, `"`) {
			var more int
			more, what = quoted(strings.Join(append([]string{value}, lines[i+1:]...), "\n"))
			i += more
		} else {
			what = unquoted(found[2])
		}
		if what != "" {
			problems = append(problems, LineProblem{number, name + " " + what})
			continue
		}
		assignments = append(assignments, Assignment{Name: name, Line: number, Lines: i + 2 - number})
	}
	return assignments, problems
}

// blanks are what godotenv takes for space inside a line.
const blanks = " \t\u00a0"

var commentSigns = regexp.MustCompile("[" + blanks + "]#")

// unquoted says what would be misread in a value without quotes, or "".
func unquoted(value string) string {
	comments := commentSigns.FindAllStringIndex(value, 2)
	if len(comments) > 1 || len(comments) == 1 && strings.TrimSpace(value[:comments[0][0]]) == "" {
		return "has a # of which it isn't clear whether a comment begins there; put the value in single quotes"
	}
	return ""
}

var (
	inQuotes     = regexp.MustCompile(`^(?:'[^']*'|"(?:[^"\\]|\\(?s:.))*")`)
	knownEscapes = regexp.MustCompile(`^(?:[^\\]|\\[\\"$nr])*$`)
	escapedAtEnd = regexp.MustCompile(`^(?:[^\\]|\\.)*\\[\\"]$`)
)

// quoted says what would be misread in a value that begins with a quote, or "", and how many more lines the value takes. text goes
// on to the end of the file.
func quoted(text string) (more int, what string) {
	value, inside, double := inQuotes.FindString(text), text[1:], text[0] == '"'
	if value != "" {
		inside = value[1 : len(value)-1]
	}
	behind, _, _ := strings.Cut(text[len(value):], "\n")
	behind = strings.TrimLeft(behind, " \t")
	switch {
	case double && !knownEscapes.MatchString(inside):
		what = `has a backslash in double quotes that is not one of \\ \" \$ \n \r; use single quotes, in which it stands for itself`
	case value == "":
		what = "has a quote that isn't closed"
	case !double && strings.HasSuffix(inside, `\`):
		what = `has a backslash before a single quote inside single quotes; use double quotes, with \\ for a backslash`
	case double && escapedAtEnd.MatchString(inside):
		what = `has a backslash or a quote at its end, which double quotes can't hold; use single quotes, or none`
	case behind != "" && behind[0] != '#':
		what = "goes on behind its closing quote"
	}
	return strings.Count(value, "\n"), what
}
