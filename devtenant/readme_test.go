package devtenant

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the README's table of switches")

// The README is held against the code: its routes, its users, and what it says it doesn't check.
func TestReadme(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(raw)
	if !strings.HasPrefix(readme, "# devtenant\n\ndevtenant is for development only") {
		t.Error("the first sentence does not say that it is for development only")
	}
	tenant := &Tenant{}
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, route := range slices.Concat(tenant.protocol(), tenant.resourceManager(), tenant.ownPages(), tenant.remote()) {
		if route.pattern == "/" { // Resource Manager's answer to every other path
			continue
		}
		pattern := strings.TrimSuffix(route.pattern, "{$}")
		if !strings.Contains(readme, "`"+pattern+"`") {
			t.Errorf("README.md has no route `%s`", pattern)
		}
		_, path, _ := strings.Cut(pattern, " ")
		if !strings.Contains(string(doc), path) && !strings.HasPrefix(path, "/static/") {
			t.Errorf("doc.go has no route %s", path)
		}
	}
	for _, line := range unchecked {
		if !strings.Contains(readme, "- "+line+"\n") {
			t.Errorf("README.md does not say, under what it does not check: %s", line)
		}
	}
	embedded, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, application := range embedded.Directory().Applications() {
		if !strings.Contains(readme, "| "+application.DisplayName+" |") {
			t.Errorf("README.md has no row for the application %s", application.DisplayName)
		}
	}
	for name := range embedded.Settings() {
		extra := slices.ContainsFunc([]string{"ORDERS_", "CONSOLE_", "API_ORDERS_", "API_MCP_", "API_GRAPH_"}, func(p string) bool { return strings.HasPrefix(name, p) })
		if extra && !strings.Contains(readme, "`"+name+"`") {
			t.Errorf("README.md does not name the setting %s", name)
		}
	}
	for _, tenant := range embedded.Tenants() {
		for _, user := range tenant.Directory().Users() {
			if !strings.Contains(readme, "| "+user.MailNickname+" |") {
				t.Errorf("README.md has no row for %s of %s", user.MailNickname, tenant.Directory().Domain())
			}
		}
	}
}

const (
	beginSwitches = "<!-- switches:begin, written by go test ./devtenant -run TestReadme -update -->\n"
	endSwitches   = "<!-- switches:end -->"
)

// The README's table of switches is the one in code. -update writes it.
func TestReadmeSwitches(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(raw), beginSwitches)
	table, after, closed := strings.Cut(rest, endSwitches)
	if !found || !closed {
		t.Fatal("README.md has no table of switches between its two marks")
	}
	var want strings.Builder
	for _, group := range SwitchGroups() {
		fmt.Fprintf(&want, "**%s.** %s\n\n| switch | what should happen |\n| --- | --- |\n", group.Title, group.Lesson)
		for _, row := range group.Switches {
			fmt.Fprintf(&want, "| `%s` | %s |\n", row.Name, row.Shows)
		}
		want.WriteString("\n")
	}
	if table == want.String() {
		return
	}
	if !*update {
		t.Fatal("README's switches differ from the table in code; run go test ./devtenant -run TestReadme -update")
	}
	if err := os.WriteFile("README.md", []byte(before+beginSwitches+want.String()+endSwitches+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
