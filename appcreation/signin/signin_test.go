package signin_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/cloud"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/signin"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

func options(t *testing.T, server *devtenant.Tenant) signin.Options {
	t.Helper()
	c, err := cloud.ByName("devtenant", server.BackURL())
	if err != nil {
		t.Fatal(err)
	}
	return signin.Options{Cloud: c, Client: server.Client(), Out: &strings.Builder{}}
}

// person reads the terminal and does as it says.
type person struct {
	server *devtenant.Tenant
	mu     sync.Mutex
	read   strings.Builder
	failed error
}

var instructions = regexp.MustCompile(`(?s)open this page in a browser:\s+(\S+)\s+and enter the code:\s+(\S+)\s`)

func (p *person) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read.Write(text)
	if m := instructions.FindStringSubmatch(string(text)); m != nil {
		_, p.failed = devtenant.NewUserAgent(p.server).EnterDeviceCode(context.Background(), m[1], m[2], "dave")
	}
	return len(text), nil
}

// TestDeviceCode: what the terminal says is enough to sign in.
func TestDeviceCode(t *testing.T) {
	t.Parallel()
	server := devtenant.Start(t)
	o := options(t, server)
	dave := &person{server: server}
	o.Out = dave
	credential, err := signin.Credential(t.Context(), o)
	if err != nil || dave.failed != nil {
		t.Fatalf("%v %v\n%s", err, dave.failed, dave.read.String())
	}
	token, err := credential.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{"https://graph.microsoft.com/.default"}})
	if err != nil || token.Token == "" {
		t.Errorf("no token: %v", err)
	}
	if strings.Contains(dave.read.String(), token.Token) {
		t.Error("the token is on the terminal")
	}
}

// TestRefusedSignIn: Entra's number is told, and the texts of the libraries aren't.
func TestRefusedSignIn(t *testing.T) {
	t.Parallel()
	server := devtenant.Start(t)
	server.Faults().Set(devtenant.Fault{Name: "unknown", Endpoint: "devicecode", AADSTS: 700016})
	_, err := signin.Credential(t.Context(), options(t, server))
	failed, ok := errors.AsType[*signin.Error](err)
	if !ok {
		t.Fatalf("the error is %v", err)
	}
	if !strings.Contains(failed.Error(), "AADSTS700016") || failed.Help() == "" || strings.Contains(failed.Error(), "Trace ID") {
		t.Errorf("it says %q, %q", failed.Error(), failed.Help())
	}
}

// TestFieldCase12RefusedWhilePolling: MSAL has read the answer before anybody else can.
func TestFieldCase12RefusedWhilePolling(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		fault  devtenant.Fault
		what   []string
		byCLI  bool
		hidden string
	}{
		{"a policy against device codes", devtenant.Fault{AADSTS: 53003}, []string{"AADSTS53003", "invalid_grant"}, true, "Trace ID"},
		{"security defaults", refusal(530035, "access_denied"), []string{"AADSTS530035", "access_denied"}, true, "hunter2"},
		{"a device that isn't the organization's", refusal(53000, "invalid_grant"), []string{"AADSTS53000"}, true, "hunter2"},
		{"a number in the description alone", devtenant.Fault{Status: http.StatusBadRequest, Body: []byte(`{"error":"invalid_grant","error_description":"AADSTS53003: hunter2"}`)}, []string{"AADSTS53003"}, true, "hunter2"},
		{"a byte order mark", devtenant.Fault{Status: http.StatusBadRequest, Body: []byte("\ufeff" + `{"error":"invalid_grant","error_codes":[53003]}`)}, []string{"AADSTS53003"}, true, "hunter2"},
		{"a disabled user", devtenant.Fault{AADSTS: 50057}, []string{"AADSTS50057"}, false, "Trace ID"},
		{"the user said no", refusal(65004, "authorization_declined"), []string{"AADSTS65004", "authorization_declined"}, false, "hunter2"},
		{"no number", devtenant.Fault{Status: http.StatusBadRequest, Body: []byte(`{"error":"expired_token","error_description":"hunter2"}`)}, []string{"expired_token"}, false, "hunter2"},
		{"a status that isn't 400", devtenant.Fault{Status: http.StatusForbidden, Body: []byte(`{"error":"access_denied","error_codes":[53003]}`)}, []string{"AADSTS53003"}, true, "hunter2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := devtenant.Start(t)
			test.fault.Name, test.fault.Endpoint = "refused", "token:device_code"
			server.Faults().Set(test.fault)
			_, err := signin.Credential(t.Context(), options(t, server))
			failed, ok := errors.AsType[*signin.Error](err)
			if !ok {
				t.Fatalf("the error is %v", err)
			}
			for _, part := range test.what {
				if !strings.Contains(failed.Error(), part) {
					t.Errorf("%q is missing in %q", part, failed.Error())
				}
			}
			if strings.Contains(failed.Help(), "--sign-in cli") != test.byCLI {
				t.Errorf("the help is %q", failed.Help())
			}
			if text := failed.Error() + failed.Help(); strings.Contains(text, test.hidden) {
				t.Errorf("the answer is shown: %q", text)
			}
		})
	}
}

func refusal(number int, code string) devtenant.Fault {
	return devtenant.Fault{Status: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/json"}},
		Body: fmt.Appendf(nil, `{"error":%q,"error_description":"AADSTS%d: hunter2","error_codes":[%d]}`, code, number, number)}
}

// TestFieldCase12TheAzureCLIsNumber: what `az` says holds Entra's number, and is text alone.
func TestFieldCase12TheAzureCLIsNumber(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in for az is a shell script")
	}
	dir := t.TempDir()
	script := "#!/bin/sh\necho 'ERROR: AADSTS700082: The refresh token has expired hunter2' >&2\nexit 1\n"
	if err := os.WriteFile(filepath.Join(dir, "az"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	c, err := cloud.ByName("public", "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = signin.Credential(t.Context(), signin.Options{Cloud: c, Method: "cli", Out: &strings.Builder{}})
	if _, ok := errors.AsType[*signin.Error](err); !ok || !strings.Contains(err.Error(), "AADSTS700082") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error is %v", err)
	}
}

// TestFieldCase13SignInNamesTheNetworksTrouble: azidentity has it as text alone.
func TestFieldCase13SignInNamesTheNetworksTrouble(t *testing.T) {
	t.Parallel()
	server := devtenant.Start(t)
	o := options(t, server)
	o.Client = &http.Client{} // which doesn't trust devtenant's authority
	_, err := signin.Credential(t.Context(), o)
	failed, ok := errors.AsType[*signin.Error](err)
	if !ok || !strings.Contains(failed.Error(), "certificate of an unknown authority") || !strings.Contains(failed.Help(), "TRUSTED_CA_FILE") {
		t.Errorf("the error is %v", err)
	}
}

// TestNoAnswer: a token endpoint that answers something else.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	server := devtenant.Start(t)
	server.Faults().Set(devtenant.Fault{Name: "html", Endpoint: "devicecode", Status: http.StatusOK, Body: []byte("<html>hunter2</html>")})
	_, err := signin.Credential(t.Context(), options(t, server))
	if _, ok := errors.AsType[*signin.Error](err); !ok || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error is %v", err)
	}
}

// TestCancelled: Ctrl-C while the code waits for its user.
func TestCancelled(t *testing.T) {
	t.Parallel()
	server := devtenant.Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	o := options(t, server)
	o.Prompt = func(context.Context, azidentity.DeviceCodeMessage) error { cancel(); return nil }
	if _, err := signin.Credential(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// TestNoAzureCLI: whoever asks for the CLI's login gets the command that makes one.
func TestNoAzureCLI(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	c, err := cloud.ByName("usgov", "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = signin.Credential(t.Context(), signin.Options{Cloud: c, Tenant: "contoso.onmicrosoft.us", Method: "cli", Out: &strings.Builder{}})
	failed, ok := errors.AsType[*signin.Error](err)
	if !ok || !strings.Contains(failed.Help(), "az cloud set --name AzureUSGovernment && az login --tenant contoso.onmicrosoft.us") {
		t.Errorf("the error is %v", err)
	}
	if _, err := signin.Credential(t.Context(), signin.Options{Cloud: c, Method: "carrier pigeon"}); err == nil {
		t.Error("another way to sign in was taken")
	}
}
