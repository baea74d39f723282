package readme

import (
	"os"
	"regexp"
	"testing"
)

// TestFlowNamesFunctions: what docs/flow.md says of files and functions is so.
func TestFlowNamesFunctions(t *testing.T) {
	t.Parallel()
	page := read(t, "docs/flow.md")
	rows := regexp.MustCompile("(?m)^\\| [^|`]+ \\| ([^|]+) \\| \\[([^\\]]+)\\]").FindAllStringSubmatch(page, -1)
	if len(rows) < 20 {
		t.Fatalf("only %d rows found", len(rows))
	}
	for _, row := range rows {
		code := read(t, row[2])
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			if !regexp.MustCompile(`(?m)^func (\([^)]+\) )?` + name[1] + `\(`).MatchString(code) {
				t.Errorf("%s has no function %s", row[2], name[1])
			}
		}
	}
	diagrams := page + read(t, "README.md")
	files := regexp.MustCompile(`\(([\w/]+\.go)\)`).FindAllStringSubmatch(diagrams, -1)
	if len(files) < 10 {
		t.Fatalf("only %d files found in the diagrams", len(files))
	}
	for _, file := range files {
		if _, err := os.Stat(root + file[1]); err != nil {
			t.Errorf("a diagram names %s, which is not there", file[1])
		}
	}
}
