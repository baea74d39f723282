package repository

import (
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	gin     = "github.com/gin-gonic/gin"
	msal    = "github.com/AzureAD/microsoft-authentication-library-for-go/..."
	anyPath = "..."
)

// walls lists what each package may import of this module, the first line that fits counts. A package without a line fails: one that
// is new or renamed is thought about once.
var walls = []struct {
	of    string
	may   string // patterns
	never string // patterns of other modules
	why   string
}{
	{"api", "api/app api/explain internal/...", "", "a command puts things together"},
	{"api/app", "api/clientcredentials api/downstream api/mcp api/onbehalfof internal/...", msal, "what only explains can be left out, and the exchange is not made here"},
	{"api/explain", "api/app api/onbehalfof internal/...", "", "it looks in from outside"},
	{"api/mcp", "internal/...", "", "agents get what the functions return that the app hands over"},
	{"api/onbehalfof", "internal/...", gin, "the exchange serves any program: it knows neither routes nor Gin"},
	{"api/...", "internal/...", gin, "what serves every downstream knows none"},
	{"webui", "webui/app webui/explain internal/...", "", "a command puts things together"},
	{"webui/app", "webui/app/templates webui/session webui/signin internal/...", msal, "what only explains can be left out, and tokens are acquired in signin"},
	{"webui/app/templates", "webui/session webui/signin internal/...", gin, "pages know what they show"},
	{"webui/explain", "webui/app webui/app/templates webui/session internal/...", "", "it looks in from outside"},
	{"webui/signin", "webui/session internal/...", "github.com/a-h/templ", "signing in knows no pages"},
	{"webui/session", "internal/...", gin + " " + msal, "sessions know nothing of how one signs in"},
	{"internal/...", "internal/...", "", "what programs share knows none of them"},
	{"orders", "orders/app internal/...", "", "a command puts things together"},
	{"orders/app", "internal/...", msal, "an API that verifies tokens acquires none"},
	{"console", "internal/...", gin, "a client of the API meets it over HTTP"},
	{"devtenant/...", "devtenant/...", gin + " " + msal, "one framework's or package's fault must not hide on both sides of the wire"},
	{"appcreation/...", "appcreation/... internal/...", "", "the registration works on any tenant"},
	{"deploy/...", "appcreation/... internal/...", "", "what runs where is not what runs"},
	{"quickstart/...", anyPath, "", ""},
	{"tools/...", anyPath, "", ""},
}

func TestWalls(t *testing.T) {
	t.Parallel()
	used := make([]bool, len(walls))
	for _, p := range packages(t) {
		i := slices.IndexFunc(walls, func(w struct{ of, may, never, why string }) bool { return matches(w.of, p.path) })
		if i < 0 {
			t.Errorf("%s is in no line of walls: say what it may import", p.path)
			continue
		}
		wall := walls[i]
		used[i] = true
		for _, imported := range p.inside {
			allowed := func(pattern string) bool { return pattern == anyPath || matches(pattern, imported) }
			if !slices.ContainsFunc(strings.Fields(wall.may), allowed) {
				t.Errorf("%s imports %s: %s", p.path, imported, wall.why)
			}
		}
		for _, imported := range p.Imports {
			if slices.ContainsFunc(strings.Fields(wall.never), func(pattern string) bool { return matches(pattern, imported) }) {
				t.Errorf("%s imports %s: %s", p.path, imported, wall.why)
			}
		}
	}
	for i, wall := range walls {
		folder := strings.TrimSuffix(wall.of, "/...")
		if _, err := os.Stat(filepath.Join(root(t), folder)); err == nil && !used[i] { // whoever starts from the sample deletes some
			t.Errorf("no package is of %s: the line checks nothing", wall.of)
		}
	}
	for _, outside := range []string{gin, msal} {
		if !slices.ContainsFunc(packages(t), func(p goPackage) bool {
			return slices.ContainsFunc(p.Imports, func(imported string) bool { return matches(outside, imported) })
		}) {
			t.Errorf("nothing imports %s: to forbid it checks nothing", outside)
		}
	}
}

// TestNothingImportsWhatIsAboveIt: a reader goes down the folders, and what is below makes sense by itself. Commands are below what they
// run, and helpers of tests below what they test.
func TestNothingImportsWhatIsAboveIt(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if strings.Contains(p.path, "/cmd/") || strings.HasSuffix(p.path, "test") {
			continue
		}
		for _, imported := range p.inside {
			if strings.HasPrefix(p.path, imported+"/") {
				t.Errorf("%s imports %s, which is above it", p.path, imported)
			}
		}
	}
}

// TestGinStaysInItsFile: the validation of tokens serves any server; one file makes Gin's middleware of it.
func TestGinStaysInItsFile(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(root(t), "internal/bearer/*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("internal/bearer has %d files, %v", len(files), err)
	}
	found := false
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, imported := range parsed.Imports {
			if imported.Path.Value != `"`+gin+`"` || strings.HasSuffix(file, "_test.go") {
				continue
			}
			if found = true; path.Base(filepath.ToSlash(file)) != "gin.go" {
				t.Errorf("%s imports Gin", file)
			}
		}
	}
	if !found {
		t.Error("no file imports Gin: this checks nothing")
	}
}
