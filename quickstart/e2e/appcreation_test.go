package e2e

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/command"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// TestWhatAppcreationWritesRuns goes README's way to a tenant of one's own: configure registers both applications and
// writes development.env, and with nothing but that file web UI and API start and a user sees their subscriptions. With
// secrets, and with certificates only.
func TestWhatAppcreationWritesRuns(t *testing.T) {
	t.Parallel()
	for name, certificates := range map[string]bool{"secrets": false, "certificates": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := devtenant.Start(t)
			dir := t.TempDir()
			ca := filepath.Join(dir, "ca.pem")
			if err := tenant.WriteCertificate(ca); err != nil {
				t.Fatal(err)
			}
			webUIAddr, apiAddr := freeAddr(t), freeAddr(t)
			_, err := command.Configure(t.Context(), command.Options{
				Dir: dir, Cloud: "devtenant", DevtenantURL: tenant.BackURL(), TrustedCAFile: ca, SignIn: "device", Yes: true,
				WebUIPort: portOf(t, webUIAddr), APIPort: portOf(t, apiAddr), Certificate: &certificates,
				Prompt: func(ctx context.Context, code azidentity.DeviceCodeMessage) error {
					_, err := devtenant.NewUserAgent(tenant).EnterDeviceCode(ctx, code.VerificationURL, code.UserCode, "alice")
					return err
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			written, err := os.ReadFile(filepath.Join(dir, "development.env"))
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(string(written), "_CLIENT_SECRET="); got == certificates {
				t.Errorf("development.env has client secrets: %v", got)
			}
			runProgram(t, "api", dir, apiAddr, os.Environ())
			runProgram(t, "webui", dir, webUIAddr, os.Environ())

			agent := devtenant.NewUserAgent(tenant)
			response, err := agent.SignIn(t.Context(), "http://"+webUIAddr+"/account/login", "dave")
			if body := page(t, response, err); subscriptionsOn(body) != 1 || !strings.Contains(body, "Dave Dyer") {
				t.Errorf("dave sees:\n%s", body)
			}
			if got := strings.Join(agent.Pages, " "); got != "sign-in consent" {
				t.Errorf("the tenant showed %q, want one consent for both applications", got)
			}
		})
	}
}

func portOf(t *testing.T, addr string) int {
	t.Helper()
	_, text, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return port
}
