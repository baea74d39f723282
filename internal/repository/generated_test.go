package repository

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
)

var update = flag.Bool("update", false, "write README's generated section")

// TestGeneratedSections holds sections of README and the tables in code together. -update writes the sections.
func TestGeneratedSections(t *testing.T) {
	t.Parallel()
	readme := read(t, "README.md")
	written := readme
	for name, want := range map[string]string{"troubleshooting": troubleshooting(), "users": users()} {
		begin := "<!-- " + name + ":begin, written by go test ./internal/repository -update -->\n"
		end := "<!-- " + name + ":end -->"
		before, rest, found := strings.Cut(written, begin)
		_, after, closed := strings.Cut(rest, end)
		if !found || !closed {
			t.Fatalf("README.md has no section between the marks of %s", name)
		}
		written = before + begin + want + end + after
	}
	if written == readme {
		return
	}
	if !*update {
		t.Fatal("README differs from the tables in code; run go test ./internal/repository -update")
	}
	if err := os.WriteFile(filepath.Join(root(t), "README.md"), []byte(written), 0o644); err != nil {
		t.Fatal(err)
	}
}

// users renders the table of those whom one can sign in as.
func users() string {
	var out strings.Builder
	out.WriteString("| sign in as | and see |\n| --- | --- |\n")
	for _, user := range directory.Default().Users() {
		fmt.Fprintf(&out, "| %s | %s |\n", user.MailNickname, cell(user.Devtenant.Shows))
	}
	return out.String()
}

// troubleshooting renders the table: symptom, cause, fix, and the switch of devtenant that shows it.
func troubleshooting() string {
	var out strings.Builder
	out.WriteString("| code | symptom | cause | fix | try it |\n| --- | --- | --- | --- | --- |\n")
	for _, f := range apperror.All() {
		code := fmt.Sprintf(`<a id="%[1]s"></a>%[1]s`, f.Code)
		for _, number := range f.AADSTS {
			code += fmt.Sprintf("<br>AADSTS%d", number)
		}
		fmt.Fprintf(&out, "| %s | %s %s | %s | %s | %s |\n", code, sentence(f.Title), cell(f.What), cell(f.Cause), fix(f), try(f))
	}
	return out.String()
}

func fix(f apperror.Failure) string {
	var steps []string
	for _, step := range []struct{ who, what string }{{"User", f.User}, {"Developer", f.Developer}, {"Admin", f.Admin}} {
		if step.what != "" {
			steps = append(steps, "**"+step.who+":** "+cell(step.what))
		}
	}
	return strings.Join(steps, "<br>")
}

func try(f apperror.Failure) string {
	if f.Switch == "" {
		return ""
	}
	return "`" + f.Switch + "`"
}

func sentence(title string) string { return "**" + cell(title) + ".**" }

// cell makes text fit for a table's cell. Between backquotes Markdown shows &lt; as it stands, so that is left alone.
func cell(text string) string {
	parts := strings.Split(strings.NewReplacer("|", `\|`, "\n", " ").Replace(text), "`")
	for i := 0; i < len(parts); i += 2 {
		parts[i] = strings.ReplaceAll(parts[i], "<", "&lt;")
	}
	return strings.Join(parts, "`")
}
