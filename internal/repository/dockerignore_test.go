package repository

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// buildPackage is what `go list` tells of a package that the Dockerfile builds from.
type buildPackage struct {
	ImportPath, Dir     string
	Module              *struct{ Main bool }
	GoFiles, EmbedFiles []string
}

// builtFrom lists the repository's packages that go into the images, by the command in the Dockerfile.
func builtFrom(t *testing.T) []buildPackage {
	t.Helper()
	command := regexp.MustCompile(`(?m)^RUN .*go build .* -o /out/ (.+)$`).FindStringSubmatch(strings.ReplaceAll(read(t, "Dockerfile"), "\\\n", ""))
	if command == nil {
		t.Fatal("Dockerfile has no go build … -o /out/ …")
	}
	list := exec.CommandContext(t.Context(), "go", append([]string{"list", "-deps", "-json=ImportPath,Dir,Module,GoFiles,EmbedFiles"}, strings.Fields(command[1])...)...)
	list.Dir, list.Env = root(t), append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("%v: %v", list.Args, err)
	}
	var packages []buildPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); decoder.More(); {
		var p buildPackage
		if err := decoder.Decode(&p); err != nil {
			t.Fatal(err)
		}
		if p.Module != nil && p.Module.Main {
			packages = append(packages, p)
		}
	}
	return packages
}

// dockerignore renders what is let in: of each package its Go files and what it embeds.
//
// A folder and then not its secrets would let in whatever nobody thought of. Wildcards for folders would do for BuildKit;
// the builder of Docker 20.10 never looks into a folder that no line begins with.
func dockerignore(t *testing.T, packages []buildPackage) string {
	lines := []string{"!go.mod", "!go.sum"}
	for _, p := range packages {
		folder, err := filepath.Rel(root(t), p.Dir)
		if err != nil {
			t.Fatal(err)
		}
		folder = filepath.ToSlash(folder)
		lines = append(lines, "!"+folder+"/*.go")
		for _, file := range p.EmbedFiles {
			line := "!" + path.Join(folder, path.Dir(filepath.ToSlash(file)), "*"+path.Ext(file))
			if path.Ext(file) == ".json" { // which may hold anything
				line = "!" + path.Join(folder, filepath.ToSlash(file))
			}
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return strings.Join(slices.Compact(lines), "\n") + "\n"
}

// TestOnlyWhatTheBuildNeedsIsLetIn. -update writes the list anew.
func TestOnlyWhatTheBuildNeedsIsLetIn(t *testing.T) {
	t.Parallel()
	packages := builtFrom(t)
	if len(packages) < 10 {
		t.Fatalf("only %d packages", len(packages))
	}
	const begin, end = "# begin, written by go test ./internal/repository -update\n", "# end\n"
	content := read(t, ".dockerignore")
	old := begin + between(t, content, begin, end) + end
	wanted := strings.Replace(content, old, begin+dockerignore(t, packages)+end, 1)
	if wanted != content {
		if !*update {
			t.Fatal(".dockerignore is not what the Dockerfile builds from; run go test ./internal/repository -update")
		}
		if err := os.WriteFile(filepath.Join(root(t), ".dockerignore"), []byte(wanted), 0o644); err != nil {
			t.Fatal(err)
		}
		content = wanted
	}
	for _, p := range packages {
		for _, file := range append(slices.Clone(p.GoFiles), p.EmbedFiles...) {
			name, err := filepath.Rel(root(t), filepath.Join(p.Dir, file))
			if err != nil {
				t.Fatal(err)
			}
			if !letIn(t, content, filepath.ToSlash(name)) {
				t.Errorf("%s is needed, and not let in", name)
			}
		}
	}
	for _, name := range []string{
		"development.env", "production.env", ".git/config", ".azure/dev/.env", "api.pem", "webui/development.env", "webui/app/webui.pem", "api/app/key.go.pem",
		"internal/.env", "internal/entra/id_rsa", "internal/entra/keys_test.go", "api/app/testdata/no_token.golden", "devtenant/devtenant-ca.pem", "quickstart/main.go", "README.md",
	} {
		if letIn(t, content, name) {
			t.Errorf("%s is let in", name)
		}
	}
	all := 0
	err := filepath.WalkDir(root(t), func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			if entry != nil && entry.Name() == ".git" {
				return fs.SkipDir
			}
			return err
		}
		name, err = filepath.Rel(root(t), name)
		if err == nil && letIn(t, content, filepath.ToSlash(name)) {
			all++
			if ext := path.Ext(name); !slices.Contains([]string{".go", ".mod", ".sum", ".css", ".svg", ".html", ".json", ".ico", ".png", ".js", ".txt"}, ext) {
				t.Errorf("%s is let in: what is a %s?", name, ext)
			}
		}
		return err
	})
	if err != nil || all < 50 {
		t.Errorf("%d files are let in, %v", all, err)
	}
}

// letIn reads the patterns as Docker does: the last one that matches decides. There are four kinds here.
func letIn(t *testing.T, dockerignore, name string) bool {
	t.Helper()
	in := true
	for line := range strings.Lines(dockerignore) {
		line = strings.TrimSpace(line)
		pattern, exception := strings.CutPrefix(line, "!")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case line == "*":
			in = false
		case strings.HasPrefix(pattern, "**/") && !exception:
			if match, err := path.Match(strings.TrimPrefix(pattern, "**/"), path.Base(name)); err != nil || match {
				in = false
			}
		case exception:
			if match, err := path.Match(pattern, name); err != nil || match {
				in = true
			}
		default:
			t.Fatalf("this test doesn't know how to read %q", line)
		}
	}
	return in
}
