package env_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

// utf16File returns text as an editor saves it in UTF-16, with a byte order mark or without.
func utf16File(text string, order binary.AppendByteOrder, mark bool) string {
	if mark {
		text = "\ufeff" + text
	}
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

// TestFieldCase31Encodings: what can be read is, and for what can't there are line and encoding, and never the line.
func TestFieldCase31Encodings(t *testing.T) {
	t.Parallel()
	const two = "# settings\nWEBUI_CLIENT_SECRET=hunter2\n"
	tests := []struct {
		name, content string
		want          string // a part of the error; "" where the file is read
	}{
		{"UTF-8", two, ""},
		{"a byte order mark", "\ufeff" + two, ""},
		{"a byte order mark before a setting", "\ufeffWEBUI_CLIENT_SECRET=hunter2", ""},
		{"a byte order mark before export", "\ufeffexport WEBUI_CLIENT_SECRET=hunter2", ""},
		{"a byte order mark alone", "\ufeffWEBUI_CLIENT_SECRET=hunter2\r\n", ""},
		{"line ends of Windows", strings.ReplaceAll(two, "\n", "\r\n"), ""},
		{"line ends of the first Macs", strings.ReplaceAll(two, "\n", "\r"), ""},
		{"mixed line ends", "# settings\r\n\r\n\nWEBUI_CLIENT_SECRET=hunter2\r", ""},
		{"no line end", "WEBUI_CLIENT_SECRET=hunter2", ""},
		{"UTF-8 in a comment", "# Größe ✓\n" + two, ""},
		{"UTF-16, as PowerShell's > writes it", utf16File(two, binary.LittleEndian, true), "line 1: the file is UTF-16"},
		{"UTF-16 the other way around", utf16File(two, binary.BigEndian, true), "line 1: the file is UTF-16"},
		{"UTF-16 without its mark", utf16File(two, binary.LittleEndian, false), "line 1: a NUL"},
		{"UTF-32", "\x00\x00\xfe\xff\x00\x00\x00#", "line 1: the file is UTF-32"},
		{"Latin-1", "# Gr\xf6\xdfe\n" + two, "line 1: not UTF-8"},
		{"Latin-1 in the secret", "#\n#\nWEBUI_CLIENT_SECRET=hunter2\xe9\n", "line 3: not UTF-8"},
		{"Windows-1252's quotes", "#\nWEBUI_CLIENT_SECRET=\x93hunter2\x94\n", "line 2: not UTF-8"},
		{"a NUL", two + "A=hunter2\x00\n", "line 3: a NUL"},
		{"an escape sequence", two + "A=\x1b[31mhunter2\n", "line 3: a control character"},
		{"two files in one", two + "\ufeff" + two, "line 3: a byte order mark inside"},
		{"what Windows puts in front of a thumbprint", two + "C=\u200e12ab", "line 3: an invisible character"},
		{"a space without width, from a page", two + "C=x\u200b", "line 3: an invisible character"},
		{"two marks", "\ufeff\ufeff" + two, "line 1: a byte order mark inside"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			file, err := env.ParseFile([]byte(test.content))
			if test.want == "" {
				if err != nil || file.Values["WEBUI_CLIENT_SECRET"] != "hunter2" || len(file.Values) != 1 {
					t.Errorf("%v, %v", file.Values, err)
				}
				return
			}
			problem, ok := errors.AsType[*env.FileError](err)
			if !ok || !strings.Contains(problem.Error(), test.want) || strings.Contains(problem.Error(), "hunter2") {
				t.Errorf("error is %v, want one with %q", err, test.want)
			}
		})
	}
}

// TestFieldCase32ValuesAsTheyStand: a value is the one that was written, or an error that names its line.
func TestFieldCase32ValuesAsTheyStand(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, line string
		value      string
		want       string // a part of the error; "" where the value is taken
	}{
		{"plain", `SECRET=Ab8Q~x.y_z-1`, "Ab8Q~x.y_z-1", ""},
		{"export", `export SECRET=abc`, "abc", ""},
		{"YAML's colon", `SECRET: abc`, "abc", ""},
		{"space around", "  SECRET \t=  abc  ", "abc", ""},
		{"empty", `SECRET=`, "", ""},
		{"empty in quotes", `SECRET=""`, "", ""},
		{"base64", `SECRET=a+/b==`, "a+/b==", ""},
		{"an address with a query", `SECRET=https://x/?a=b&c=d#e`, "https://x/?a=b&c=d#e", ""},

		{"a name behind $", `SECRET=abc$DEF`, "", "single quotes"},
		{"a name in braces", `SECRET=abc${DEF}`, "", "single quotes"},
		{"a name in double quotes", `SECRET="abc$DEF"`, "", "single quotes"},
		{"a digit behind $", `SECRET=pa$5word`, "", "single quotes"},
		{"two $ and a name", `SECRET=pa$$WORD`, "", "single quotes"},
		{"a command", `SECRET=$(X)`, "", "single quotes"},
		{"a setting that is there", "DEF=x\nSECRET=abc$DEF", "", "line 2: SECRET has a $"},
		{"a $ that a shell would know", `SECRET=abc\$DEF`, "", "single quotes"},
		{"a backslash and a $", `SECRET="abc\\$DEF"`, "", "single quotes"},
		{"in single quotes", `SECRET='abc$DEF'`, "abc$DEF", ""},
		{"in double quotes, escaped", `SECRET="abc\$DEF"`, "abc$DEF", ""},
		{"a $ that nothing expands", `SECRET=abc$def$`, "abc$def$", ""},
		{"a $ in a comment", `SECRET=abc # not $DEF`, "abc", ""},

		{"a # inside", `SECRET=abc#def`, "abc#def", ""},
		{"a # in front", `SECRET=#abc`, "#abc", ""},
		{"a comment behind", `SECRET=abc # def`, "abc", ""},
		{"a # in quotes", `SECRET='abc # def' # ghi`, "abc # def", ""},
		{"a comment alone", `SECRET= # none`, "", "a #"},
		{"a comment with a #", `SECRET=abc # see # 12`, "", "a #"},

		{"quotes inside", `SECRET=a"b'c`, `a"b'c`, ""},
		{"a quote in quotes", `SECRET="it's \"x\" y"`, `it's "x" y`, ""},
		{"text behind quotes", `SECRET='ab'cd'`, "", "closing quote"},
		{"a setting behind quotes", `SECRET="ab"cd=ef`, "", "closing quote"},
		{"quotes twice", `SECRET="ab""cd"`, "", "closing quote"},
		{"an open quote", `SECRET='abc`, "", "isn't closed"},
		{"an open quote that another line closes", "SECRET='abc\nOTHER='x'", "", "line 1: SECRET"},
		{"several lines", "SECRET=\"a\nb\" # c", "a\nb", ""},
		{"several lines of Windows", "SECRET='a\r\nb'\r\n", "a\nb", ""},

		{"a path of Windows", `SECRET=C:\new\ca.pem`, `C:\new\ca.pem`, ""},
		{"the same in single quotes", `SECRET='C:\new\ca.pem'`, `C:\new\ca.pem`, ""},
		{"the same in double quotes", `SECRET="C:\temp\ca.pem"`, "", "backslash"},
		{"a backslash at the end", `SECRET=abc\`, `abc\`, ""},
		{"a backslash at the end of single quotes", `SECRET='abc\'`, "", "backslash"},
		{"a backslash at the end of double quotes", `SECRET="abc\\"`, "", "at its end"},
		{"a quote at the end of double quotes", `SECRET="abc\""`, "", "at its end"},

		{"twice, where the last counts", "SECRET=abc\nSECRET=def", "def", ""},
		{"no sign between", `SECRET 'hunter2'`, "", "line 1: not of the form"},
		{"a name alone, at the end", "A=1\nSECRET", "", "line 2: not of the form"},
		{"no name", "=hunter2", "", "line 1: not of the form"},
		{"a name with a space", "MY SECRET=hunter2", "", "line 1: not of the form"},
		{"a name with a dash", "MY-SECRET=hunter2", "", "line 1: not of the form"},
		{"JSON", "{\n\"SECRET\": \"hunter2\"\n}", "", "line 1: not of the form"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			file, err := env.ParseFile([]byte(test.line))
			if test.want == "" {
				value, there := file.Values["SECRET"]
				if err != nil || !there || value != test.value {
					t.Errorf("%q, %v; want %q", value, err, test.value)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "line ") {
				t.Errorf("%v, error is %v, want one with %q and its line", file.Values, err, test.want)
			} else if strings.ContainsAny(err.Error(), "{}") || strings.Contains(err.Error(), "abc") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error quotes the line: %v", err)
			}
		})
	}
}

func TestFieldCase31AllLinesAreNamedAtOnce(t *testing.T) {
	dir := t.TempDir()
	content := "A=1\nB 2\nC='3\n'x\nD=4 # 5 # 6\nE=\"\\7\"\n"
	if err := os.WriteFile(filepath.Join(dir, "production.env"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ENVIRONMENT", "production")
	_, err := env.Open(dir)
	if err == nil {
		t.Fatal("a broken file was read")
	}
	for _, part := range []string{"production.env", "\n  line 2: ", "\n  line 3: C ", "\n  line 5: D ", "\n  line 6: E "} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is missing in:\n%v", part, err)
		}
	}
}

func TestTheTemplateIsRead(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../production.env")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := env.ParseFile(content); err != nil {
		t.Error(err)
	}
}

// seeds are of the table, and what else editors and shells make of a file.
var seeds = []string{
	"SECRET=abc$DEF", "\ufeffA=1", "A='1'\r\nB=\"2\"", "export A=1 # x", "A='a\nb'\nB=2", "A=\"\\\\\"", "A='\\'", "A: 1", "A=\nB=$A",
	"A=\"a\\\"b\" # c", "# only\r# comments", "A", "A=\xff", "A=\u00a0'x'\u00a0#y", "A=x\u00a0#y #z", "A=${B}${C}", "=", "A==", "A=\x85",
}

// FuzzParseFile: a file is read or refused line by line; what is read has a name that stands at the beginning of a line, and
// each name that stands there is read.
func FuzzParseFile(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := env.ParseFile(content)
		if err != nil {
			problem, ok := errors.AsType[*env.FileError](err)
			if !ok || len(problem.Problems) == 0 {
				t.Fatalf("error is %v", err)
			}
			for _, p := range problem.Problems {
				if lines := bytes.Count(content, []byte("\n")) + bytes.Count(content, []byte("\r")) + 1; p.Line < 1 || p.Line > lines {
					t.Errorf("line %d of %d", p.Line, lines)
				}
				if p.What == "the file can't be read" {
					t.Errorf("godotenv refuses or reads otherwise what this package takes: %q", content)
				}
			}
			return
		}
		names := map[string]bool{}
		for _, a := range file.Assignments {
			names[a.Name] = true
		}
		for name := range maps.Keys(file.Values) {
			if !names[name] {
				t.Errorf("%q is read and stands nowhere: %q", name, content)
			}
		}
		if len(names) != len(file.Values) {
			t.Errorf("%v of %v", file.Values, names)
		}
	})
}
