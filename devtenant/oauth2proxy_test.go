package devtenant_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// oauth2Proxy is installed by `go install`, outside of this module: its dependencies aren't the sample's.
const oauth2Proxy = "github.com/oauth2-proxy/oauth2-proxy/v7@v7.15.6"

// oauth2-proxy puts a sign-in in front of any web site. It is tried with both of its providers that fit.
func TestOAuth2Proxy(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	t.Cleanup(cancel) // the two below run when this function has returned
	install := exec.CommandContext(ctx, "go", "install", oauth2Proxy)
	install.Dir = folder
	install.Env = append(os.Environ(), "GOBIN="+folder, "GOFLAGS=")
	if output, err := install.CombinedOutput(); err != nil {
		unavailable(t, "oauth2-proxy could not be installed: "+err.Error()+"\n"+string(output))
	}
	for _, provider := range []string{"oidc", "entra-id"} {
		t.Run(provider, func(t *testing.T) {
			t.Parallel()
			tenant := devtenant.Start(t)
			certificateFile := filepath.Join(t.TempDir(), "ca.pem")
			if err := tenant.WriteCertificate(certificateFile); err != nil {
				t.Fatal(err)
			}
			address := freeAddress(t)
			registerRedirect(t, tenant, "http://"+address+"/oauth2/callback")
			site := serveSite(t)
			var log bytes.Buffer
			proxy := exec.CommandContext(ctx, filepath.Join(folder, "oauth2-proxy"), "--provider="+provider, "--oidc-issuer-url="+tenant.Authority()+"/v2.0",
				"--client-id="+webUI, "--client-secret="+webUISecret, "--redirect-url=http://"+address+"/oauth2/callback",
				"--scope=openid profile email offline_access", "--code-challenge-method=S256", "--provider-ca-file="+certificateFile,
				"--insecure-oidc-allow-unverified-email", // Entra says nothing about an address's verification
				"--email-domain=devtenant.example", "--skip-provider-button", "--cookie-secure=false", "--cookie-secret="+strings.Repeat("x", 32), "--cookie-refresh=1s",
				"--http-address="+address, "--upstream="+site)
			proxy.Stdout, proxy.Stderr = &log, &log
			if err := proxy.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				_ = proxy.Process.Kill()
				_ = proxy.Wait()
				if t.Failed() {
					t.Log(log.String())
				}
			})
			eventually(t, func() bool {
				response, err := http.Get("http://" + address + "/ping")
				if err != nil {
					return false
				}
				_ = response.Body.Close()
				return response.StatusCode == http.StatusOK
			})
			agent := devtenant.NewUserAgent(tenant)
			response, err := agent.SignIn(ctx, "http://"+address+"/page", "alice")
			if err != nil {
				t.Fatal(err)
			}
			if page := body(t, response); page != "alice@devtenant.example visits /page" {
				t.Fatalf("%d after pages %v: %s", response.StatusCode, agent.Pages, page)
			}
			eventually(t, func() bool { // a second after the sign-in each visit renews it
				response, err := agent.Get(ctx, "http://"+address+"/again")
				return err == nil && body(t, response) == "alice@devtenant.example visits /again" && tenant.Count("token:refresh_token") > 0
			})
		})
	}
}

// serveSite is the site behind the proxy.
func serveSite(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s visits %s", r.Header.Get("X-Forwarded-Email"), r.URL.Path)
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return "http://" + listener.Addr().String()
}

// freeAddress is one that nobody listened on a moment ago: a program that is told its address can't take port 0.
func freeAddress(t *testing.T) string {
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
	return net.JoinHostPort("localhost", port)
}

// registerRedirect adds a redirect URI to the web UI's registration.
func registerRedirect(t *testing.T, tenant *devtenant.Tenant, redirectURI string) {
	t.Helper()
	registered, _ := tenant.Directory().ApplicationByAppID(webUI)
	if _, err := tenant.Directory().UpdateApplication(registered.ID, func(a *directory.Application) error {
		a.Web.RedirectURIs = append(a.Web.RedirectURIs, redirectURI)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// eventually asks until something is so.
func eventually(t *testing.T, so func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for !so() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("it didn't come about within a minute")
		}
	}
}
