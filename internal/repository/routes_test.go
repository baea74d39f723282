package repository

import (
	"regexp"
	"slices"
	"testing"
)

// TestRoutesAreDocumented holds the table of docs/routes.md against those in the tiers' package comments, which tests of the tiers hold
// against their routers.
func TestRoutesAreDocumented(t *testing.T) {
	t.Parallel()
	section := between(t, read(t, "docs/routes.md"), "<!-- routes:begin", "<!-- routes:end -->")
	var documented []string
	for _, row := range regexp.MustCompile("(?m)^\\| (web UI|API) \\| `([A-Z]+ [^`]+)` \\|").FindAllStringSubmatch(section, -1) {
		documented = append(documented, row[1]+" "+row[2])
	}
	var inCode []string
	for tier, file := range map[string]string{"web UI": "webui/app/doc.go", "API": "api/app/doc.go"} {
		for _, route := range regexp.MustCompile(`(?m)^//\s+(GET|POST|DELETE)\s+(/\S*)\s`).FindAllStringSubmatch(read(t, file), -1) {
			inCode = append(inCode, tier+" "+route[1]+" "+route[2])
		}
	}
	if len(inCode) < 10 {
		t.Fatalf("only %d routes found in code", len(inCode))
	}
	slices.Sort(documented)
	slices.Sort(inCode)
	for _, route := range inCode {
		if !slices.Contains(documented, route) {
			t.Errorf("docs/routes.md lacks %s", route)
		}
	}
	for _, route := range documented {
		if !slices.Contains(inCode, route) {
			t.Errorf("docs/routes.md has %s, which no tier answers", route)
		}
	}
}
