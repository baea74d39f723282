package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

func TestFlagsAreNamed(t *testing.T) {
	t.Parallel()
	wrong := filepath.Join(t.TempDir(), "wrong.json")
	if err := os.WriteFile(wrong, []byte("[]"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string][]string{
		"-webui-addr":      {"-webui-addr", "8000"},
		"-api-addr":        {"-api-addr", "localhost"},
		"-browser-addr":    {"-browser-addr", "localhost:"},
		"-back-addr":       {"-back-addr", "http://localhost:8003"},
		"-log-level":       {"-log-level", "loud"},
		"-tenant":          {"-tenant", filepath.Join(t.TempDir(), "nowhere.json")},
		"-tenant " + wrong: {"-tenant", wrong},
		"\"alice\"":        {"alice"},
	}
	for want, arguments := range tests {
		t.Run(want, func(t *testing.T) {
			_, err := readFlags(arguments, io.Discard)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q says %v", arguments, err)
			}
		})
	}
}

// TestTenantOfOnesOwn: a file takes the place of the users that are built in.
func TestTenantOfOnesOwn(t *testing.T) {
	t.Parallel()
	original, err := os.ReadFile("../devtenant/directory/tenant.json")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "tenant.json")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(original), "alice", "zoe")), 0o600); err != nil {
		t.Fatal(err)
	}
	options, err := readFlags([]string{"-tenant", file}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var tenant devtenant.Options
	options.Tenant(&tenant)
	if name := tenant.Directory.Users()[0].MailNickname; name != "zoe" {
		t.Errorf("the first user is %s", name)
	}
}
