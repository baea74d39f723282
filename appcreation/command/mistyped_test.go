package command_test

import (
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/command"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
)

func TestMistypedCommands(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		typed string
		says  string
		never string
	}{
		{"confgure", "did you mean configure?", ""},
		{"Configure", "did you mean configure?", ""},
		{"config", "did you mean configure?", ""},
		{"clean-up", "did you mean cleanup?", ""},
		{"docter", "did you mean doctor?", ""},
		{"register", `there is no command "register"`, "did you mean"},
		{"--tenant", "flags come after the command", "did you mean"},
		{"x\x1b[31m", `"x\x1b[31m"`, "\x1b"},
	} {
		t.Run(test.typed, func(t *testing.T) {
			t.Parallel()
			var out, err strings.Builder
			code := command.Run(t.Context(), []string{test.typed}, strings.NewReader(""), &out, &err)
			if code != 2 || !strings.Contains(err.String(), test.says) || !strings.Contains(err.String(), "configure   create") || test.never != "" && strings.Contains(err.String(), test.never) {
				t.Errorf("exit %d, it says:\n%s", code, err.String())
			}
		})
	}
}

// TestFieldCase19ServiceManagementReference reaches both applications, and is repaired where it differs.
func TestFieldCase19ServiceManagementReference(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, test := range []struct{ flag, want string }{{"tree-1", "tree-1"}, {"tree-2", "tree-2"}, {"", "tree-2"}} {
		f.configure(func(o *command.Options) { o.ServiceManagementReference = test.flag })
		for _, role := range desired.Roles {
			if got := f.made(role).ServiceManagementReference; got != test.want {
				t.Errorf("flag %q: the %s has %q, want %q", test.flag, role, got, test.want)
			}
		}
	}
}
