//go:build unix

package e2e

import (
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// resourceManager is one that takes its time: each request to it waits until the test lets it go on.
type resourceManager struct {
	server         *httptest.Server
	entered, leave chan struct{}
}

func startResourceManager(t *testing.T) *resourceManager {
	t.Helper()
	r := &resourceManager{entered: make(chan struct{}, 1), leave: make(chan struct{})}
	r.server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		r.entered <- struct{}{}
		<-r.leave
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"value":[{"subscriptionId":"1","displayName":"after all","state":"Enabled"}]}`)
	}))
	t.Cleanup(r.server.Close)
	return r
}

// TestSIGTERM sends the signal to each tier, as it is deployed, while a request is under way in it.
func TestSIGTERM(t *testing.T) {
	t.Parallel()
	dir := build(t)
	for _, tier := range []string{"api", "webui"} {
		t.Run(tier, func(t *testing.T) {
			t.Parallel()
			azure := startResourceManager(t)
			tenant := devtenant.Start(t)
			settings := settingsOf(t, tenant, azure)
			api := newProcess(t, dir, "api", settings)
			settings["WEBUI_API_URL"] = api.url
			webUI := newProcess(t, dir, "webui", settings)
			tenant.SetSampleURLs(strings.Replace(webUI.url, "127.0.0.1", "localhost", 1), api.url)
			for name, value := range tenant.Settings() {
				if strings.HasSuffix(name, "_URI") {
					webUI.settings = append(webUI.settings, name+"="+value)
				}
			}
			api.start(t)
			webUI.start(t)
			stopping, begin := api, func() (*http.Response, error) { return askAPI(t, api.url, tenant.AccessToken("alice")) }
			if tier == "webui" {
				agent := devtenant.NewUserAgent(tenant)
				address := tenant.Settings()["WEBUI_POST_LOGOUT_REDIRECT_URI"] + "account/login"
				stopping, begin = webUI, func() (*http.Response, error) { return agent.SignIn(t.Context(), address, "alice") }
			}
			checkEnd(t, stopping, azure, begin)
		})
	}
}

// settingsOf are the settings of both tiers for a tenant whose Resource Manager is another one.
func settingsOf(t *testing.T, tenant *devtenant.Tenant, azure *resourceManager) map[string]string {
	t.Helper()
	trusted := append(tenant.CertificatePEM(), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: azure.server.Certificate().Raw})...)
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, trusted, 0o600); err != nil {
		t.Fatal(err)
	}
	settings := tenant.Settings()
	settings["TRUSTED_CA_FILE"] = file
	settings["API_RESOURCE_MANAGER_URL"] = azure.server.URL
	settings["DRAIN_DELAY"] = "1s"
	return settings
}

func askAPI(t *testing.T, address, token string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/subscriptions", nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	return http.DefaultClient.Do(request)
}

// checkEnd: not ready first, and still accepting; then refusing, with the request under way going on; then exit 0.
func checkEnd(t *testing.T, p *process, azure *resourceManager, begin func() (*http.Response, error)) {
	t.Helper()
	type result struct {
		response *http.Response
		err      error
	}
	finished := make(chan result, 1)
	go func() {
		response, err := begin()
		finished <- result{response, err}
	}()
	select {
	case <-azure.entered:
	case early := <-finished:
		t.Fatalf("the request ended early: %+v, %v", early.response, early.err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
	status := func(path string) int {
		response, err := client.Get(p.url + path)
		if err != nil {
			return 0
		}
		_ = response.Body.Close()
		return response.StatusCode
	}
	if got := status("/readyz"); got != http.StatusOK {
		t.Fatalf("readyz is %d before the end", got)
	}
	signalled := time.Now()
	p.terminate(t)
	await(t, 5*time.Second, "readyz is 503", func() bool { return status("/readyz") == http.StatusServiceUnavailable })
	if got := status("/healthz"); got != http.StatusOK {
		t.Errorf("healthz is %d while it drains, want 200", got)
	}
	await(t, 10*time.Second, "connections are refused", func() bool {
		connection, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		if err != nil {
			return true
		}
		_ = connection.Close()
		return false
	})
	if took := time.Since(signalled); took < time.Second {
		t.Errorf("connections were refused after %s, want them accepted for the drain delay", took)
	}
	if err := p.wait(0); err == nil || err.Error() != "it still runs" {
		t.Errorf("it ended with a request under way: %v", err)
	}
	close(azure.leave)
	end := <-finished
	body := page(t, end.response, end.err)
	if !strings.Contains(body, "after all") {
		t.Errorf("the request under way got:\n%s", body)
	}
	if err := p.wait(25 * time.Second); err != nil {
		t.Errorf("the end: %v\n%s", err, p.log)
	}
	t.Logf("ended %s after the signal", time.Since(signalled).Round(time.Millisecond))
}
