package devtenant_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

const (
	production  = "/subscriptions/de7e0000-0000-4000-8000-000000050001"
	development = "/subscriptions/de7e0000-0000-4000-8000-000000050004" // carol's, dave's and erin's
	readerRole  = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
)

type resourceReply struct {
	status int
	code   string
	body   map[string]any
	header http.Header
}

func askResourceManager(t *testing.T, tenant *devtenant.Tenant, token, method, path, body string) resourceReply {
	t.Helper()
	if !strings.Contains(path, "?") {
		path += "?api-version=2022-12-01"
	}
	request, err := http.NewRequestWithContext(t.Context(), method, tenant.ResourceManagerURL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := tenant.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	reply := resourceReply{status: response.StatusCode, header: response.Header}
	var raw bytes.Buffer
	if _, err := raw.ReadFrom(response.Body); err != nil {
		t.Fatal(err)
	}
	if raw.Len() > 0 {
		if err := json.Unmarshal(raw.Bytes(), &reply.body); err != nil {
			t.Fatalf("%s %s: not JSON: %s", method, path, raw.String())
		}
	}
	if refused, ok := reply.body["error"].(map[string]any); ok {
		reply.code, _ = refused["code"].(string)
	}
	return reply
}

func TestResourceManagerObjects(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	alice := tokenB(t, tenant, "alice")
	tests := map[string]struct {
		path   string
		status int
		code   string
	}{
		"tenants":                      {"/tenants", 200, ""},
		"a subscription":               {production, 200, ""},
		"its locations":                {production + "/locations", 200, ""},
		"its role definitions":         {production + "/providers/Microsoft.Authorization/roleDefinitions", 200, ""},
		"its role assignments":         {production + "/providers/Microsoft.Authorization/roleAssignments", 200, ""},
		"somebody else's subscription": {development, 403, "AuthorizationFailed"},
		"its locations, too":           {development + "/locations", 403, "AuthorizationFailed"},
		"no such subscription":         {"/subscriptions/de7e0000-0000-4000-8000-000000059999", 404, "SubscriptionNotFound"},
		"not an id":                    {"/subscriptions/production", 400, "InvalidSubscriptionId"},
		"no api-version":               {production + "?x=1", 400, "MissingApiVersionParameter"},
		"a resource":                   {production + "/resourceGroups", 404, "InvalidResourceNamespace"},
		"a provider":                   {"/providers/Microsoft.Management/managementGroups", 404, "MissingSubscription"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := askResourceManager(t, tenant, alice, http.MethodGet, test.path, "")
			if got.status != test.status || got.code != test.code {
				t.Errorf("%d %s, want %d %s", got.status, got.code, test.status, test.code)
			}
			if got.header.Get("x-ms-routing-request-id") == "" || got.header.Get("x-ms-request-id") == "" {
				t.Errorf("headers: %v", got.header)
			}
			if got := askResourceManager(t, tenant, "x", http.MethodGet, test.path, ""); got.status != 401 || got.code != "InvalidAuthenticationToken" {
				t.Errorf("without a good token: %d %s", got.status, got.code)
			}
		})
	}
	tenants, _ := askResourceManager(t, tenant, alice, http.MethodGet, "/tenants", "").body["value"].([]any)
	first, _ := tenants[0].(map[string]any)
	for _, member := range []string{"id", "tenantId", "tenantCategory", "countryCode", "displayName", "domains", "defaultDomain", "tenantType"} {
		if first[member] == nil {
			t.Errorf("a tenant has no %s", member)
		}
	}
}

// Behind a name of its own Resource Manager answers every path but those of devtenant's own pages, also one that would be
// Entra's elsewhere.
func TestResourceManagerByItsName(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t, func(o *devtenant.Options) {
		o.BackURL, o.BrowserURL, o.ResourceManagerURL = "https://login.microsoftonline.com", "https://login.microsoftonline.com", "https://management.azure.com"
		o.HostNames = []string{"login.microsoftonline.com", "management.azure.com"}
	})
	alice := tokenB(t, tenant, "alice")
	for _, path := range []string{"/metadata/endpoints", "/common/v2.0/.well-known/openid-configuration"} {
		if got := askResourceManager(t, tenant, alice, http.MethodGet, path, ""); got.status != 404 || got.code != "MissingSubscription" {
			t.Errorf("%s: %d %s", path, got.status, got.code)
		}
	}
}

func TestRoleAssignments(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	alice := tokenB(t, tenant, "alice")
	bob, _ := tenant.Directory().User("bob")
	const assignments = production + "/providers/Microsoft.Authorization/roleAssignments"
	const name = assignments + "/11111111-2222-4333-8444-555555555555"
	body := func(role, principal string) string {
		return `{"properties":{"roleDefinitionId":"` + production + `/providers/Microsoft.Authorization/roleDefinitions/` + role + `","principalId":"` + principal + `"}}`
	}
	refused := map[string]struct {
		token, path, body string
		status            int
		code              string
	}{
		"no administrator":  {tokenB(t, tenant, "grace"), strings.Replace(name, "050001", "070001", 1), body(readerRole, bob.ID), 403, "AuthorizationFailed"},
		"an unknown role":   {alice, name, body(bob.ID, bob.ID), 400, "RoleDefinitionDoesNotExist"},
		"an unknown person": {alice, name, body(readerRole, "nobody"), 400, "PrincipalNotFound"},
		"a name in words":   {alice, assignments + "/mine", body(readerRole, bob.ID), 400, "InvalidRoleAssignmentId"},
		"not JSON":          {alice, name, "x", 400, "InvalidRequestContent"},
	}
	for name, test := range refused {
		if got := askResourceManager(t, tenant, test.token, http.MethodPut, test.path, test.body); got.status != test.status || got.code != test.code {
			t.Errorf("%s: %d %s", name, got.status, got.code)
		}
	}
	if got := askResourceManager(t, tenant, alice, http.MethodPut, name, body(readerRole, bob.ID)); got.status != 201 {
		t.Errorf("assigned: %d %s", got.status, got.code)
	}
	if got := askResourceManager(t, tenant, alice, http.MethodPut, name, body(readerRole, bob.ID)); got.status != 409 || got.code != "RoleAssignmentExists" {
		t.Errorf("twice: %d %s", got.status, got.code)
	}
	bobs := tokenB(t, tenant, "bob")
	if got := askResourceManager(t, tenant, bobs, http.MethodGet, production, ""); got.status != 200 {
		t.Errorf("bob: %d %s", got.status, got.code)
	}
	list, _ := askResourceManager(t, tenant, alice, http.MethodGet, assignments+"?api-version=2022-04-01&$filter=principalId%20eq%20'"+bob.ID+"'", "").body["value"].([]any)
	if len(list) != 1 {
		t.Errorf("bob's assignments: %v", list)
	}
	for _, want := range []int{200, 204} {
		if got := askResourceManager(t, tenant, alice, http.MethodDelete, name, ""); got.status != want {
			t.Errorf("taken away: %d, want %d", got.status, want)
		}
	}
	if got := askResourceManager(t, tenant, bobs, http.MethodGet, production, ""); got.status != 403 {
		t.Errorf("bob afterwards: %d", got.status)
	}
}
