package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/joho/godotenv"
)

func none(string) string { return "" }

// arguments are those of a tenant on free ports whose files go to a folder of the test.
func arguments(dir string, more ...string) []string {
	return append([]string{"-browser-addr", "localhost:0", "-back-addr", "localhost:0", "-certificate", filepath.Join(dir, "ca.pem")}, more...)
}

func TestRunsUntilItIsStopped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, arguments(dir, "-write-env", filepath.Join(dir, "development.env"), "-daemon-certificate", filepath.Join(dir, "daemon.pem")), none, writer, io.Discard)
		_ = writer.Close()
	}()
	output := make([]byte, 8192)
	n, read := 0, 0
	for !strings.Contains(string(output[:n]), "Ctrl-C") {
		var err error
		if read, err = reader.Read(output[n:]); err != nil {
			t.Fatalf("%v after: %s", err, output[:n])
		}
		n += read
	}
	page := ""
	for line := range strings.Lines(string(output[:n])) {
		if address, ok := strings.CutPrefix(line, "its page"); ok {
			page = strings.TrimSpace(address)
		}
	}
	if response, err := http.Get(page + "/healthz"); err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("its page %q: %v", page, err)
	}
	addr := strings.TrimPrefix(page, "http://")
	if err := run(t.Context(), []string{"-health", "-browser-addr", addr}, none, io.Discard, io.Discard); err != nil {
		t.Errorf("-health: %v", err)
	}
	values, err := godotenv.Read(filepath.Join(dir, "development.env"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"AUTHORITY", "WEBUI_CLIENT_SECRET", "API_CLIENT_SECRET", "WEBUI_SESSION_KEY", "TRUSTED_CA_FILE", "CONSOLE_APPLICATION_CLIENT_CERTIFICATE"} {
		if values[name] == "" {
			t.Errorf("development.env has no %s", name)
		}
	}
	for _, name := range []string{"development.env", "daemon.pem"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("stopping: %v", err)
	}
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	busy, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = busy.Close() })
	dir := t.TempDir()
	foreign := filepath.Join(dir, "development.env")
	if err := os.WriteFile(foreign, []byte("MINE=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(dir, "tenant.json")
	if err := os.WriteFile(broken, []byte(`{"tenantID": 1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		arguments []string
		says      string
	}{
		"browser port busy":      {arguments(dir, "-browser-addr", busy.Addr().String()), "-browser-addr"},
		"back port busy":         {arguments(dir, "-back-addr", busy.Addr().String()), "-back-addr"},
		"somebody else's file":   {arguments(dir, "-write-env", foreign), "left as it is"},
		"no such tenant file":    {arguments(dir, "-tenant", filepath.Join(dir, "none")), "tenant file"},
		"a broken tenant file":   {arguments(dir, "-tenant", broken), "tenant.json"},
		"back channel on http":   {arguments(dir, "-back-url", "http://x"), "BackURL"},
		"certificate unwritable": {arguments(filepath.Join(dir, "none")), "-certificate"},
		"an argument":            {arguments(dir, "start"), "not a flag"},
		"health of nobody":       {[]string{"-health", "-browser-addr", "localhost:1"}, "health"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := run(t.Context(), test.arguments, none, io.Discard, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want it to say %q", err, test.says)
			}
		})
	}
}

func TestEnvironmentStandsInForFlags(t *testing.T) {
	t.Parallel()
	getenv := func(name string) string {
		return map[string]string{"DEVTENANT_BACK_URL": "https://devtenant:8003", "DEVTENANT_BROWSER_ADDR": ":1"}[name]
	}
	s, err := readSettings([]string{"-browser-addr", ":2"}, getenv, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if s.options.BackURL != "https://devtenant:8003" || s.options.BrowserAddr != ":2" {
		t.Errorf("got %q and %q", s.options.BackURL, s.options.BrowserAddr)
	}
}

func TestWriteEnvAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "development.env")
	for _, key := range []string{"one", "two"} {
		if err := writeEnv(path, "a folder/ca.pem", map[string]string{"WEBUI_SESSION_KEY": key}); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	values, err := godotenv.UnmarshalBytes(content)
	if err != nil {
		t.Fatal(err)
	}
	if values["WEBUI_SESSION_KEY"] != "two" || !strings.HasSuffix(values["TRUSTED_CA_FILE"], "a folder/ca.pem") || !bytes.HasPrefix(content, []byte(signature)) {
		t.Errorf("the file says:\n%s", content)
	}
}

// The README's table of settings has every flag, and no other.
func TestReadmeHasEveryFlag(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var help bytes.Buffer
	if _, err := readSettings([]string{"-help"}, none, &help); !errors.Is(err, flag.ErrHelp) {
		t.Fatal(err)
	}
	flags := regexp.MustCompile(`(?m)^  (-[a-z-]+)`).FindAllStringSubmatch(help.String(), -1)
	rows := regexp.MustCompile("(?m)^\\| `(-[a-z-]+)`").FindAllStringSubmatch(string(readme), -1)
	if len(flags) == 0 || len(flags) != len(rows) {
		t.Errorf("%d flags, %d rows", len(flags), len(rows))
	}
	for _, f := range flags {
		if !strings.Contains(string(readme), "| `"+f[1]+"` |") {
			t.Errorf("README.md has no row for %s", f[1])
		}
	}
}
