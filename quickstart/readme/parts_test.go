package readme

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// part is a row of the table of what can be left out.
type part struct {
	name  string
	paths []string       // patterns of the folders, with a slash at the end, and files that are deleted
	lines []linesOfAPart // that are deleted from files that stay, one after the other
	size  string         // files and lines, as the table counts them
}

type linesOfAPart struct {
	word       string // what the lines have, in capitals or not
	paragraphs bool   // it is whole paragraphs
	files      []string
}

// parts reads the table. What it says between backquotes counts.
func parts(t *testing.T) (found []part) {
	t.Helper()
	section := recipe(t, "Leave a part out")
	for row := range strings.Lines(section) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(row), "|"), "|")
		if len(cells) != 5 || !strings.HasPrefix(row, "| ") || !strings.Contains(cells[1], "`") {
			continue
		}
		p := part{name: strings.TrimSpace(cells[0]), paths: quoted(cells[1]), size: strings.TrimSpace(cells[4])}
		for lines := range strings.SplitSeq(cells[2]+";"+cells[3], ";") {
			if words := quoted(lines); len(words) > 1 {
				p.lines = append(p.lines, linesOfAPart{words[0], strings.Contains(lines, "paragraphs with"), words[1:]})
			}
		}
		found = append(found, p)
	}
	if rows := strings.Count(section, "\n| ") - 2; len(found) != rows || rows < 3 { // less the heading and the line below it
		t.Fatalf("%d rows were read of %d: %+v", len(found), rows, found)
	}
	return found
}

func quoted(text string) (words []string) {
	for _, word := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(text, -1) {
		words = append(words, word[1])
	}
	return words
}

// TestLeaveAPartOut leaves each part out of a copy of its own. All that is left compiles, tests too, and go vet has nothing to say;
// documents, settings files and containers know nothing of the part that a test would miss; and no link is dead. The copies are made
// one after the other in the same folder: what a part doesn't touch, Go has compiled there before.
func TestLeaveAPartOut(t *testing.T) {
	t.Parallel()
	whole := copyOf(t)
	dir := filepath.Join(t.TempDir(), "copy")
	for _, p := range parts(t) {
		t.Run(p.name, func(t *testing.T) {
			c := tree{t, dir}
			if err := errors.Join(os.RemoveAll(dir), os.CopyFS(dir, os.DirFS(whole.dir))); err != nil {
				t.Fatal(err)
			}
			if size := p.leaveOut(c); size != p.size {
				t.Errorf("the table says %q, and it is %q", p.size, size)
			}
			c.run("go", "build", "./...")
			c.run("go", "vet", "./...")
			drawAnew(c)
			c.run("go", "test", "-short", "-run", "TestRoutes", "./api/app", "./webui/app")
			deadLinks(t, dir, slices.DeleteFunc(tracked(t, "*.md"), func(name string) bool { return !c.has(name) }))
		})
	}
}

// leaveOut deletes what is the part's, and returns how many files and lines that were.
func (p part) leaveOut(c tree) (size string) {
	c.t.Helper()
	files, lines := 0, 0
	for _, path := range p.paths {
		files += c.removeAll(path)
	}
	for _, from := range p.lines {
		for _, file := range from.files {
			before := strings.Count(c.read(file), "\n")
			c.edit(file, from.without)
			lines += before - strings.Count(c.read(file), "\n")
		}
	}
	return fmt.Sprintf("%d, %d", files, lines)
}

// drawAnew runs the commands that the recipe has for the end.
func drawAnew(c tree) {
	c.t.Helper()
	commands := recipeBlock.FindStringSubmatch(recipe(c.t, "Leave a part out"))
	if commands == nil {
		c.t.Fatal("the recipe has no commands")
	}
	c.runAll(commands[2])
}

// without returns a text without the lines, or paragraphs.
func (l linesOfAPart) without(text string) string {
	end := "\n"
	if l.paragraphs {
		end = "\n\n"
	}
	return strings.Join(slices.DeleteFunc(strings.SplitAfter(text, end), func(piece string) bool {
		return strings.Contains(strings.ToLower(piece), strings.ToLower(l.word))
	}), "")
}

// removeAll deletes what a pattern names, which has to be there, and returns how many files that were.
func (c tree) removeAll(pattern string) (files int) {
	c.t.Helper()
	paths, err := filepath.Glob(filepath.Join(c.dir, filepath.FromSlash(pattern)))
	if err != nil || len(paths) == 0 {
		c.t.Fatalf("there is no %s, %v", pattern, err)
	}
	for _, path := range paths {
		err := filepath.WalkDir(path, func(_ string, entry os.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				files++
			}
			return err
		})
		if err != nil {
			c.t.Fatal(err)
		}
		if err := os.RemoveAll(path); err != nil {
			c.t.Fatal(err)
		}
	}
	return files
}
