package readme

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// tree is a copy of the repository, or of a part of it, to be changed and built.
type tree struct {
	t   *testing.T
	dir string
}

// copyOf copies what git tracks, and what it would: files under the given paths, or all.
func copyOf(t *testing.T, paths ...string) tree {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a copy of the repository, and tests it with -short")
	}
	if raceDetector {
		t.Skip("the copy is built and tested without the race detector, which the tests without it have done")
	}
	copied := tree{t, t.TempDir()}
	for _, name := range tracked(t, paths...) {
		info, err := os.Lstat(root + name)
		if err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(root + name)
		if err != nil {
			t.Fatal(err)
		}
		copied.write(name, content, info.Mode())
	}
	return copied
}

// tracked lists the files that git tracks, and those that it would: under the given paths, or all.
func tracked(t *testing.T, paths ...string) (names []string) {
	t.Helper()
	files := exec.CommandContext(t.Context(), "git", append([]string{"ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"}, paths...)...)
	files.Dir = root
	out, err := files.Output()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("git ls-files: %v", err)
		}
		t.Skipf("this is no clone with git in it: %v", err)
	}
	for name := range strings.SplitSeq(strings.Trim(string(out), "\x00"), "\x00") {
		if _, err := os.Lstat(root + name); !os.IsNotExist(err) { // deleted, and git doesn't know yet
			names = append(names, name)
		}
	}
	return names
}

func (c tree) write(name string, content []byte, mode os.FileMode) {
	c.t.Helper()
	file := filepath.Join(c.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(file, content, mode.Perm()); err != nil {
		c.t.Fatal(err)
	}
}

func (c tree) read(name string) string {
	c.t.Helper()
	content, err := os.ReadFile(filepath.Join(c.dir, filepath.FromSlash(name)))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(content)
}

// edit changes a file. It has to change: an edit that finds nothing any more would let the rest pass for nothing.
func (c tree) edit(name string, change func(string) string) {
	c.t.Helper()
	before := c.read(name)
	after := change(before)
	if after == before {
		c.t.Fatalf("%s has nothing of what was to be changed", name)
	}
	c.write(name, []byte(after), 0o644)
}

func (c tree) has(name string) bool {
	_, err := os.Stat(filepath.Join(c.dir, filepath.FromSlash(name)))
	return err == nil
}

// remove deletes a file or folder, which has to be there.
func (c tree) remove(name string) {
	c.t.Helper()
	path := filepath.Join(c.dir, filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		c.t.Fatal(err)
	}
	if err := os.RemoveAll(path); err != nil {
		c.t.Fatal(err)
	}
}

// rename gives the module another name: in go.mod and in the imports of Go files, which is what gonew does. Whatever else has the name
// in it keeps it.
func (c tree) rename(to string) {
	c.t.Helper()
	line, _, _ := strings.Cut(c.read("go.mod"), "\n")
	from := strings.TrimSpace(strings.TrimPrefix(line, "module "))
	c.edit("go.mod", func(text string) string { return strings.Replace(text, from, to, 1) })
	imported := regexp.MustCompile(`(?m)^((?:import )?\t?(?:\w+ )?")` + regexp.QuoteMeta(from) + `((?:/[^"]*)?"(?: //.*)?)$`)
	err := filepath.WalkDir(c.dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, imported.ReplaceAll(content, []byte("${1}"+to+"${2}")), 0o644)
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// runAll runs commands, one a line.
func (c tree) runAll(commands string) {
	c.t.Helper()
	for command := range strings.Lines(commands) {
		c.run(strings.Fields(strings.ReplaceAll(command, "'", ""))...)
	}
}

// run runs a command in the copy.
func (c tree) run(words ...string) {
	c.t.Helper()
	command := exec.CommandContext(c.t.Context(), words[0], words[1:]...)
	command.Dir = c.dir
	command.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	if out, err := command.CombinedOutput(); err != nil {
		c.t.Fatalf("%s: %v\n%s", strings.Join(words, " "), err, out)
	}
}
