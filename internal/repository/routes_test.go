package repository

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// TestRoutes holds docs/routes.md against the tables in the tiers' package comments, which tests of the tiers hold against their routers.
func TestRoutes(t *testing.T) {
	t.Parallel()
	rows := "| tier | route | answer |\n| --- | --- | --- |\n"
	for _, tier := range []struct{ name, file string }{{"web UI", "webui/app/doc.go"}, {"API", "api/app/doc.go"}} {
		routes := regexp.MustCompile(`(?m)^//\t([A-Z]+) +(/\S*) +(.+)$`).FindAllStringSubmatch(read(t, tier.file), -1)
		if len(routes) < 3 {
			t.Fatalf("%s has %d routes", tier.file, len(routes))
		}
		for _, route := range routes {
			rows += fmt.Sprintf("| %s | `%s %s` | %s |\n", tier.name, route[1], route[2], strings.ReplaceAll(text(route[3]), "|", `\|`))
		}
	}
	generated(t, "docs/routes.md", "routes", rows)
}
