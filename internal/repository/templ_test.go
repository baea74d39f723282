package repository

import (
	"regexp"
	"testing"
)

// TestTemplVersion: the generator writes calls of the library that is in go.mod.
func TestTemplVersion(t *testing.T) {
	t.Parallel()
	version := regexp.MustCompile(`github\.com/a-h/templ(?:/cmd/templ@| )(v[0-9.]+)`)
	library := version.FindStringSubmatch(read(t, "go.mod"))
	generator := version.FindStringSubmatch(read(t, "webui/app/templates/pages.go"))
	if library == nil || generator == nil || library[1] != generator[1] {
		t.Errorf("go.mod has %v, and the pages are made with %v", library, generator)
	}
}
