// Package repository holds the rules of the repository as tests: its walls, and that README, production.env and the code
// say the same.
package repository

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const module = "github.com/Azure-Samples/ms-identity-go-on-behalf-of/"

// root returns the repository's top folder.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// read returns a file of the repository.
func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root(t), name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(content), "\r\n", "\n")
}

// dependencies returns what the packages of a pattern import, directly or not, tests left out.
func dependencies(t *testing.T, pattern string) []string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", pattern)
	list.Dir = root(t)
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list -deps %s: %v", pattern, err)
	}
	return strings.Fields(string(out))
}

func TestWalls(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern string
		never   []string
		why     string
	}{
		{"./webui/...", []string{module + "api", module + "devtenant", module + "quickstart", module + "appcreation"}, "the tiers meet over HTTP, and production code knows no stand-in"},
		{"./api/...", []string{module + "webui", module + "devtenant", module + "quickstart", module + "appcreation"}, "the tiers meet over HTTP, and production code knows no stand-in"},
		{"./devtenant/...", []string{module + "webui", module + "api", module + "internal", "github.com/gin-gonic/gin"}, "one framework's or package's fault must not hide on both sides of the wire"},
		{"./internal/...", []string{module + "webui", module + "api", module + "devtenant", module + "quickstart"}, "what two tiers share knows neither"},
		{"./appcreation/...", []string{module + "webui", module + "api", module + "devtenant"}, "the registration works on any tenant"},
	}
	for _, test := range tests {
		t.Run(test.pattern, func(t *testing.T) {
			t.Parallel()
			for _, dependency := range dependencies(t, test.pattern) {
				for _, never := range test.never {
					if dependency == strings.TrimSuffix(never, "/") || strings.HasPrefix(dependency, never+"/") {
						t.Errorf("%s imports %s: %s", test.pattern, dependency, test.why)
					}
				}
			}
		})
	}
}
