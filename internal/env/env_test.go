package env_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

func TestAllProblemsAreNamedAtOnce(t *testing.T) {
	t.Parallel()
	r := env.From(map[string]string{
		"PLACEHOLDER": "https://login.example/ReplaceWithTenantID",
		"HTTP":        "http://api.example.com",
		"RELATIVE":    "localhost:8001",
		"ID":          "not-a-guid",
		"SHORT_KEY":   base64.StdEncoding.EncodeToString(make([]byte, 16)),
		"WORD":        "verbose",
		"COMMAS":      ", ,",
		"PORT":        "localhost:eighty",
		"DURATION":    "5",
		"NEGATIVE":    "-1s",
	})
	r.URL("PLACEHOLDER", "a URL")
	r.URL("HTTP", "a URL")
	r.URL("RELATIVE", "a URL")
	r.GUID("ID")
	r.Key("SHORT_KEY", 32)
	r.OneOf("WORD", "info", "info", "debug")
	r.List("COMMAS", "client ids, comma-separated")
	r.Address("PORT", "localhost:8000")
	r.Text("MISSING", "something")
	r.KeyIf(true, "MISSING_KEY", 32)
	r.Duration("DURATION", 0)
	r.Duration("NEGATIVE", 0)
	err := r.Err()
	if err == nil {
		t.Fatal("bad settings were accepted")
	}
	for _, name := range []string{"PLACEHOLDER", "HTTP", "RELATIVE", "ID", "SHORT_KEY", "WORD", "COMMAS", "PORT", "MISSING", "MISSING_KEY", "DURATION", "NEGATIVE"} {
		if !strings.Contains(err.Error(), "\n  "+name+" ") {
			t.Errorf("%s is not named in:\n%v", name, err)
		}
	}
}

func TestGoodValues(t *testing.T) {
	t.Parallel()
	key := strings.Repeat("k", 32)
	r := env.From(map[string]string{
		"ENVIRONMENT": "development",
		"URL":         " http://api:8001 ",
		"ID":          "ABCDEF00-1111-2222-3333-444444444444",
		"KEY":         base64.StdEncoding.EncodeToString([]byte(key)),
		"LIST":        "a, b,,c",
		"DURATION":    "1m30s",
	})
	if got := r.URL("URL", "").Host; got != "api:8001" {
		t.Errorf("URL's host is %q", got)
	}
	if got := r.GUID("ID"); got != "abcdef00-1111-2222-3333-444444444444" {
		t.Errorf("GUID is %q, want lower case", got)
	}
	if got := r.Key("KEY", 32).Reveal(); got != key {
		t.Errorf("Key is %q", got)
	}
	if got := r.GUIDs("ID", ""); len(got) != 1 || got[0] != "abcdef00-1111-2222-3333-444444444444" {
		t.Errorf("GUIDs are %q, want lower case", got)
	}
	if got := strings.Join(r.List("LIST", ""), "|"); got != "a|b|c" {
		t.Errorf("List is %q", got)
	}
	if got := r.Address("ABSENT", "localhost:8000"); got != "localhost:8000" {
		t.Errorf("Address is %q", got)
	}
	if got := r.Duration("DURATION", 0); got != 90*time.Second {
		t.Errorf("Duration is %s", got)
	}
	if got := r.Duration("ABSENT", time.Second); got != time.Second {
		t.Errorf("Duration is %s, want the fallback", got)
	}
	if got := r.KeyIf(false, "NEEDLESS", 32); !got.IsZero() {
		t.Error("a key that isn't needed has a value")
	}
	if !r.Development() {
		t.Error("development is not seen")
	}
	if err := r.Err(); err != nil {
		t.Error(err)
	}
	if got := strings.Join(r.Names(), " "); got != "ABSENT DURATION ENVIRONMENT ID KEY LIST NEEDLESS URL" {
		t.Errorf("Names is %q", got)
	}
}

func TestOpenPicksTheFile(t *testing.T) {
	tests := []struct {
		name        string
		environment string
		files       map[string]string
		realValue   string
		want        string
		development bool
		wantErr     string
	}{
		{name: "unset, with development.env", files: map[string]string{"development.env": "NAME=dev", "production.env": "NAME=prod"}, want: "dev", development: true},
		{name: "unset, without it", files: map[string]string{"production.env": "NAME=prod"}, want: "prod"},
		{name: "production is asked for", environment: "production", files: map[string]string{"development.env": "NAME=dev", "production.env": "NAME=prod"}, want: "prod"},
		{name: "the environment wins", files: map[string]string{"production.env": "NAME=prod"}, realValue: "real", want: "real"},
		{name: "no file at all", environment: "development", realValue: "real", want: "real", development: true},
		{name: "another word", environment: "staging", wantErr: "either production or development"},
		{name: "a broken line", files: map[string]string{"production.env": "NAME=prod\nWEBUI_CLIENT_SECRET 'hunter2"}, wantErr: "not of the form"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, content := range test.files {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("ENVIRONMENT", test.environment)
			if test.realValue != "" {
				t.Setenv("NAME", test.realValue)
			}
			r, err := env.Open(dir)
			if test.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), test.wantErr) {
					t.Fatalf("error is %v, want one with %q", err, test.wantErr)
				}
				if strings.Contains(err.Error(), "hunter2") {
					t.Error("the error shows the secret on the broken line")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Text("NAME", "a value"); got != test.want {
				t.Errorf("NAME is %q, want %q", got, test.want)
			}
			if r.Development() != test.development {
				t.Errorf("Development is %v", r.Development())
			}
		})
	}
}

func TestTheFilesOpenTelemetryVariablesReachTheExporter(t *testing.T) {
	dir := t.TempDir()
	const name = "OTEL_EXPORTER_OTLP_ENDPOINT"
	if err := os.WriteFile(filepath.Join(dir, "development.env"), []byte(name+"=http://localhost:4318"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ENVIRONMENT", "")
	t.Setenv(name, "") // put back when the test ends
	if _, err := env.Open(dir); err != nil {
		t.Fatal(err)
	}
	if got := os.Getenv(name); got != "http://localhost:4318" {
		t.Errorf("%s is %q", name, got)
	}
}
