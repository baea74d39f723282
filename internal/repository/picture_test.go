package repository

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestPictureOfThePackages holds CONTRIBUTING's pictures against go list. -update draws them.
func TestPictureOfThePackages(t *testing.T) {
	t.Parallel()
	imports := map[string][]string{}
	for _, p := range packages(t) {
		if !strings.HasSuffix(p.path, "test") { // helpers of tests
			imports[p.path] = p.inside
		}
	}
	tiers := picture(imports, "api/...", "webui/...")
	shared := picture(imports, "internal/...")
	if strings.Count(tiers, "-->") < 5 || strings.Count(shared, "-->") < 5 {
		t.Fatalf("too few arrows:\n%s%s", tiers, shared)
	}
	generated(t, "CONTRIBUTING.md", "tiers", tiers)
	generated(t, "CONTRIBUTING.md", "shared", shared)
}

// picture draws the packages of some patterns and who imports whom among them. An arrow that follows from others is left out.
func picture(imports map[string][]string, patterns ...string) string {
	var inside []string
	for path, imported := range imports {
		drawn := func(pattern string) bool { return matches(pattern, path) }
		// The package of these tests has no code, and no place in the picture.
		if slices.ContainsFunc(patterns, drawn) && (len(imported) > 0 || importedBy(imports, path)) {
			inside = append(inside, path)
		}
	}
	slices.Sort(inside)
	var out strings.Builder
	out.WriteString("```mermaid\nflowchart LR\n")
	for _, path := range inside {
		var to []string
		for _, imported := range imports[path] {
			direct := !slices.ContainsFunc(imports[path], func(other string) bool { return reaches(imports, other, imported) })
			if direct && slices.Contains(inside, imported) {
				to = append(to, node(imported))
			}
		}
		slices.Sort(to)
		if len(to) == 0 {
			fmt.Fprintf(&out, "    %s\n", node(path))
		} else {
			fmt.Fprintf(&out, "    %s --> %s\n", node(path), strings.Join(to, " & "))
		}
	}
	out.WriteString("```\n")
	return out.String()
}

func importedBy(imports map[string][]string, path string) bool {
	for _, imported := range imports {
		if slices.Contains(imported, path) {
			return true
		}
	}
	return false
}

// reaches tells whether a package imports another, directly or not.
func reaches(imports map[string][]string, from, to string) bool {
	return slices.ContainsFunc(imports[from], func(next string) bool { return next == to || reaches(imports, next, to) })
}

// node is a package in Mermaid: an id and, in its box, the path.
func node(path string) string {
	return strings.ReplaceAll(path, "/", "_") + "[" + strings.TrimPrefix(path, "internal/") + "]"
}
