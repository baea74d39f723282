package devtenant_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// Every row of the table can be caused at every grant.
func TestEveryFailureOnDemand(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	grants := map[string]map[string]string{
		"token:authorization_code": redeem("x", nil),
		"token:refresh_token":      refresh("x", nil),
		"token:on_behalf_of":       exchange("x", nil),
		"token:client_credentials": {"grant_type": "client_credentials", "client_id": api},
		"token:device_code":        poll("x"),
	}
	for _, row := range devtenant.Failures() {
		for endpoint, form := range grants {
			tenant.Faults().Set(devtenant.Fault{Name: "row", Endpoint: endpoint, AADSTS: row.Code, Times: 1, Claims: `{"access_token":{}}`})
			got := postToken(t, tenant, form)
			refused(t, got, row.Code)
			if got.Claims != `{"access_token":{}}` || got.Error != row.Error {
				t.Errorf("%d at %s: %s", row.Code, endpoint, got.Raw)
			}
		}
	}
	if left := tenant.Faults().Active(); len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	get := func(t *testing.T, address string) (*http.Response, string, error) {
		t.Helper()
		response, err := tenant.Client().Get(address)
		if err != nil {
			return nil, "", err
		}
		defer response.Body.Close()
		raw, err := io.ReadAll(response.Body)
		return response, string(raw), err
	}
	keys := tenant.Authority() + "/discovery/v2.0/keys"

	tenant.Faults().Set(devtenant.Fault{Name: "f", Endpoint: "keys", Status: 429, Header: http.Header{"Retry-After": {"7"}}, Times: 2})
	for range 2 {
		if response, _, err := get(t, keys); err != nil || response.StatusCode != 429 || response.Header.Get("Retry-After") != "7" {
			t.Errorf("429: %v %v", response, err)
		}
	}
	if response, _, err := get(t, keys); err != nil || response.StatusCode != 200 {
		t.Errorf("after two times: %v %v", response, err)
	}

	tenant.Faults().Set(devtenant.Fault{Name: "f", Endpoint: "*", Status: 503})
	if response, _, err := get(t, tenant.Authority()+"/v2.0/.well-known/openid-configuration"); err != nil || response.StatusCode != 503 {
		t.Errorf("503 everywhere: %v %v", response, err)
	}
	if response, _, err := get(t, tenant.BrowserURL()); err != nil || response.StatusCode != 200 {
		t.Errorf("its own page: %v %v", response, err)
	}
	tenant.Faults().Clear("f")

	tenant.Faults().Set(devtenant.Fault{Name: "f", Endpoint: "keys", Body: []byte(`{"keys":[]}`), Header: http.Header{"Content-Type": {"application/json"}}})
	if _, content, err := get(t, keys); err != nil || content != `{"keys":[]}` {
		t.Errorf("no keys: %q %v", content, err)
	}

	tenant.Faults().Set(devtenant.Fault{Name: "f", Endpoint: "keys", Body: []byte(strings.Repeat("x", 4096)), Truncate: true})
	if _, content, err := get(t, keys); err == nil {
		t.Errorf("truncated: %d bytes and no error", len(content))
	}

	tenant.Faults().Set(devtenant.Fault{Name: "f", Endpoint: "keys", Delay: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tenant.Client().Do(request); err == nil {
		t.Error("slow: an answer")
	}
	tenant.Faults().Clear("")

	// Several at once: what changes an answer adds up.
	tenant.Faults().Set(devtenant.Fault{Name: "slow", Endpoint: "token", Delay: time.Millisecond})
	tenant.Faults().Set(devtenant.Fault{Name: "early", Endpoint: "*", RefreshIn: time.Minute})
	tenant.Faults().Set(devtenant.Fault{Name: "f", Endpoint: "token:on_behalf_of", Lifetime: 6 * time.Minute})
	if got := postToken(t, tenant, exchange(tenant.AccessToken("alice"), nil)); got.ExpiresIn != 359 || got.RefreshIn != 60 {
		t.Errorf("short-lived: %d %d", got.ExpiresIn, got.RefreshIn)
	}

	tenant.Faults().Set(devtenant.Fault{Name: "f", Endpoint: "subscriptions", NextLink: "https://evil.example/next"})
	reply := getSubscriptions(t, tenant, tenant.ResourceManagerURL()+"/subscriptions?api-version=2022-12-01", "Bearer "+tokenB(t, tenant, "alice"))
	if reply.NextLink != "https://evil.example/next" || len(reply.Value) != 3 {
		t.Errorf("foreign nextLink: %q", reply.NextLink)
	}

	tenant.Faults().Set(devtenant.Fault{Name: "f", Endpoint: "subscriptions", Status: 401, Body: []byte("{}"), Header: http.Header{
		"Www-Authenticate": {tenant.ClaimsChallenge(`{"access_token":{"nbf":{"essential":true,"value":"1"}}}`)},
	}})
	reply = getSubscriptions(t, tenant, tenant.ResourceManagerURL()+"/subscriptions?api-version=2022-12-01", "")
	if challenge := reply.Header.Get("WWW-Authenticate"); reply.Status != 401 || !strings.HasPrefix(challenge, `Bearer realm="", authorization_uri="http`) || !strings.Contains(challenge, `error="insufficient_claims", claims="eyJ`) {
		t.Errorf("claims challenge: %d %s", reply.Status, challenge)
	}
}

func TestFaultOnAPage(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	tenant.Faults().Set(devtenant.Fault{Name: "f", Endpoint: "authorize", AADSTS: 53003})
	response, err := browser(tenant).SignIn(t.Context(), authorizeURL(tenant, nil), "alice")
	if err != nil {
		t.Fatal(err)
	}
	if page := body(t, response); !strings.Contains(page, "AADSTS53003") {
		t.Error("the page does not say AADSTS53003")
	}
}
