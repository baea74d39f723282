package repository

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	api "github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/serve"
	webui "github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
)

// settingsInCode asks both tiers for their configuration and notes every name that they read.
func settingsInCode(t *testing.T) map[string]string {
	t.Helper()
	apiReader, webuiReader := env.From(nil), env.From(nil)
	serve.Program{AddrSetting: "API_ADDR", DefaultAddr: "localhost:8001"}.ReadSettings(apiReader)
	serve.Program{AddrSetting: "WEBUI_ADDR", DefaultAddr: "localhost:8000"}.ReadSettings(webuiReader)
	if _, err := api.ReadConfig(apiReader); err == nil {
		t.Error("the API starts without any setting")
	}
	if _, err := webui.ReadConfig(webuiReader); err == nil {
		t.Error("the web UI starts without any setting")
	}
	who := map[string]string{}
	for _, name := range apiReader.Names() {
		who[name] = "API"
	}
	for _, name := range webuiReader.Names() {
		if who[name] != "" {
			who[name] = "both"
		} else {
			who[name] = "web UI"
		}
	}
	for _, program := range []struct{ name, folder, prefix string }{{"orders API", "orders", "ORDERS_"}, {"console", "console", "CONSOLE_"}} {
		for _, name := range settingsInSource(t, program.folder, program.prefix) {
			who[name] = program.name
		}
	}
	who["OTEL_EXPORTER_OTLP_ENDPOINT"] = "both" // read by OpenTelemetry's exporter itself
	return who
}

// settingsInSource are the names with a prefix that a folder's programs read; none where the folder is left out. Those of a
// credential are put together in package entra.
func settingsInSource(t *testing.T, folder, prefix string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(root(t), folder), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, name := range regexp.MustCompile(`"(`+prefix+`[A-Z_]+)"`).FindAllSubmatch(source, -1) {
			if bytes.Contains(source, append([]byte("ReadCredential(r, "), name[0]...)) {
				credential := env.From(nil)
				entra.ReadCredential(credential, string(name[1]), entra.Authority{})
				names = append(names, slices.DeleteFunc(credential.Names(), func(n string) bool { return !strings.HasPrefix(n, prefix) })...)
				continue
			}
			names = append(names, string(name[1]))
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return names
}

func TestSettingsAreDocumented(t *testing.T) {
	t.Parallel()
	section := between(t, read(t, "docs/settings.md"), "<!-- settings:begin", "<!-- settings:end -->")
	documented := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\| ([^|]+) \\|").FindAllStringSubmatch(section, -1) {
		documented[row[1]] = strings.TrimSpace(row[2])
	}
	inCode := settingsInCode(t)
	for name, who := range inCode {
		if documented[name] != who {
			t.Errorf("%s is read by: %s; docs/settings.md says %q", name, who, documented[name])
		}
	}
	for name := range documented {
		if _, ok := inCode[name]; !ok {
			t.Errorf("docs/settings.md has %s, which no tier reads", name)
		}
	}
}

func TestSettingsAreInTheTemplate(t *testing.T) {
	t.Parallel()
	template := map[string]bool{}
	for _, line := range regexp.MustCompile(`(?m)^#?([A-Z][A-Z0-9_]+)=`).FindAllStringSubmatch(read(t, "production.env"), -1) {
		if template[line[1]] {
			t.Errorf("production.env has %s twice", line[1])
		}
		template[line[1]] = true
	}
	inCode := settingsInCode(t)
	delete(inCode, "ENVIRONMENT") // picks the file, so it can't stand in it
	for name := range inCode {
		if !template[name] {
			t.Errorf("production.env lacks %s", name)
		}
	}
	for name := range template {
		if _, ok := inCode[name]; !ok {
			t.Errorf("production.env has %s, which no tier reads", name)
		}
	}
}

// TestTheTemplateDoesNotStart: whoever starts a tier with the untouched template is told each value that is missing.
func TestTheTemplateDoesNotStart(t *testing.T) {
	t.Setenv("ENVIRONMENT", "production")
	for tier, start := range map[string]func(*env.Reader) error{
		"API":    func(r *env.Reader) error { _, err := api.ReadConfig(r); return err },
		"web UI": func(r *env.Reader) error { _, err := webui.ReadConfig(r); return err },
	} {
		settings, err := env.Open(root(t))
		if err != nil {
			t.Fatal(err)
		}
		err = start(settings)
		if err == nil {
			t.Errorf("the %s starts with the template's placeholders", tier)
			continue
		}
		for _, line := range regexp.MustCompile(`(?m)^([A-Z_]+)=.*ReplaceWith`).FindAllStringSubmatch(read(t, "production.env"), -1) {
			name := line[1]
			if slices.Contains(settings.Names(), name) && !strings.Contains(err.Error(), name) {
				t.Errorf("the %s doesn't name %s:\n%v", tier, name, err)
			}
		}
	}
}

// between returns the part of text between two marks.
func between(t *testing.T, text, begin, end string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, begin)
	part, _, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("there is no %s … %s", begin, end)
	}
	return part
}
