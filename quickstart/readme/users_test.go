// Package readme holds what README and docs/ say of the demonstration against the sample as it runs: its users, its switches, its
// files, its recipes. It goes when quickstart goes.
package readme

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
)

const root = "../../"

var update = flag.Bool("update", false, "write README's generated sections")

// read returns a file of the repository.
func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(root + name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(content), "\r\n", "\n")
}

// TestUsers holds README's table of those whom one can sign in as and devtenant's directory together. -update writes it.
func TestUsers(t *testing.T) {
	t.Parallel()
	var want strings.Builder
	want.WriteString("| sign in as | and see |\n| --- | --- |\n")
	for _, user := range directory.Default().Users() {
		fmt.Fprintf(&want, "| %s | %s |\n", user.MailNickname, strings.ReplaceAll(user.Devtenant.Shows, "|", `\|`))
	}
	generated(t, "users", "<!-- users:begin, written by go test ./quickstart/readme -update -->\n", want.String())
}

// TestAnchors: README had the table of failures once, and error pages linked there. A link to a code still leads to where README says
// where the table is now.
func TestAnchors(t *testing.T) {
	t.Parallel()
	var want strings.Builder
	for _, f := range apperror.All() {
		fmt.Fprintf(&want, `<a id="%s"></a>`, f.Code)
	}
	generated(t, "anchors", "<!-- Codes of older links to this page, written by go test ./quickstart/readme -update: anchors:begin -->\n", want.String()+"\n")
}

var writing sync.Mutex

// generated compares README's section between two marks with what the code says, or writes it with -update.
func generated(t *testing.T, name, begin, want string) {
	t.Helper()
	writing.Lock()
	defer writing.Unlock()
	readme := read(t, "README.md")
	before, rest, found := strings.Cut(readme, begin)
	got, after, closed := strings.Cut(rest, "<!-- "+name+":end -->")
	if !found || !closed {
		t.Fatalf("README.md has nothing between the marks of %s", name)
	}
	if got == want {
		return
	}
	if !*update {
		t.Fatalf("README's %s are not those in code; run go test ./quickstart/readme -update", name)
	}
	if err := os.WriteFile(root+"README.md", []byte(before+begin+want+"<!-- "+name+":end -->"+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
