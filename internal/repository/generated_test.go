package repository

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
)

var update = flag.Bool("update", false, "write the generated sections of the documentation")

// TestTroubleshooting holds docs/troubleshooting.md and the table of failures together. Each code is an anchor there, which error
// pages and problem documents link to.
func TestTroubleshooting(t *testing.T) {
	t.Parallel()
	var rows strings.Builder
	for _, f := range apperror.All() {
		rows.WriteString("\n" + row(f))
	}
	generated(t, "docs/troubleshooting.md", "troubleshooting", rows.String()+"\n")
}

// row is what the documentation says of a failure: symptom, cause, fix, and the switch of devtenant that shows it.
func row(f apperror.Failure) string {
	var out strings.Builder
	fmt.Fprintf(&out, "### <a id=\"%[1]s\"></a>%[1]s\n\n**%[2]s.** %[3]s\n\n", f.Code, text(f.Title), text(f.What))
	fmt.Fprintf(&out, "- **Status:** %d\n", f.Status)
	if len(f.AADSTS) > 0 {
		numbers := strings.ReplaceAll(strings.Trim(fmt.Sprint(f.AADSTS), "[]"), " ", ", AADSTS")
		fmt.Fprintf(&out, "- **Entra says:** AADSTS%s\n", numbers)
	}
	try := ""
	if f.Switch != "" {
		try = "`" + f.Switch + "`"
	}
	for _, line := range []struct{ label, what string }{
		{"Cause", text(f.Cause)}, {"User", text(f.User)}, {"Developer", text(f.Developer)}, {"Admin", text(f.Admin)}, {"Try it", try},
	} {
		if line.what != "" {
			fmt.Fprintf(&out, "- **%s:** %s\n", line.label, line.what)
		}
	}
	return out.String()
}

// generated compares the section of a file between two marks with what the code says, or writes it with -update.
func generated(t *testing.T, file, name, want string) {
	t.Helper()
	content := read(t, file)
	begin := "<!-- " + name + ":begin, written by go test ./internal/repository -update -->\n"
	end := "<!-- " + name + ":end -->"
	before, rest, found := strings.Cut(content, begin)
	got, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no section between the marks of %s", file, name)
	}
	if got == want {
		return
	}
	if !*update {
		t.Fatalf("%s differs from what the code says; run go test ./internal/repository -update", file)
	}
	if err := os.WriteFile(filepath.Join(root(t), file), []byte(before+begin+want+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// text makes a sentence fit for Markdown. Between backquotes Markdown shows &lt; as it stands, so that is left alone.
func text(sentence string) string {
	parts := strings.Split(strings.ReplaceAll(sentence, "\n", " "), "`")
	for i := 0; i < len(parts); i += 2 {
		parts[i] = strings.ReplaceAll(parts[i], "<", "&lt;")
	}
	return strings.Join(parts, "`")
}
