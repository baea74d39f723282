// Package readme holds what README and docs/ say of the demonstration against the sample as it runs: its users, its switches, its
// files, its recipes. It goes when quickstart goes.
package readme

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

const root = "../../"

var update = flag.Bool("update", false, "write README's table of users")

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
	const begin, end = "<!-- users:begin, written by go test ./quickstart/readme -update -->\n", "<!-- users:end -->"
	readme := read(t, "README.md")
	before, rest, found := strings.Cut(readme, begin)
	got, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatal("README.md has no table between the marks of users")
	}
	if got == want.String() {
		return
	}
	if !*update {
		t.Fatal("README's users differ from devtenant's; run go test ./quickstart/readme -update")
	}
	if err := os.WriteFile(root+"README.md", []byte(before+begin+want.String()+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
