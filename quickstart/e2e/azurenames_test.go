package e2e

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// azure is web UI and API, run as a person with a tenant does: production.env with its placeholders filled in, and hosts that are
// called login.microsoftonline.com and management.azure.com. Nothing tells the programs that it is devtenant that answers; a proxy,
// which they take from HTTPS_PROXY like any program behind one, leads there.
type azure struct {
	tenant      *devtenant.Tenant
	dir         string // where the programs find production.env
	webUI       string // the address of the web UI
	environment []string
}

// startAzure starts devtenant and both programs. more are settings of the environment beside the file's, by the tenant's own.
func startAzure(t *testing.T, change func(*devtenant.Options), more func(settings map[string]string) []string) azure {
	t.Helper()
	webUIAddr, apiAddr := freeAddr(t), freeAddr(t)
	tenant := devtenant.Start(t, func(o *devtenant.Options) {
		o.Directory = ownDirectory(t)
		o.BrowserAddr = devtenant.NoAddress
		o.BackURL, o.BrowserURL = "https://login.microsoftonline.com", "https://login.microsoftonline.com"
		o.ResourceManagerURL = "https://management.azure.com"
		o.HostNames = []string{"graph.microsoft.com"}
		o.WebUIURL, o.APIURL = "http://"+webUIAddr, "http://"+apiAddr
		change(o)
	})
	proxy := startProxy(t, tenant)

	dir := t.TempDir()
	ca := filepath.Join(dir, "ca.pem")
	if err := tenant.WriteCertificate(ca); err != nil {
		t.Fatal(err)
	}
	writeSettings(t, filepath.Join(dir, "production.env"), tenant, map[string]string{
		"http://localhost:8000": "http://" + webUIAddr,
		"http://localhost:8001": "http://" + apiAddr,
		"#WEBUI_ADDR=":          "WEBUI_ADDR=" + webUIAddr + " #",
		"#API_ADDR=":            "API_ADDR=" + apiAddr + " #",
		"#TRUSTED_CA_FILE=":     "TRUSTED_CA_FILE=" + ca,
	})
	a := azure{tenant: tenant, dir: dir, webUI: "http://" + webUIAddr}
	a.environment = append(os.Environ(), "ENVIRONMENT=production", "HTTPS_PROXY="+proxy.URL, "NO_PROXY=localhost,127.0.0.1")
	a.environment = append(a.environment, more(tenant.Settings())...)
	for name, addr := range map[string]string{"api": apiAddr, "webui": webUIAddr} {
		runProgram(t, name, dir, addr, a.environment)
	}
	return a
}

// TestWithAzuresNames: with production.env's settings alone, a user sees who they are by Graph, and their subscriptions.
func TestWithAzuresNames(t *testing.T) {
	t.Parallel()
	a := startAzure(t, func(*devtenant.Options) {}, func(map[string]string) []string { return nil })
	agent := devtenant.NewUserAgent(a.tenant)
	response, err := agent.SignIn(t.Context(), a.webUI+"/account/login", "alice")
	body := page(t, response, err)
	if got := subscriptionsOn(body); got != 3 || !strings.Contains(body, "Cloud administrator") {
		t.Errorf("alice sees %d subscriptions, or no greeting by Graph:\n%s", got, body)
	}
	if strings.Contains(body, "sts.windows.net") {
		t.Error("the page shows claims of token B in production")
	}
	if got := a.tenant.Count("instance-discovery"); got == 0 {
		t.Error("MSAL didn't verify Microsoft's host by instance discovery")
	}
}

// ownDirectory is devtenant's own with other ids and secrets: in production the tiers refuse those that everybody can read.
func ownDirectory(t *testing.T) *directory.Directory {
	t.Helper()
	published, err := os.ReadFile("../../devtenant/directory/tenant.json")
	if err != nil {
		t.Fatal(err)
	}
	own, err := directory.Load(strings.NewReader(strings.NewReplacer(
		"de7e0000-0000-4000-8000-", "0e2e0000-0000-4000-8000-", "-for-development-only", "-of-this-test").Replace(string(published))))
	if err != nil {
		t.Fatal(err)
	}
	return own
}

// freeAddr returns an address of this machine that nobody listens on.
func freeAddr(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return "localhost:" + port
}

// startProxy starts an HTTP proxy that connects the tenant's two host names, and no others, to the tenant.
func startProxy(t *testing.T, tenant *devtenant.Tenant) *httptest.Server {
	t.Helper()
	dial := tenant.Transport().DialContext
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || (r.Host != "login.microsoftonline.com:443" && r.Host != "management.azure.com:443" && r.Host != "graph.microsoft.com:443") {
			t.Errorf("a program asks for %s %s", r.Method, r.Host)
			w.WriteHeader(http.StatusForbidden)
			return
		}
		behind, err := dial(r.Context(), "tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer behind.Close()
		front, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer front.Close()
		_, _ = io.WriteString(front, "HTTP/1.1 200 Connection established\r\n\r\n")
		done := make(chan struct{}, 2)
		for _, pair := range [][2]net.Conn{{front, behind}, {behind, front}} {
			go func() { _, _ = io.Copy(pair[0], pair[1]); done <- struct{}{} }()
		}
		<-done
	}))
	t.Cleanup(proxy.Close)
	return proxy
}

// writeSettings fills in the template as README says, with replacements besides.
func writeSettings(t *testing.T, path string, tenant *devtenant.Tenant, replace map[string]string) {
	t.Helper()
	template, err := os.ReadFile("../../production.env")
	if err != nil {
		t.Fatal(err)
	}
	settings := tenant.Settings()
	filled := string(template)
	for placeholder, value := range map[string]string{
		"ReplaceWithTenantID":              tenant.Directory().TenantID(),
		"ReplaceWithWebUIClientID":         settings["WEBUI_CLIENT_ID"],
		"ReplaceWithWebUIClientSecret":     settings["WEBUI_CLIENT_SECRET"],
		"ReplaceWith32RandomBytesInBase64": settings["WEBUI_SESSION_KEY"],
		"ReplaceWithApiClientID":           settings["API_CLIENT_ID"],
		"ReplaceWithApiClientSecret":       settings["API_CLIENT_SECRET"],
	} {
		filled = strings.ReplaceAll(filled, placeholder, value)
	}
	for from, to := range replace {
		filled = strings.ReplaceAll(filled, from, to)
	}
	if err := os.WriteFile(path, []byte(filled), 0o600); err != nil {
		t.Fatal(err)
	}
}

// runProgram builds and starts one of the tiers and waits until it is ready.
func runProgram(t *testing.T, name, dir, addr string, environment []string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), name+".exe")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../../"+name).CombinedOutput(); err != nil {
		t.Fatalf("building %s: %v\n%s", name, err, out)
	}
	ctx, stop := context.WithCancel(context.Background())
	run := exec.CommandContext(ctx, program)
	run.Dir, run.Env = dir, environment
	var log bytes.Buffer
	run.Stderr = &log
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- run.Wait() }()
	t.Cleanup(func() {
		stop()
		<-ended
		if t.Failed() {
			t.Logf("%s logged:\n%s", name, log.String())
		}
	})
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if response, err := http.Get("http://" + addr + "/readyz"); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("%s ended: %v\n%s", name, err, log.String())
		case <-deadline:
			t.Fatalf("%s isn't ready after 20 s", name)
		case <-tick.C:
		}
	}
}
