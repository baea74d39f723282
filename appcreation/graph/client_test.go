package graph_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
)

type credential struct{}

func (credential) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "token for " + o.Scopes[0], ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// client talks to a server that answers as a test wants.
func client(t *testing.T, answer http.HandlerFunc) *graph.Client {
	t.Helper()
	server := httptest.NewTLSServer(answer)
	t.Cleanup(server.Close)
	httpClient := server.Client()
	httpClient.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c, err := graph.NewClient(graph.Options{
		Endpoint: server.URL, Audience: "https://graph.microsoft.com", Credential: credential{}, Transport: httpClient,
		Retry: policy.RetryOptions{MaxRetries: 2, RetryDelay: time.Microsecond, MaxRetryDelay: time.Second},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestEachRequest has the token for Graph and an id that support can search for.
func TestEachRequest(t *testing.T) {
	t.Parallel()
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer token for https://graph.microsoft.com/.default" || r.Header.Get("client-request-id") == "" {
			t.Errorf("the headers are %v", r.Header)
		}
		_, _ = w.Write([]byte(`{"id":"1","userPrincipalName":"alice@contoso.example"}`))
	})
	if me, err := c.Me(t.Context()); err != nil || me.UserPrincipalName != "alice@contoso.example" {
		t.Errorf("got %+v, %v", me, err)
	}
}

// TestPages are followed, as long as they are Graph's: the next page gets the token.
func TestPages(t *testing.T) {
	t.Parallel()
	stolen := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a foreign host was asked") }))
	defer stolen.Close()
	foreign := false
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		next := "https://" + r.Host + "/v1.0/applications?page=2"
		if foreign {
			next = stolen.URL + "/v1.0/applications?page=2"
		}
		if r.URL.Query().Get("page") == "2" {
			_, _ = w.Write([]byte(`{"value":[{"id":"b"}]}`))
			return
		}
		_, _ = fmt.Fprintf(w, `{"value":[{"id":"a"}],"@odata.nextLink":%q}`, next)
	})
	if apps, err := c.ApplicationsByTag(t.Context(), "it's"); err != nil || len(apps) != 2 || apps[1].ID != "b" {
		t.Errorf("got %v, %v", apps, err)
	}
	foreign = true
	if _, err := c.ApplicationsByTag(t.Context(), "x"); err == nil || !strings.Contains(err.Error(), "not on Graph's host") {
		t.Errorf("the error is %v", err)
	}
}

// TestEndlessPages: a server that always has one more is left after a hundred.
func TestEndlessPages(t *testing.T) {
	t.Parallel()
	count := 0
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		count++
		_, _ = fmt.Fprintf(w, `{"value":[],"@odata.nextLink":"https://%s/v1.0/applications?n=%d"}`, r.Host, count)
	})
	if _, err := c.ApplicationsByTag(t.Context(), "x"); err == nil || count != 100 {
		t.Errorf("after %d pages: %v", count, err)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	body := func(code, message string) string {
		raw, _ := json.Marshal(map[string]any{"error": map[string]any{"code": code, "message": message, "innerError": map[string]string{"request-id": "r-1"}}})
		return string(raw)
	}
	tests := []struct {
		name                    string
		status                  int
		body                    string
		says, help              string
		notThere, there, denied bool
	}{
		{name: "no right", status: 403, body: body("Authorization_RequestDenied", "Insufficient privileges to complete the operation."),
			says: "adding a secret: Graph answered 403 Authorization_RequestDenied: Insufficient privileges to complete the operation. (request-id r-1)",
			help: "This takes the delegated permission Application.ReadWrite.All, and being an owner", denied: true},
		{name: "not there yet", status: 404, body: body("Request_ResourceNotFound", "Resource 'x' does not exist."), says: "404", notThere: true},
		{name: "a reference that isn't there yet", status: 400, body: body("NoBackingApplicationObject", "The appId 'x' of the service principal does not reference a valid application object."), says: "400", notThere: true},
		{name: "another bad request", status: 400, body: body("Request_BadRequest", "Invalid value"), says: "400"},
		{name: "there already", status: 409, body: body("Request_MultipleObjectsWithSameKeyValue", "in use"), says: "409", there: true},
		{name: "an owner already", status: 400, body: body("Request_BadRequest", "One or more added object references already exist for the following modified properties: 'owners'."), says: "400", there: true},
		{name: "a policy against secrets", status: 400, body: body("CredentialTypeNotAllowedAsPerAppPolicy", "no"), says: "400", help: "--certificate"},
		{name: "a policy against long lives", status: 400, body: body("CredentialInvalidLifetimeAsPerAppPolicy", "no"), says: "400", help: "--life"},
		{name: "too many objects", status: 400, body: body("Directory_QuotaExceeded", "no"), says: "400", help: "limit"},
		{name: "trouble at Graph's", status: 503, body: "", says: "503 Service Unavailable", help: "goes on where it stopped"},
		{name: "HTML", status: 403, body: "<html>blocked</html>", says: "403 Forbidden", denied: true},
		{name: "a redirect", status: 302, body: "", says: "302 Found"},
		{name: "escape sequences", status: 400, body: body("x", "red \x1b[31m\r\n"+strings.Repeat("a", 600)), says: "red  [31m  aaa"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := client(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			})
			_, _, err := c.AddPassword(t.Context(), "id", "name", time.Now())
			failed, ok := errors.AsType[*graph.Error](err)
			if !ok || !strings.Contains(failed.Error(), test.says) || len(failed.Error()) > 700 {
				t.Fatalf("the error is %v, want %s", err, test.says)
			}
			if strings.ContainsRune(failed.Error(), '\x1b') {
				t.Error("it draws on the terminal")
			}
			if test.help != "" && !strings.Contains(failed.Help(), test.help) {
				t.Errorf("the help is %q, want %s", failed.Help(), test.help)
			}
			if graph.IsNotThere(err) != test.notThere || graph.IsThereAlready(err) != test.there || graph.IsForbidden(err) != test.denied {
				t.Errorf("not there %v, there already %v, forbidden %v", graph.IsNotThere(err), graph.IsThereAlready(err), graph.IsForbidden(err))
			}
		})
	}
}

// TestFieldCase19PoliciesHaveHints: each with the flag that helps, whatever status Graph gives it.
func TestFieldCase19PoliciesHaveHints(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status        int
		code, message string
		help          string
	}{
		{400, "ServiceTreeValueMissing", "ServiceManagementReference field is required for Create, but is missing in the request.", "--service-management-reference"},
		{400, "ServiceTreeNullValueProvided", "", "--service-management-reference"},
		{400, "ServiceTreeInvalid", "", "--service-management-reference"},
		{403, "BadRequest", "ServiceManagementReference field is required for Update, but is missing in the request.", "--service-management-reference"},
		{400, "CredentialInvalidLifetimeAsPerAppPolicy", "Credential lifetime exceeds the max value allowed as per assigned policy", "--life"},
		{403, "CredentialTypeNotAllowedAsPerAppPolicy", "", "--federated"},
		{400, "SignInAudienceNotAllowedAsPerAppPolicy", "", "--name"},
		{400, "HostNameNotOnVerifiedDomain", "", "--name"},
		{400, "SomethingElseAsPerAppPolicy", "", "administrator can exempt"},
	} {
		t.Run(test.code, func(t *testing.T) {
			t.Parallel()
			c := client(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				_, _ = fmt.Fprintf(w, "\ufeff"+`{"error":{"code":%q,"message":%q}}`, test.code, test.message)
			})
			_, _, err := c.AddPassword(t.Context(), "id", "name", time.Now())
			if failed, ok := errors.AsType[*graph.Error](err); !ok || !strings.Contains(failed.Help(), test.help) || failed.Code != test.code {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// TestFieldCase07ByteOrderMarkBeforeGraphsAnswer: as a gateway in front of Graph may put one.
func TestFieldCase07ByteOrderMarkBeforeGraphsAnswer(t *testing.T) {
	t.Parallel()
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(w, "\ufeff"+`{"id":"1","displayName":"Alice","secretText":"s"}`)
	})
	if me, err := c.Me(t.Context()); err != nil || me.ID != "1" {
		t.Errorf("%+v, %v", me, err)
	}
	if secret, _, err := c.AddPassword(t.Context(), "id", "name", time.Now()); err != nil || secret.Reveal() != "s" {
		t.Errorf("%v, %v", secret, err)
	}
}

// TestASecretInABrokenAnswer isn't quoted.
func TestASecretInABrokenAnswer(t *testing.T) {
	t.Parallel()
	c := client(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"secretText":"hunter2","endDateTime":"hunter2"}`))
	})
	secret, _, err := c.AddPassword(t.Context(), "id", "name", time.Now())
	if err == nil || strings.Contains(fmt.Sprintf("%v %+v %v", err, err, secret), "hunter2") {
		t.Errorf("the error is %v, the secret prints as %v", err, secret)
	}
}

// TestRetries: 429 and 5xx are tried again, and not for ever.
func TestRetries(t *testing.T) {
	t.Parallel()
	count := 0
	c := client(t, func(w http.ResponseWriter, _ *http.Request) {
		if count++; count < 3 {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		_, _ = w.Write([]byte(`{"id":"1"}`))
	})
	if _, err := c.Me(t.Context()); err != nil || count != 3 {
		t.Errorf("after %d tries: %v", count, err)
	}
	count = -100
	if _, err := c.Me(t.Context()); err == nil || count != -97 {
		t.Errorf("after %d more tries: %v", count+100, err)
	}
}
