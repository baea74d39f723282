package command_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"ms-identity-go-on-behalf-of/appcreation/command"
	"ms-identity-go-on-behalf-of/devtenant"
)

// TestCommandLine: what is typed wrong is answered with what to type.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		line []string
		code int
		says string
	}{
		{"nothing", nil, 2, "go run ./appcreation configure"},
		{"another word", []string{"install"}, 2, "go run ./appcreation doctor"},
		{"help", []string{"configure", "--help"}, 0, "-admin-consent"},
		{"a flag of another command", []string{"doctor", "--purge"}, 2, "not defined: -purge"},
		{"words after the flags", []string{"configure", "--yes", "please"}, 2, `what should "please" mean?`},
		{"a life that is too long", []string{"configure", "--life", "10000d"}, 2, "between 8d and 730d"},
		{"a broken switch", []string{"configure", "--certificate=perhaps"}, 2, "-certificate"},
		{"no devtenant there", []string{"doctor", "--cloud", "devtenant", "--devtenant-url", "https://localhost:1", "--dir", t.TempDir()}, 1, "go run ./devtenant/cmd/devtenant"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var out, err bytes.Buffer
			if code := command.Run(t.Context(), test.line, strings.NewReader(""), &out, &err); code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			if !strings.Contains(out.String()+err.String(), test.says) {
				t.Errorf("it says\n%s%s\nwant %s in it", &out, &err, test.says)
			}
		})
	}
}

// TestAgainstDevtenant: the real tenant to develop against, its real TLS and sign-in: a device code, entered by a user in
// a browser.
func TestAgainstDevtenant(t *testing.T) {
	t.Parallel()
	server := devtenant.Start(t)
	folder := t.TempDir()
	caFile := filepath.Join(folder, "devtenant-ca.pem")
	if err := server.WriteCertificate(caFile); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	run := func(change ...func(*command.Options)) command.Options {
		out.Reset()
		errs.Reset()
		o := command.Options{
			Dir: folder, Cloud: "devtenant", DevtenantURL: server.BackURL(), Yes: true, Out: &out, Err: &errs, AdminConsent: true,
			Prompt: func(ctx context.Context, code azidentity.DeviceCodeMessage) error {
				_, err := devtenant.NewUserAgent(server).EnterDeviceCode(ctx, code.VerificationURL, code.UserCode, "alice")
				return err
			},
		}
		for _, c := range change {
			c(&o)
		}
		return o
	}
	first, err := command.Configure(t.Context(), run())
	if err != nil {
		t.Fatalf("%v\n%s%s", err, &out, &errs)
	}
	second, err := command.Configure(t.Context(), run())
	if err != nil || second.Applied || second.APIClientID != first.APIClientID {
		t.Errorf("the second run: %v, applied %v\n%s", err, second.Applied, &out)
	}
	findings, err := command.Doctor(t.Context(), run(func(o *command.Options) { o.Cloud, o.DevtenantURL = "", "" })) // from AUTHORITY
	if err != nil || len(findings) > 0 {
		t.Errorf("doctor: %v %v", findings, err)
	}
	settings, err := os.ReadFile(filepath.Join(folder, "development.env"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"AUTHORITY=" + server.Authority(), "WEBUI_CLIENT_ID=" + first.WebUIClientID, "TRUSTED_CA_FILE=" + caFile} {
		if !strings.Contains(string(settings), want+"\n") {
			t.Errorf("development.env has no line %s", want)
		}
	}
	if err := command.Cleanup(t.Context(), run(purge)); err != nil {
		t.Errorf("cleanup: %v", err)
	}
	if _, there := server.Directory().ApplicationByAppID(first.WebUIClientID); there {
		t.Error("cleanup left the web UI")
	}
}
