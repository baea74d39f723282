package devtenant_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

type subscriptionsReply struct {
	Status int
	Header http.Header
	Value  []map[string]any `json:"value"`
	Count  struct {
		Type  string `json:"type"`
		Value int    `json:"value"`
	} `json:"count"`
	NextLink string `json:"nextLink"`
	Error    struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

func getSubscriptions(t *testing.T, tenant *devtenant.Tenant, address, authorization string) subscriptionsReply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	request.Header.Set("x-ms-client-request-id", "11111111-2222-4333-8444-555555555555")
	request.Header.Set("x-ms-return-client-request-id", "true")
	response, err := tenant.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	reply := subscriptionsReply{Status: response.StatusCode, Header: response.Header}
	if err := json.NewDecoder(response.Body).Decode(&reply); err != nil {
		t.Fatal(err)
	}
	return reply
}

func tokenB(t *testing.T, tenant *devtenant.Tenant, user string) string {
	t.Helper()
	got := postToken(t, tenant, exchange(tenant.AccessToken(user), nil))
	if got.AccessToken == "" {
		t.Fatal(got.Description)
	}
	return got.AccessToken
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	first := tenant.ResourceManagerURL() + "/subscriptions?api-version=2022-12-01"
	token := "Bearer " + tokenB(t, tenant, "grace")
	total, pages := 0, 0
	for next := first; next != ""; pages++ {
		got := getSubscriptions(t, tenant, next, token)
		if got.Status != http.StatusOK || got.Count.Type != "Total" {
			t.Fatalf("%d %+v", got.Status, got.Error)
		}
		if got.NextLink != "" && !strings.HasPrefix(got.NextLink, tenant.ResourceManagerURL()+"/subscriptions?") {
			t.Errorf("nextLink %s", got.NextLink)
		}
		total, next = total+len(got.Value), got.NextLink
	}
	if total != 250 || pages != 3 {
		t.Errorf("%d subscriptions on %d pages", total, pages)
	}

	alice := getSubscriptions(t, tenant, first, "bearer "+tokenB(t, tenant, "alice"))
	for _, member := range []string{"id", "authorizationSource", "managedByTenants", "tags", "subscriptionId", "tenantId", "displayName", "state", "subscriptionPolicies"} {
		if _, ok := alice.Value[0][member]; !ok {
			t.Errorf("a subscription has no %s", member)
		}
	}
	routing := regexp.MustCompile(`^[A-Z]+:\d{8}T\d{6}Z:[0-9a-f-]{36}$`)
	if !routing.MatchString(alice.Header.Get("x-ms-routing-request-id")) || alice.Header.Get("x-ms-correlation-request-id") != "11111111-2222-4333-8444-555555555555" ||
		alice.Header.Get("x-ms-request-id") == "" || alice.Header.Get("x-ms-ratelimit-remaining-tenant-reads") == "" || alice.Header.Get("x-ms-client-request-id") == "" {
		t.Errorf("headers: %v", alice.Header)
	}
	if bob := getSubscriptions(t, tenant, first, "Bearer "+tokenB(t, tenant, "bob")); bob.Status != http.StatusOK || bob.Value == nil || len(bob.Value) != 0 {
		t.Errorf("bob: %d %v", bob.Status, bob.Value)
	}
}

func TestSubscriptionsRefused(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	good := tokenB(t, tenant, "alice")
	changed := func(name string, value any) string {
		claims := claimsOf(t, good)
		claims[name] = value
		return tenant.Sign(claims)
	}
	const query = "?api-version=2022-12-01"
	tests := map[string]struct {
		authorization, query string
		status               int
		code                 string
	}{
		"no token":             {"", query, 401, "AuthenticationFailed"},
		"basic":                {"Basic eDp5", query, 401, "AuthenticationFailed"},
		"not a token":          {"Bearer x", query, 401, "InvalidAuthenticationToken"},
		"altered":              {"Bearer " + good + "x", query, 401, "InvalidAuthenticationToken"},
		"token A":              {"Bearer " + tenant.AccessToken("alice"), query, 401, "InvalidAuthenticationTokenAudience"},
		"another tenant":       {"Bearer " + changed("iss", "https://sts.windows.net/x/"), query, 401, "InvalidAuthenticationTokenTenant"},
		"v2 issuer":            {"Bearer " + changed("iss", tenant.Authority()+"/v2.0"), query, 401, "InvalidAuthenticationTokenTenant"},
		"expired":              {"Bearer " + changed("exp", time.Now().Add(-time.Minute).Unix()), query, 401, "ExpiredAuthenticationToken"},
		"another scope":        {"Bearer " + changed("scp", "other"), query, 403, "AuthorizationFailed"},
		"no api-version":       {"Bearer " + good, "", 400, "MissingApiVersionParameter"},
		"api-version of words": {"Bearer " + good, "?api-version=latest", 400, "InvalidApiVersionParameter"},
		"bad skip token":       {"Bearer " + good, query + "&$skiptoken=-1", 400, "InvalidSkipToken"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := getSubscriptions(t, tenant, tenant.ResourceManagerURL()+"/subscriptions"+test.query, test.authorization)
			if got.Status != test.status || got.Error.Code != test.code {
				t.Errorf("%d %s, want %d %s", got.Status, got.Error.Code, test.status, test.code)
			}
			if (got.Status == 401) != (got.Header.Get("WWW-Authenticate") != "") {
				t.Errorf("WWW-Authenticate: %q", got.Header.Get("WWW-Authenticate"))
			}
		})
	}
}

// An application sees by its own token what a role assignment gives its service principal, and nothing without one.
func TestAppOnlyTokenSeesByRoleAssignment(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	for client, want := range map[string]int{api: 2, webUI: 0} {
		secret := map[string]string{api: apiSecret, webUI: webUISecret}[client]
		got := postToken(t, tenant, map[string]string{"grant_type": "client_credentials", "client_id": client, "client_secret": secret, "scope": "https://management.azure.com/.default"})
		if reply := getSubscriptions(t, tenant, tenant.ResourceManagerURL()+"/subscriptions?api-version=2022-12-01", "Bearer "+got.AccessToken); reply.Status != 200 || len(reply.Value) != want {
			t.Errorf("%s: %d, %d subscriptions, want %d", client, reply.Status, len(reply.Value), want)
		}
	}
}
