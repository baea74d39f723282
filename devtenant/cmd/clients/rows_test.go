package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const root = "../../.."

// testsIn are the names of the tests in a folder.
func testsIn(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests in %s: %v", folder, err)
	}
	var names []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			if function, ok := declaration.(*ast.FuncDecl); ok && strings.HasPrefix(function.Name.Name, "Test") && function.Name.Name != "TestMain" {
				names = append(names, function.Name.Name)
			}
		}
	}
	return names
}

// A row whose test was renamed would show nothing.
func TestRowsHaveTests(t *testing.T) {
	t.Parallel()
	names := map[string][]string{}
	for _, row := range testsOf(clients, features) {
		if names[row.folder] == nil {
			names[row.folder] = testsIn(t, row.folder)
		}
		if name, _, _ := strings.Cut(row.name, "/"); !slices.Contains(names[row.folder], name) {
			t.Errorf("%s has no %s", row.folder, name)
		}
	}
	if len(testsOf(clients, nil)) != len(clients) {
		t.Error("two rows of clients have the same test")
	}
	// And a client that is tested has a row.
	for _, name := range append(testsIn(t, azure), testsIn(t, here)...) {
		isClient := slices.ContainsFunc([]string{"MSAL", "Azidentity", "OAuth2Proxy", "OpenIDClient", "AzureIdentity", "GoOIDC"}, func(library string) bool { return strings.HasPrefix(name, "Test"+library) })
		hasRow := slices.ContainsFunc(testsOf(clients, nil), func(row test) bool { return row.name == name })
		if (isClient || slices.Contains(testsIn(t, azure), name)) && !hasRow {
			t.Errorf("%s is in no row: add it to rows.go, and run go run ./devtenant/cmd/clients -update", name)
		}
	}
}

// The README's tables are what the command writes once every test has passed.
func TestReadmesTables(t *testing.T) {
	t.Parallel()
	current, err := os.ReadFile(filepath.Join(root, readme))
	if err != nil {
		t.Fatal(err)
	}
	passed := outcomes{}
	for _, row := range testsOf(clients, features) {
		passed[row] = outcome{action: "pass"}
	}
	wanted, err := withTables(string(current), clients, features, passed)
	if err != nil {
		t.Fatal(err)
	}
	if wanted != string(current) {
		t.Error("the README's tables are not those of rows.go; run go run ./devtenant/cmd/clients -update")
	}
	passed[testsOf(nil, features)[0]] = outcome{action: "skip"}
	if _, err := withTables(string(current), clients, features, passed); err == nil {
		t.Error("a feature whose test did not run is in the table")
	}
}

func TestResultsOfGoTest(t *testing.T) {
	t.Parallel()
	const reported = `{"Action":"run","Package":"example.com/m/devtenant","Test":"TestGood"}
{"Action":"pass","Package":"example.com/m/devtenant","Test":"TestGood"}
{"Action":"output","Package":"example.com/m/devtenant","Test":"TestAbsent","Output":"    x_test.go:7: there is no az here\n"}
{"Action":"output","Package":"example.com/m/devtenant","Test":"TestAbsent","Output":"--- SKIP: TestAbsent (0.00s)\n"}
{"Action":"skip","Package":"example.com/m/devtenant","Test":"TestAbsent"}
{"Action":"output","Package":"example.com/m/devtenant","Test":"TestBad","Output":"    x_test.go:9: the reason\n"}
{"Action":"fail","Package":"example.com/m/devtenant","Test":"TestBad"}
{"Action":"pass","Package":"example.com/m/devtenant/graph","Test":"TestGone"}
{"Action":"fail","Package":"example.com/m/devtenant"}
`
	want := map[string]string{
		"TestGood": "passes", "TestAbsent": "not run: there is no az here", "TestBad": "FAILS", "TestGone": "FAILS: there is no such test",
	}
	var rows []client
	for name := range want {
		rows = append(rows, client{"a client", name, test{"devtenant", name}})
	}
	var progress, table bytes.Buffer
	results, err := follow(strings.NewReader(reported), testsOf(rows, nil), &progress)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if got := results[row.test].said(); got != want[row.flow] {
			t.Errorf("%s %s, want it to be: %s", row.flow, got, want[row.flow])
		}
	}
	if failed, absent := results.count(); failed != 2 || absent != 1 {
		t.Errorf("%d failed, %d absent", failed, absent)
	}
	if !strings.Contains(progress.String(), "the reason") {
		t.Error("what a failed test said is not told")
	}
	printTable(&table, rows, results)
	if got := strings.Count(table.String(), "\n"); got != len(rows)+1 {
		t.Errorf("the table has %d lines:\n%s", got, table.String())
	}
}
