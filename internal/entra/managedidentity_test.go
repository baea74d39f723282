package entra_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
)

// identityEndpoint is the endpoint of Container Apps and App Service ("How to use managed identities for App Service and
// Azure Functions", REST endpoint reference). It counts what it was asked and answers with status; 0 is a token.
type identityEndpoint struct {
	mu      sync.Mutex
	status  int
	queries []string
}

func startIdentityEndpoint(t *testing.T) *identityEndpoint {
	t.Helper()
	endpoint := &identityEndpoint{}
	server := httptest.NewServer(endpoint)
	t.Cleanup(server.Close)
	t.Setenv("IDENTITY_ENDPOINT", server.URL+"/msi/token")
	t.Setenv("IDENTITY_HEADER", "the-header")
	return endpoint
}

func (e *identityEndpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.queries = append(e.queries, r.URL.Query().Encode())
	status := e.status
	if r.Header.Get("X-IDENTITY-HEADER") != "the-header" {
		status = http.StatusUnauthorized
	}
	if status != 0 {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"statusCode":400,"message":"the-endpoints-text"}`))
		return
	}
	fmt.Fprintf(w, `{"access_token":"an.identity.token%d","expires_on":"%d","resource":"api://AzureADTokenExchange","token_type":"Bearer"}`,
		len(e.queries), time.Now().Add(24*time.Hour).Unix())
}

func (e *identityEndpoint) answer(status int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.status = status
}

func (e *identityEndpoint) asked() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.queries...)
}

// TestAManagedIdentityAsCredential: MSAL keeps identities' tokens by id for the whole process, so that each test has its own.
func TestAManagedIdentityAsCredential(t *testing.T) {
	endpoint, id := startIdentityEndpoint(t), uuid.NewString()
	exchange, got := exchanger(t, map[string]string{"API_CLIENT_MANAGED_IDENTITY": id})
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if refused := exchange(); refused.AADSTS != 65001 {
				t.Errorf("error is %v", refused)
			}
		})
	}
	group.Wait()
	want := "api-version=2019-08-01&client_id=" + id + "&resource=api%3A%2F%2FAzureADTokenExchange"
	if asked := endpoint.asked(); len(asked) != 1 || asked[0] != want {
		t.Errorf("the endpoint was asked %d times for 50 exchanges: %q, want once %q", len(asked), asked, want)
	}
	forms := got.all()
	if len(forms) != 50 {
		t.Fatalf("Entra was asked %d times, want 50", len(forms))
	}
	for _, form := range forms {
		if form.Get("client_assertion") != "an.identity.token1" || form.Has("client_secret") {
			t.Fatalf("a request has the client assertion %q", form.Get("client_assertion"))
		}
	}
}

func TestTheSystemAssignedIdentityInANationalCloud(t *testing.T) {
	endpoint := startIdentityEndpoint(t)
	exchange, _ := exchanger(t, map[string]string{"API_CLIENT_MANAGED_IDENTITY": "system", "AUTHORITY": "https://login.microsoftonline.us/" + tenantID})
	exchange()
	want := "api-version=2019-08-01&resource=api%3A%2F%2FAzureADTokenExchangeUSGov"
	if asked := endpoint.asked(); len(asked) != 1 || asked[0] != want {
		t.Errorf("the endpoint was asked %q, want %q", asked, want)
	}
}

func TestAManagedIdentityThatGivesNoToken(t *testing.T) {
	tests := []struct {
		name   string
		status int // -1: nothing listens
		want   string
	}{
		{"not assigned to the resource", http.StatusBadRequest, "isn't assigned to this resource"},
		{"a wrong header", http.StatusForbidden, "the endpoint answered 403"},
		{"not on Azure", -1, "can't be reached"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			endpoint := startIdentityEndpoint(t)
			if test.status > 0 {
				endpoint.answer(test.status)
			} else {
				gone := httptest.NewServer(http.NotFoundHandler())
				gone.Close()
				t.Setenv("IDENTITY_ENDPOINT", gone.URL)
			}
			exchange, got := exchanger(t, map[string]string{"API_CLIENT_MANAGED_IDENTITY": uuid.NewString()})
			refused := exchange()
			if refused.Kind != entra.NoCredential || !strings.HasPrefix(refused.Reason, "API_CLIENT_MANAGED_IDENTITY ") || !strings.Contains(refused.Error(), test.want) {
				t.Errorf("error is %v, want one with %q", refused, test.want)
			}
			if strings.Contains(refused.Error(), "the-endpoints-text") {
				t.Errorf("the endpoint's text shows in %v", refused)
			}
			if len(got.all()) != 0 {
				t.Error("Entra was asked all the same")
			}
			if test.status > 0 {
				endpoint.answer(0)
				if again := exchange(); again.AADSTS != 65001 {
					t.Errorf("with the identity assigned: %v", again)
				}
			}
		})
	}
}
