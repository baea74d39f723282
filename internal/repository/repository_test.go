// Package repository holds the rules of the repository as tests: which package may import which, and that documentation, templates of
// settings and the code say the same. It knows nothing of the tenant to develop against: what is held against that goes with it.
package repository

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

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

// goPackage is what `go list` tells of a package.
type goPackage struct {
	ImportPath                         string
	Dir                                string
	Imports                            []string // test files left out
	GoFiles, TestGoFiles, XTestGoFiles []string
	IgnoredGoFiles                     []string
	Module                             *struct{ Path string }
	path                               string   // below the module: webui/app
	inside                             []string // the imports of this module, as paths below it
}

// list asks go list once for all packages of the module. The module's name is go list's, too: after a rename nothing here changes.
var list = sync.OnceValues(func() ([]goPackage, error) {
	command := exec.Command("go", "list", "-json=ImportPath,Dir,Imports,GoFiles,TestGoFiles,XTestGoFiles,IgnoredGoFiles,Module", "./...")
	command.Dir = "../.."
	out, err := command.Output()
	if err != nil {
		return nil, err
	}
	var found []goPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return found, nil
		} else if err != nil {
			return nil, err
		}
		p.path = strings.TrimPrefix(p.ImportPath, p.Module.Path+"/")
		for _, imported := range p.Imports {
			if inside, ok := strings.CutPrefix(imported, p.Module.Path+"/"); ok {
				p.inside = append(p.inside, inside)
			}
		}
		found = append(found, p)
	}
})

func packages(t *testing.T) []goPackage {
	t.Helper()
	found, err := list()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	if len(found) < 20 {
		t.Fatalf("go list knows only %d packages", len(found))
	}
	return found
}

// matches tells whether a path is of a pattern of go list's: webui/app for that package, webui/... for all below webui, too.
func matches(pattern, path string) bool {
	above, all := strings.CutSuffix(pattern, "/...")
	return path == above || all && strings.HasPrefix(path, above+"/")
}
