package command_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/command"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
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
	prompts := 0
	run := func(change ...func(*command.Options)) command.Options {
		out.Reset()
		errs.Reset()
		o := command.Options{
			Dir: folder, Cloud: "devtenant", DevtenantURL: server.BackURL(), Yes: true, Out: &out, Err: &errs, AdminConsent: true,
			Prompt: func(ctx context.Context, code azidentity.DeviceCodeMessage) error {
				prompts++
				return enterCode(server)(ctx, code)
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
	if prompts != 1 {
		t.Errorf("one run asked %d times to sign in", prompts)
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

// TestDoctorWithoutATenant: what stands in the way is the finding, with what to do about it.
func TestDoctorWithoutATenant(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	options := f.run()
	options.DevtenantURL = "https://localhost:1"
	findings, err := command.Doctor(t.Context(), options)
	if err != nil || len(findings) != 1 || findings[0].Code != "authority-unreachable" || !strings.Contains(findings[0].Fix, "devtenant") {
		t.Errorf("doctor finds %v, %v", findings, err)
	}
}

// TestDoctorOnAnEmptyTenant names what is missing, and not each property of what is missing.
func TestDoctorOnAnEmptyTenant(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	if found := f.doctor(); strings.Join(found, " ") != "api-missing webui-missing env-missing" {
		t.Errorf("doctor finds %v", found)
	}
	f.configure()
	if err := os.Remove(filepath.Join(f.folder, "development.env")); err != nil {
		t.Fatal(err)
	}
	if found := f.doctor(); strings.Join(found, " ") != "env-missing" {
		t.Errorf("without development.env doctor finds %v", found)
	}
}

// TestDoctorsClock: ten minutes off is a finding, and the tenant is looked at all the same.
func TestDoctorsClock(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.configure()
	ahead := &fakeClock{now: f.clock.Now().Add(10 * time.Minute)}
	findings, err := command.Doctor(t.Context(), f.run(func(o *command.Options) { o.Clock = ahead }))
	if err != nil || len(findings) != 2 || findings[0].Code != "clock" || findings[1].Code != "consent-none" || command.Problems(findings) != 1 {
		t.Errorf("doctor finds %v, %v", findings, err)
	}
	if !strings.Contains(findings[0].What, "10m0s ahead") || findings[0].Fix == "" {
		t.Errorf("the finding is %+v", findings[0])
	}
}
