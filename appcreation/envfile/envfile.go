// Package envfile changes settings in development.env and leaves everything else that stands there as it is: comments,
// order, line ends, settings of others.
//
// The file holds secrets. It is written under another name and then moved into place, so that a kill leaves either the
// old or the new one, and it is readable by its owner alone (0600; on Windows by whoever may read the folder).
package envfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

// File is a settings file in memory.
type File struct {
	path    string
	exists  bool
	mode    fs.FileMode
	changed bool
	err     error    // a setting that can't be written
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
		return nil, fmt.Errorf("reading %s:\n  %w", path, err)
	}
	return f, nil
}

func (f *File) parse(content []byte) error {
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf")) // a byte order mark, which isn't written again
	parsed, err := env.ParseFile(content)
	if err != nil {
		return err
	}
	f.values = parsed.Values
	f.lines = lineWithEnd.FindAllString(string(content), -1)
	// A value over several lines is one entry, so that to change it changes all of it.
	for _, a := range slices.Backward(parsed.Assignments) {
		first, end := a.Line-1, a.Line-1+a.Lines
		f.lines = slices.Replace(f.lines, first, end, strings.Join(f.lines[first:end], ""))
	}
	return nil
}

// lineWithEnd ends where env's lines do.
var lineWithEnd = regexp.MustCompile(`[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$`)

// Exists reports whether the file was there when it was opened, or has been saved since.
func (f *File) Exists() bool { return f.exists }

// Path is where the file is or will be.
func (f *File) Path() string { return f.path }

// Private reports whether only the owner can read the file.
func (f *File) Private() bool { return !f.exists || f.mode&0o077 == 0 }

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
// with a default, otherwise at the end. A value that no line can hold is an error of [File.Save].
func (f *File) Set(name, value string) {
	if old, there := f.values[name]; there && old == value {
		return
	}
	f.values[name] = value
	f.changed = true
	text, ok := quote(value)
	if !ok {
		f.err = fmt.Errorf("%s has a value that a settings file can't hold", name)
		return
	}
	line := name + "=" + text
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
		if !strings.HasSuffix(f.lines[at-1], end) {
			f.lines[at-1] += end
		}
	}
	f.lines = append(f.lines[:at], append([]string{line + end}, f.lines[at:]...)...)
}

func (f *File) lineEnd(i int) string {
	for _, end := range []string{"\r\n", "\r"} {
		if strings.HasSuffix(f.lines[i], end) {
			return end
		}
	}
	return "\n"
}

// Save writes the file if anything changed, or if others could read it.
func (f *File) Save() error {
	if f.err != nil {
		return fmt.Errorf("writing %s: %w", f.path, f.err)
	}
	if !f.changed && f.Private() {
		return nil
	}
	if err := WriteFile(f.path, []byte(strings.Join(f.lines, ""))); err != nil {
		return err
	}
	f.exists, f.changed, f.mode = true, false, 0o600
	return nil
}
