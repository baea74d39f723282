package command_test

import (
	"bytes"
	"encoding/base64"
	"log/slog"
	"os/exec"
	"strings"
	"testing"

	azlog "github.com/Azure/azure-sdk-for-go/sdk/azcore/log"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/command"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/graph"
)

// TestNoSecretIsShown: not on the terminal, not in the plan, not in the Azure SDK's log, not in the log of the tenant.
func TestNoSecretIsShown(t *testing.T) {
	// Not parallel: azcore's log has one listener for the process.
	var sdk, log bytes.Buffer
	azlog.SetListener(func(_ azlog.Event, text string) { sdk.WriteString(text + "\n") })
	defer azlog.SetListener(nil)
	f := newFixture(t, func(o *graph.Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	shown := ""
	secrets := []string{}
	note := func() {
		shown += f.out.String() + f.err.String() + sdk.String() + log.String()
		for name, value := range f.env() {
			if value != "" && (strings.HasSuffix(name, "_CLIENT_SECRET") || name == "WEBUI_SESSION_KEY") {
				secrets = append(secrets, value)
			}
		}
	}
	f.configure(adminConsent)
	note()
	f.setEnv("API_CLIENT_SECRET", "some-other-secret-that-is-wrong")
	f.setEnv("WEBUI_SESSION_KEY", base64.StdEncoding.EncodeToString([]byte("too short a key")))
	note()
	f.doctor()
	note()
	f.configure(func(o *command.Options) { o.DryRun = true })
	note()
	f.configure(certificate)
	note()
	for _, file := range []string{"api.pem", "webui.pem"} {
		for block := range strings.SplitSeq(f.read(file), "-----") {
			if block = strings.TrimSpace(block); strings.HasPrefix(block, "MII") {
				secrets = append(secrets, strings.Split(block, "\n")[3])
			}
		}
	}
	f.cleanup()
	note()
	if len(secrets) < 8 {
		t.Fatalf("only %d secrets to look for", len(secrets))
	}
	if !strings.Contains(sdk.String(), "Request") || !strings.Contains(shown, "secret of the API") {
		t.Error("nothing was looked at")
	}
	for _, secret := range secrets {
		if strings.Contains(shown, secret) {
			t.Errorf("a secret is shown: %.3s…", secret)
		}
	}
}

// TestGitIgnoresWhatIsWritten: nobody commits a secret by accident.
func TestGitIgnoresWhatIsWritten(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not here")
	}
	for _, name := range []string{"development.env", "api.pem", "webui.pem"} {
		if output, err := exec.CommandContext(t.Context(), "git", "-C", "../..", "check-ignore", name).CombinedOutput(); err != nil {
			if strings.Contains(string(output), "not a git repository") {
				t.Skip("this is no git repository")
			}
			t.Errorf("git doesn't ignore %s: %v %s", name, err, output)
		}
	}
}
