package command_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/command"
)

func adminConsent(o *command.Options) { o.AdminConsent = true }

// TestAgainWritesNothing: on an empty tenant configure sets everything up; run again it reads, and that is all.
func TestAgainWritesNothing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*command.Options)
	}{
		{"plain", func(*command.Options) {}},
		{"with consent for all", adminConsent},
		{"with all parts", allParts},
		{"with all parts, consent for all", func(o *command.Options) { allParts(o); adminConsent(o) }},
		{"with certificates", func(o *command.Options) { v := true; o.Certificate = &v }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			first := f.configure(test.change)
			t.Logf("%s%s", &f.out, &f.err)
			if !first.Applied || len(f.writes()) == 0 {
				t.Fatal("nothing was written")
			}
			settings := f.read("development.env")
			second := f.configure(test.change)
			if writes := f.writes(); len(writes) > 0 || second.Applied {
				t.Errorf("the second run wrote: %v\n%s", writes, &f.out)
			}
			if f.read("development.env") != settings {
				t.Error("the second run changed development.env")
			}
			if found := f.doctor(); len(found) > 0 {
				t.Errorf("doctor finds %v", found)
			}
			if !strings.Contains(f.out.String(), "Nothing is wrong.") && !strings.Contains(f.out.String(), "consent-none") {
				t.Errorf("doctor says:\n%s", &f.out)
			}
			info, err := os.Stat(filepath.Join(f.folder, "development.env"))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("development.env: %v %v", info.Mode(), err)
			}
		})
	}
}
