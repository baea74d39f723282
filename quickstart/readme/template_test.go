package readme

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// quick are the tests that a copy is tried with: those of what is shared, and of each tier the pages and problem documents, which hold
// the most text that a change of names could break. All the others are compiled, by go vet.
var quick = [][]string{
	{"go", "test", "-short", "./internal/apperror", "./internal/bearer", "./internal/repository", "./api/onbehalfof"},
	{"go", "test", "-short", "-run", "TestProblems|TestRoutes|TestTheFlow", "./api/app"},
	{"go", "test", "-short", "-run", "Pages|TestRoutes", "./webui/app"},
}

// TestTemplate takes the sample as README says that one should: under a name of one's own, less all the parts that can be left out, and
// less what only belongs to the sample. After each step all of it compiles, tests too, and go vet has nothing to say.
func TestTemplate(t *testing.T) {
	t.Parallel()
	steps := templateSteps(t)
	c := copyOf(t)

	// Step 1. README has gonew do it; that takes a release, so the copy does what gonew does.
	c.rename("example.com/acme/portal")
	c.run("go", "vet", "./...")
	for _, command := range quick {
		c.run(command...)
	}
	for _, p := range parts(t) {
		p.leaveOut(c)
		templateStep{paths: p.paths}.ciWantsNothingOf(c)
	}
	c.run("go", "vet", "./...")
	drawAnew(c)
	for _, step := range steps {
		step.take(c)
		c.run("go", "vet", "./...")
		step.ciWantsNothingOf(c)
	}
	c.run("go", "test", "./internal/repository", "-update") // README says so, too
	c.run("go", "build", "-o", c.t.TempDir(), "./api", "./webui")
	for _, command := range quick {
		c.run(command...)
	}
}

// templateStep is an item of README's list of what to delete.
type templateStep struct {
	text  string
	paths []string // folders, with a slash at the end, and files
	lines string   // what the lines have that are to be deleted from files
	files []string // those files
}

// templateSteps reads the list. What it says between backquotes counts.
func templateSteps(t *testing.T) []templateStep {
	t.Helper()
	_, section, found := strings.Cut(read(t, "README.md"), "\n**Delete**")
	if !found {
		t.Fatal("README has no list of what to delete")
	}
	section, _, _ = strings.Cut(section, "\n**Keep**")
	var steps []templateStep
	code := regexp.MustCompile("`([^`]+)`")
	for item := range strings.SplitSeq(section, "\n- ") {
		what, _, _ := strings.Cut(item, ": ") // what follows says why
		step := templateStep{text: what}
		folders, lines, _ := strings.Cut(what, "with `")
		for _, word := range code.FindAllStringSubmatch(folders, -1) {
			step.paths = append(step.paths, word[1])
		}
		for i, word := range code.FindAllStringSubmatch("`"+lines, -1) {
			if i == 0 {
				step.lines = word[1]
				continue
			}
			step.files = append(step.files, word[1])
		}
		if len(step.paths) == 0 {
			continue // the parts, of which there is a table
		}
		steps = append(steps, step)
	}
	if len(steps) < 2 || !strings.Contains(section, "](docs/recipes.md#leave-a-part-out)") || !slices.ContainsFunc(steps, func(s templateStep) bool { return s.lines != "" }) {
		t.Fatalf("README's list of what to delete was read as %+v", steps)
	}
	return steps
}

func (s templateStep) take(c tree) {
	c.t.Helper()
	c.t.Log(s.text)
	for _, path := range s.paths {
		c.remove(path)
	}
	for _, file := range s.files {
		c.edit(file, func(text string) string { return withoutLines(text, s.lines) })
	}
}

func withoutLines(text, word string) string {
	lines := strings.SplitAfter(text, "\n")
	return strings.Join(slices.DeleteFunc(lines, func(line string) bool { return strings.Contains(line, word) }), "")
}

// ciWantsNothingOf: a check that is about a folder runs where there is the folder.
func (s templateStep) ciWantsNothingOf(c tree) {
	c.t.Helper()
	for _, path := range s.paths {
		path = strings.TrimSuffix(path, "/")
		guarded := false
		for line := range strings.Lines(c.read(".ci/run")) {
			switch {
			case strings.Contains(line, "[ -d "+path):
				guarded = true
			case strings.HasPrefix(line, "fi"):
				guarded = false
			case !guarded && regexp.MustCompile(`(^|[ "]|\./)`+regexp.QuoteMeta(path)+`\b`).MatchString(line) && !strings.HasPrefix(line, "#"):
				c.t.Errorf(".ci/run still wants %s: %s", path, line)
			}
		}
	}
}

// TestAPIAlone takes the API out of the repository with what README says that it needs.
func TestAPIAlone(t *testing.T) {
	t.Parallel()
	item := regexp.MustCompile("(?s)\nThe API alone is (.*?), without (`[^`]+`)").FindStringSubmatch(read(t, "README.md"))
	if item == nil {
		t.Fatal("README doesn't say what the API alone is")
	}
	var paths []string
	for _, word := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(item[1], -1) {
		paths = append(paths, word[1])
	}
	c := copyOf(t, paths...)
	c.remove(strings.Trim(item[2], "`"))
	c.run("go", "vet", "./...")
	c.run("go", "test", "-short", "-run", "TestProblems|TestRoutes|TestTheFlow", "./api/app")
	c.run("go", "test", "-short", "./api/onbehalfof", "./internal/bearer")
}
