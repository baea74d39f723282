package app_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

var traceID = regexp.MustCompile(`"traceId":"[0-9a-f]{32}"`)

// golden compares an answer with testdata/<name>.golden: status, challenge and body.
func golden(t *testing.T, name string, got answer) {
	t.Helper()
	var text bytes.Buffer
	for _, header := range []string{"Www-Authenticate", "Retry-After"} {
		if value := got.header.Get(header); value != "" {
			text.WriteString(header + ": " + value + "\n")
		}
	}
	if err := json.Indent(&text, traceID.ReplaceAll([]byte(got.body), []byte(`"traceId":"(the trace id)"`)), "", "  "); err != nil {
		t.Fatalf("the body is not JSON: %s", got.body)
	}
	text.WriteString("\n")
	written := bytes.ReplaceAll(text.Bytes(), []byte(apperror.DocsURL), []byte("(DocsURL)")) // whoever clones the sample has their own
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, written, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test ./api/app -update writes it)", err)
	}
	if !bytes.Equal(written, want) {
		t.Errorf("%s differs; got\n%s\nwant\n%s", file, written, want)
	}
}
