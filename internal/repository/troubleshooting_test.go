package repository

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ms-identity-go-on-behalf-of/internal/failure"
)

var update = flag.Bool("update", false, "write README's generated section")

const (
	beginTroubleshooting = "<!-- troubleshooting:begin, written by go test ./internal/repository -update -->\n"
	endTroubleshooting   = "<!-- troubleshooting:end -->"
)

// TestTroubleshootingSection holds README's section and the table in code together. -update writes the section.
func TestTroubleshootingSection(t *testing.T) {
	t.Parallel()
	readme := read(t, "README.md")
	before, rest, found := strings.Cut(readme, beginTroubleshooting)
	section, after, closed := strings.Cut(rest, endTroubleshooting)
	if !found || !closed {
		t.Fatal("README.md has no troubleshooting section between its two marks")
	}
	want := troubleshooting()
	if section == want {
		return
	}
	if !*update {
		t.Fatal("README's troubleshooting section differs from internal/failure; run go test ./internal/repository -update")
	}
	written := before + beginTroubleshooting + want + endTroubleshooting + after
	if err := os.WriteFile(filepath.Join(root(t), "README.md"), []byte(written), 0o644); err != nil {
		t.Fatal(err)
	}
}

// troubleshooting renders the table: symptom, cause, fix, and the switch of devtenant that shows it.
func troubleshooting() string {
	var out strings.Builder
	out.WriteString("| code | symptom | cause | fix | try it |\n| --- | --- | --- | --- | --- |\n")
	for _, f := range failure.All() {
		code := fmt.Sprintf(`<a id="%[1]s"></a>%[1]s`, f.Code)
		for _, number := range f.AADSTS {
			code += fmt.Sprintf("<br>AADSTS%d", number)
		}
		fmt.Fprintf(&out, "| %s | %s %s | %s | %s | %s |\n", code, sentence(f.Title), cell(f.What), cell(f.Cause), fix(f), try(f))
	}
	return out.String()
}

func fix(f failure.Failure) string {
	var steps []string
	for _, step := range []struct{ who, what string }{{"User", f.User}, {"Developer", f.Developer}, {"Admin", f.Admin}} {
		if step.what != "" {
			steps = append(steps, "**"+step.who+":** "+cell(step.what))
		}
	}
	return strings.Join(steps, "<br>")
}

func try(f failure.Failure) string {
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
