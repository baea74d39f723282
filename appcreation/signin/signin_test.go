package signin_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
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
