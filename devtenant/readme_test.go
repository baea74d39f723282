package devtenant

import (
	"os"
	"strings"
	"testing"
)

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
	for _, route := range append(tenant.protocol(), tenant.ownPages()...) {
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
	for _, user := range embedded.Directory().Users() {
		if !strings.Contains(readme, "| "+user.MailNickname+" |") {
			t.Errorf("README.md has no row for %s", user.MailNickname)
		}
	}
}
