package explain

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"testing"
)

// TestCodeIsTheFiles: the code on the page is what runs. go generate ./webui/explain copies it anew.
func TestCodeIsTheFiles(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	for _, about := range subjects() {
		for _, one := range fourHops(about) {
			file := filepath.Join("code", one.Code.Func+".txt")
			shown[file] = true
			today := function(t, one.Code)
			if *update {
				if err := os.WriteFile(file, today, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if copied, err := os.ReadFile(file); err != nil || !bytes.Equal(copied, today) {
				t.Errorf("%s isn't %s of %s, %v", file, one.Code.Func, one.Code.File, err)
			}
		}
	}
	files, err := filepath.Glob("code/*")
	if err != nil || len(files) != len(shown) {
		t.Errorf("%d files in code, %d are shown, %v", len(files), len(shown), err)
	}
}

// function returns the text of a function that has a body, with its comment.
func function(t *testing.T, s source) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(s.File)))
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, s.File, text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var found []byte
	for _, declaration := range parsed.Decls {
		if f, ok := declaration.(*ast.FuncDecl); ok && f.Name.Name == s.Func {
			if found != nil {
				t.Errorf("%s has more than one %s", s.File, s.Func)
			}
			found = append(text[files.Position(f.Doc.Pos()).Offset:files.Position(f.End()).Offset:files.Position(f.End()).Offset], '\n')
		}
	}
	return found
}
