package outbound_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
)

const (
	discoveryPath = "/tenant/v2.0/.well-known/openid-configuration"
	goodDocument  = `{"issuer":"i","token_endpoint":"t","jwks_uri":"j"}`
)

// provider answers discovery requests as the test says.
type provider struct {
	server *httptest.Server

	mu      sync.Mutex
	status  int
	body    string
	hang    chan struct{} // while open, answers wait for it; nil answers at once
	fetches int
}

func startProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{status: http.StatusOK, body: goodDocument}
	p.server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		p.mu.Lock()
		p.fetches++
		status, body, hang := p.status, p.body, p.hang
		p.mu.Unlock()
		if hang != nil {
			<-hang
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(p.server.Close)
	return p
}

func (p *provider) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

func (p *provider) asked() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fetches
}

func (p *provider) client(t *testing.T, lifetime time.Duration) *http.Client {
	t.Helper()
	client := trusting(t, p.server, outbound.Options{})
	client.Transport = outbound.CacheDiscovery(client.Transport, lifetime)
	return client
}

func (p *provider) get(ctx context.Context, client *http.Client, path string) (int, string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.server.URL+path, nil)
	if err != nil {
		return 0, "", err
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, string(body), err
}

func (p *provider) expect(t *testing.T, client *http.Client, path string, status int, body string) {
	t.Helper()
	got, text, err := p.get(t.Context(), client, path)
	if err != nil || got != status || (body != "" && text != body) {
		t.Errorf("got %d %q, %v; want %d %q", got, text, err, status, body)
	}
}

func TestDiscoveryIsFetchedOnce(t *testing.T) {
	t.Parallel()
	p := startProvider(t)
	client := p.client(t, time.Hour)
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			path := discoveryPath
			if i%2 == 0 {
				path += "?" // MSAL's spelling
			}
			p.expect(t, client, path, http.StatusOK, goodDocument)
		})
	}
	group.Wait()
	if got := p.asked(); got != 1 {
		t.Errorf("%d fetches, want 1", got)
	}
	p.expect(t, client, "/tenant/discovery/v2.0/keys", http.StatusOK, "")
	p.expect(t, client, "/tenant/discovery/v2.0/keys", http.StatusOK, "")
	if got := p.asked(); got != 3 {
		t.Errorf("%d fetches, want those of the keys as well: nothing but discovery is kept", got)
	}
}

// TestAKeptAnswerIsWhole: it has the status line and the headers of the one that was fetched.
func TestAKeptAnswerIsWhole(t *testing.T) {
	t.Parallel()
	p := startProvider(t)
	client := p.client(t, time.Hour)
	for _, which := range []string{"fetched", "kept"} {
		response, err := client.Get(p.server.URL + discoveryPath)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.Status != "200 OK" || response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") == "" {
			t.Errorf("%s: status %q (%d), headers %v", which, response.Status, response.StatusCode, response.Header)
		}
	}
	if got := p.asked(); got != 1 {
		t.Errorf("%d fetches, want 1", got)
	}
}

// TestFieldCase15ADocumentOfAnApplication serves MSAL, which asks without the id, and not the other way around.
func TestFieldCase15ADocumentOfAnApplication(t *testing.T) {
	t.Parallel()
	p := startProvider(t)
	client := p.client(t, time.Hour)
	for _, step := range []struct {
		path    string
		fetches int
	}{
		{discoveryPath + "?appid=a", 1}, {discoveryPath, 1}, {discoveryPath + "?", 1}, {discoveryPath + "?appid=a", 1},
		{discoveryPath + "?appid=b", 2}, {discoveryPath, 2},
	} {
		p.expect(t, client, step.path, http.StatusOK, goodDocument)
		if got := p.asked(); got != step.fetches {
			t.Errorf("%s: %d fetches, want %d", step.path, got, step.fetches)
		}
	}
	client = p.client(t, time.Hour)
	p.expect(t, client, discoveryPath, http.StatusOK, goodDocument)
	p.expect(t, client, discoveryPath+"?appid=a", http.StatusOK, goodDocument)
	if got := p.asked(); got != 4 {
		t.Errorf("%d fetches, want one by the id after the one without", got-2)
	}
}

func TestWhatIsNoDocumentIsNotKept(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]struct {
		status int
		body   string
	}{
		"a failure":         {http.StatusServiceUnavailable, "away"},
		"a proxy's page":    {http.StatusOK, "<html>"},
		"maintenance":       {http.StatusOK, `{"status":"maintenance"}`},
		"an empty object":   {http.StatusOK, `{}`},
		"half a document":   {http.StatusOK, `{"issuer":"i"}`},
		"an array, and 200": {http.StatusOK, `[]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := startProvider(t)
			p.status, p.body = answer.status, answer.body
			client := p.client(t, time.Hour)
			p.expect(t, client, discoveryPath, answer.status, answer.body)
			p.set(func() { p.status, p.body = http.StatusOK, goodDocument })
			p.expect(t, client, discoveryPath, http.StatusOK, goodDocument)
		})
	}
}

func TestTheOldDocumentServes(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]func(*testing.T, *provider){
		"while the provider is down":      func(_ *testing.T, p *provider) { p.status = http.StatusServiceUnavailable },
		"while it answers something else": func(_ *testing.T, p *provider) { p.body = `{"status":"maintenance"}` },
		"at once while the provider hangs": func(t *testing.T, p *provider) {
			hang := make(chan struct{})
			p.hang = hang
			t.Cleanup(func() { close(hang) }) // before the server is closed, which waits for its answers
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := startProvider(t)
			client := p.client(t, 0) // too old at once
			p.expect(t, client, discoveryPath, http.StatusOK, goodDocument)
			p.set(func() { trouble(t, p) })
			short, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			for range 5 {
				if status, body, err := p.get(short, client, discoveryPath); err != nil || status != http.StatusOK || body != goodDocument {
					t.Fatalf("got %d %q, %v", status, body, err)
				}
			}
			if got := p.asked(); got > 2 {
				t.Errorf("%d fetches from a provider in trouble, want one and then a pause", got-1)
			}
		})
	}
}

func TestWaitingForDiscovery(t *testing.T) {
	t.Parallel()
	p := startProvider(t)
	hang := make(chan struct{})
	p.hang = hang
	client := p.client(t, time.Hour)

	gone, leave := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		_, _, err := p.get(gone, client, discoveryPath)
		first <- err
	}()
	for p.asked() == 0 { // until the first request is under way
	}
	second := make(chan error, 1)
	go func() {
		_, _, err := p.get(t.Context(), client, discoveryPath)
		second <- err
	}()
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := p.get(short, client, discoveryPath); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a waiter with a deadline gets %v", err)
	}
	leave()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the one that left gets %v", err)
	}
	close(hang)
	if err := <-second; err != nil {
		t.Errorf("the one that stayed gets %v", err)
	}
	if got := p.asked(); got != 1 {
		t.Errorf("%d fetches", got)
	}
}

// TestFieldCase07AMarkBeforeADocument: it is kept like any other. Otherwise each use of a user's tokens would fetch it anew.
func TestFieldCase07AMarkBeforeADocument(t *testing.T) {
	t.Parallel()
	provider := startProvider(t)
	provider.set(func() { provider.body = "\xef\xbb\xbf" + goodDocument })
	client := provider.client(t, time.Hour)
	for range 3 {
		provider.expect(t, client, discoveryPath, http.StatusOK, "\xef\xbb\xbf"+goodDocument)
	}
	if asked := provider.asked(); asked != 1 {
		t.Errorf("%d fetches, want one", asked)
	}
}
