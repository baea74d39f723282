// Package envfile changes settings in development.env and leaves everything else that stands there as it is: comments,
// order, line ends, settings of others.
//
// The file holds secrets. It is written under another name and then moved into place, so that a kill leaves either the
// old or the new one, and it is readable by its owner alone (0600; on Windows by whoever may read the folder).
package envfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/joho/godotenv"
)

// File is a settings file in memory.
type File struct {
	path    string
	exists  bool
	mode    fs.FileMode
	changed bool
	lines   []string // each with its line end
	values  map[string]string
}

// Open reads the file at path. Where there is none it begins with the content of template, the tracked file with all
// settings and their comments, or empty where that isn't there either.
func Open(path, template string) (*File, error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // moving a new file onto a link would replace the link
	}
	f := &File{path: path}
	info, err := os.Stat(path)
	switch {
	case err == nil:
		f.exists, f.mode = true, info.Mode().Perm()
	case errors.Is(err, fs.ErrNotExist):
		path = template
	default:
		return nil, fmt.Errorf("reading the settings: %w", err)
	}
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the settings: %w", err)
	}
	if err := f.parse(content); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return f, nil
}

func (f *File) parse(content []byte) error {
	values, err := godotenv.Unmarshal(string(content))
	if err != nil {
		return errors.New("a line is not of the form NAME=value") // godotenv quotes the line, and it may hold a secret
	}
	f.values = values
	f.lines = strings.SplitAfter(string(content), "\n")
	if f.lines[len(f.lines)-1] == "" {
		f.lines = f.lines[:len(f.lines)-1]
	}
	return nil
}

// Exists reports whether the file was there when it was opened, or has been saved since.
func (f *File) Exists() bool { return f.exists }

// Path is where the file is or will be.
func (f *File) Path() string { return f.path }

// Private reports whether only the owner can read the file.
func (f *File) Private() bool { return !f.exists || f.mode&0o077 == 0 }

// Get returns a setting as the programs will read it, or "".
func (f *File) Get(name string) string { return f.values[name] }

// Filled returns a setting, or "" where the template's placeholder still stands.
func (f *File) Filled(name string) string {
	if value := f.values[name]; !strings.Contains(value, "ReplaceWith") {
		return value
	}
	return ""
}

// Values returns all settings by name.
func (f *File) Values() map[string]string { return f.values }

// Set changes a setting in its line, or adds a line: after a comment that names it, as templates have them for settings
// with a default, otherwise at the end.
func (f *File) Set(name, value string) {
	if old, there := f.values[name]; there && old == value {
		return
	}
	f.values[name] = value
	f.changed = true
	line := name + "=" + quote(value)
	active := regexp.MustCompile(`^\s*(export\s+)?` + regexp.QuoteMeta(name) + `\s*[=:]`)
	found := false
	for i := range f.lines {
		if active.MatchString(f.lines[i]) {
			f.lines[i] = line + f.lineEnd(i)
			found = true
		}
	}
	if found {
		return
	}
	commented := regexp.MustCompile(`^\s*#\s*` + regexp.QuoteMeta(name) + `\s*=`)
	for i := range f.lines {
		if commented.MatchString(f.lines[i]) {
			f.insert(i+1, line)
			return
		}
	}
	f.insert(len(f.lines), line)
}

// Clear empties a setting that is there, and adds none that isn't.
func (f *File) Clear(name string) {
	if _, there := f.values[name]; there {
		f.Set(name, "")
	}
}

func (f *File) insert(at int, line string) {
	end := "\n"
	if at > 0 {
		end = f.lineEnd(at - 1)
		if !strings.HasSuffix(f.lines[at-1], "\n") {
			f.lines[at-1] += end
		}
	}
	f.lines = append(f.lines[:at], append([]string{line + end}, f.lines[at:]...)...)
}

func (f *File) lineEnd(i int) string {
	if strings.HasSuffix(f.lines[i], "\r\n") {
		return "\r\n"
	}
	return "\n"
}

// plain is what godotenv, docker compose and a shell all read as it stands.
var plain = regexp.MustCompile(`^[A-Za-z0-9_.~:/@,+=-]*$`)

// quote writes a value so that what reads it back gets the same: in single quotes nothing is special.
func quote(value string) string {
	if plain.MatchString(value) {
		return value
	}
	if !strings.Contains(value, "'") {
		return "'" + value + "'"
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "\n", `\n`).Replace(value) + `"`
}

// Save writes the file if anything changed, or if others could read it.
func (f *File) Save() error {
	if !f.changed && f.Private() {
		return nil
	}
	if err := WriteFile(f.path, []byte(strings.Join(f.lines, ""))); err != nil {
		return err
	}
	f.exists, f.changed, f.mode = true, false, 0o600
	return nil
}
