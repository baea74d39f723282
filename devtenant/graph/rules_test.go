package graph_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestRules: what Graph doesn't take, this doesn't take.
func TestRules(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	const scope = `{"id":"aaaaaaaa-0000-4000-8000-000000000001","value":"read","type":"User","isEnabled":true}`
	id, appID := n.created("/applications", `{"displayName":"first","api":{"oauth2PermissionScopes":[`+scope+`]}}`)
	path := "/applications/" + id
	tests := []struct{ name, code, body string }{
		{"no name", "Request_BadRequest", `{"displayName":""}`},
		{"a property that isn't one", "Request_BadRequest", `{"colour":"red"}`},
		{"one level down", "Request_BadRequest", `{"api":{"colour":"red"}}`},
		{"another type", "Request_BadRequest", `{"tags":"mine"}`},
		{"an object that isn't one", "Request_BadRequest", `{"api":[]}`},
		{"the client id", "Request_BadRequest", `{"appId":"aaaaaaaa-0000-4000-8000-000000000000"}`},
		{"another unique name", "Request_BadRequest", `{"uniqueName":"x"}`},
		{"a secret by PATCH", "Request_BadRequest", `{"passwordCredentials":[]}`},
		{"no JSON", "BadRequest", `{`},
		{"plain http elsewhere", "Request_BadRequest", `{"web":{"redirectUris":["http://web.example.com/"]}}`},
		{"an App ID URI of nobody's", "HostNameNotOnVerifiedDomain", `{"identifierUris":["api://somebody"]}`},
		{"an App ID URI on a foreign domain", "HostNameNotOnVerifiedDomain", `{"identifierUris":["https://contoso.example/api"]}`},
		{"somebody's App ID URI", "Request_BadRequest", `{"identifierUris":["API://de7e0000-0000-4000-8000-0000000000a2"]}`},
		{"an enabled scope removed", "CannotDeleteOrUpdateEnabledEntitlement", `{"api":{"oauth2PermissionScopes":[]}}`},
		{"an enabled scope renamed", "CannotDeleteOrUpdateEnabledEntitlement", `{"api":{"oauth2PermissionScopes":[` + strings.Replace(scope, "read", "write", 1) + `]}}`},
		{"a scope twice", "Request_BadRequest", `{"api":{"oauth2PermissionScopes":[` + scope + `,` + scope + `]}}`},
		{"an unknown client", "InvalidAppId", `{"api":{"knownClientApplications":["aaaaaaaa-0000-4000-8000-000000000009"]}}`},
		{"an unknown client pre-authorized", "InvalidAppId", `{"api":{"preAuthorizedApplications":[{"appId":"aaaaaaaa-0000-4000-8000-000000000009","delegatedPermissionIds":[]}]}}`},
		{"an unknown scope pre-authorized", "Request_BadRequest", `{"api":{"preAuthorizedApplications":[{"appId":"` + appID + `","delegatedPermissionIds":["aaaaaaaa-0000-4000-8000-000000000009"]}]}}`},
		{"a token version of tomorrow", "Request_BadRequest", `{"api":{"requestedAccessTokenVersion":3}}`},
		{"a key that is none", "KeyCredentialsInvalidValue", `{"keyCredentials":[{"type":"AsymmetricX509Cert","usage":"Verify","key":"AAAA"}]}`},
		{"a key for something else", "KeyCredentialsInvalidTypeOrUsage", `{"keyCredentials":[{"type":"Symmetric","usage":"Sign","key":"AAAA"}]}`},
	}
	for _, test := range tests {
		before, _ := n.directory.Application(id)
		a := n.call("PATCH", path, test.body)
		if a.status != http.StatusBadRequest || a.code() != test.code || a.error("message") == "" {
			t.Errorf("%s: %d %s\n%s", test.name, a.status, a.code(), a.raw)
		}
		if after, _ := n.directory.Application(id); after.DisplayName != before.DisplayName || len(after.API.OAuth2PermissionScopes) != 1 {
			t.Errorf("%s: something was changed", test.name)
		}
	}
	n.want(204, "", "PATCH", path, `{"identifierUris":["api://`+appID+`","https://api.devtenant.example/x"]}`)
	n.want(204, "", "PATCH", path, `{"api":{"oauth2PermissionScopes":[`+strings.Replace(scope, "true", "false", 1)+`]}}`)
	n.want(204, "", "PATCH", path, `{"api":{"oauth2PermissionScopes":[]}}`)
}
