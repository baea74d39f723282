package repository

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestNothingIsExportedForTestsAlone looks for exported names of the tiers and of what they share that no code outside tests uses. A
// test of a package's inside is in the package, or has an export_test.go. Methods and fields are left out: an interface may want them.
func TestNothingIsExportedForTestsAlone(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(filepath.Join(root(t), "quickstart")); err != nil {
		t.Skip("quickstart is not here: what only it used would be found")
	}
	used := map[string]bool{}         // "internal/env.From"
	declared := map[string][]string{} // by package
	helper := func(p goPackage) bool { return strings.HasSuffix(p.path, "test") }
	for _, p := range packages(t) {
		names := map[string]string{} // what a file calls a package: its path below the module
		for _, name := range append(p.GoFiles, p.IgnoredGoFiles...) {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			clear(names)
			for _, imported := range file.Imports {
				full, _ := strconv.Unquote(imported.Path.Value)
				inside, ok := strings.CutPrefix(full, p.Module.Path+"/")
				if !ok {
					continue
				}
				called := inside[strings.LastIndex(inside, "/")+1:]
				if imported.Name != nil {
					called = imported.Name.Name
				}
				names[called] = inside
			}
			own := exported(file)
			declared[p.path] = append(declared[p.path], own...)
			for name, times := range mentions(file, names) {
				inside, ok := strings.CutPrefix(name, ".")
				if !ok {
					used[name] = true
				} else if times > 1 || !slices.Contains(own, inside) { // once is where it is declared
					used[p.path+"."+inside] = true
				}
			}
		}
		if helper(p) {
			delete(declared, p.path)
		}
	}
	checked := 0
	for path, names := range declared {
		if !matches("api/...", path) && !matches("webui/...", path) && !matches("internal/...", path) {
			continue
		}
		for _, name := range names {
			checked++
			if !used[path+"."+name] {
				t.Errorf("%s.%s is exported, and nothing but tests uses it", path, name)
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d exported names found", checked)
	}
}

// exported returns the exported functions, types, variables and constants of a file.
func exported(file *ast.File) (names []string) {
	for _, declaration := range file.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.IsExported() {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					if s.Name.IsExported() {
						names = append(names, s.Name.Name)
					}
				case *ast.ValueSpec:
					for _, name := range s.Names {
						if name.IsExported() {
							names = append(names, name.Name)
						}
					}
				}
			}
		}
	}
	return names
}

// mentions counts the names in a file: "internal/env.From" for another package's, ".From" for its own. Receivers don't count: methods
// alone make no use of a type.
func mentions(file *ast.File, packages map[string]string) map[string]int {
	found := map[string]int{}
	var visit func(ast.Node) bool
	visit = func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.FuncDecl:
			if n.Recv != nil {
				ast.Inspect(n.Type, visit)
				if n.Body != nil {
					ast.Inspect(n.Body, visit)
				}
				return false
			}
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && packages[x.Name] != "" {
				found[packages[x.Name]+"."+n.Sel.Name]++
				return false
			}
			ast.Inspect(n.X, visit)
			return false
		case *ast.Ident:
			found["."+n.Name]++
		}
		return true
	}
	ast.Inspect(file, visit)
	return found
}
