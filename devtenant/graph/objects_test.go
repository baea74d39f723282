package graph_test

import (
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// Clients that read Graph's objects into types of their own stumble over a member that is missing, and over null where a
// list belongs.
func TestObjectsHaveGraphsMembers(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	id, appID := n.created("/applications", `{"displayName":"first"}`)
	spID, _ := n.created("/servicePrincipals", `{"appId":"`+appID+`"}`)
	tests := map[string]struct {
		path    string
		members string
		lists   string
	}{
		"application": {
			"/applications/" + id,
			"addIns api appId appRoles applicationTemplateId certification createdDateTime defaultRedirectUri deletedDateTime description displayName " +
				"groupMembershipClaims id identifierUris info isDeviceOnlyAuthSupported isFallbackPublicClient keyCredentials notes optionalClaims " +
				"parentalControlSettings passwordCredentials publicClient publisherDomain requiredResourceAccess samlMetadataUrl serviceManagementReference " +
				"signInAudience spa tags tokenEncryptionKeyId uniqueName verifiedPublisher web",
			"addIns appRoles identifierUris keyCredentials passwordCredentials requiredResourceAccess tags",
		},
		"service principal": {
			"/servicePrincipals/" + spID,
			"accountEnabled addIns alternativeNames appDescription appDisplayName appId applicationTemplateId appOwnerOrganizationId " +
				"appRoleAssignmentRequired appRoles createdDateTime deletedDateTime description disabledByMicrosoftStatus displayName homepage id info " +
				"keyCredentials loginUrl logoutUrl notes notificationEmailAddresses oauth2PermissionScopes passwordCredentials preferredSingleSignOnMode " +
				"replyUrls resourceSpecificApplicationPermissions samlSingleSignOnSettings servicePrincipalNames servicePrincipalType signInAudience " +
				"tags tokenEncryptionKeyId verifiedPublisher",
			"addIns alternativeNames appRoles keyCredentials notificationEmailAddresses oauth2PermissionScopes passwordCredentials replyUrls servicePrincipalNames tags",
		},
	}
	for name, test := range tests {
		object := n.want(200, "", "GET", test.path, "").body
		for member := range strings.FieldsSeq(test.members) {
			if _, ok := object[member]; !ok {
				t.Errorf("%s has no %s", name, member)
			}
		}
		for member := range strings.FieldsSeq(test.lists) {
			if _, ok := object[member].([]any); !ok {
				t.Errorf("%s: %s is %v, want a list", name, member, object[member])
			}
		}
	}
}

func TestDefaultsOfANewApplication(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	for name, test := range map[string]struct {
		body     string
		audience string
		version  any
	}{
		"nothing said":      {`{"displayName":"a"}`, "AzureADandPersonalMicrosoftAccount", 2.0},
		"one tenant":        {`{"displayName":"a","signInAudience":"AzureADMyOrg"}`, "AzureADMyOrg", nil},
		"members kept":      {`{"displayName":"a","notes":"why","signInAudience":"AzureADMultipleOrgs"}`, "AzureADMultipleOrgs", nil},
		"annotated by type": {`{"@odata.type":"#microsoft.graph.application","displayName":"a","api":{"@odata.type":"x","requestedAccessTokenVersion":2}}`, "AzureADandPersonalMicrosoftAccount", 2.0},
	} {
		a := n.want(201, "", "POST", "/applications", test.body)
		api, _ := a.body["api"].(map[string]any)
		if a.body["signInAudience"] != test.audience || api["requestedAccessTokenVersion"] != test.version {
			t.Errorf("%s: %v, version %v", name, a.body["signInAudience"], api["requestedAccessTokenVersion"])
		}
		if name == "members kept" && a.body["notes"] != "why" {
			t.Errorf("notes are %v", a.body["notes"])
		}
	}
	n.want(400, "Request_BadRequest", "POST", "/applications", `{"displayName":"a","api":{"requestedAccessTokenVersion":1}}`)
	refused := n.want(400, "Request_BadRequest", "POST", "/applications", `{"displayName":"a","colour":"red"}`)
	if !strings.Contains(refused.error("message"), "'colour'") {
		t.Errorf("the message doesn't name the property: %s", refused.raw)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	_, appID := n.created("/applications", `{"displayName":"Fish and chips"}`)
	n.created("/servicePrincipals", `{"appId":"`+appID+`"}`)
	tests := map[string]int{
		"applications?$filter=startswith(displayName,'fish')":                                       1,
		"applications?$filter=startswith(displayName, 'chips')":                                     0,
		"applications?$filter=displayName eq 'Fish and chips' and appId eq '" + appID + "'":         1,
		"applications?$filter=displayName eq 'Fish and chips' and appId eq 'x'":                     0,
		"applications?$filter=displayName eq 'it''s and that'":                                      0,
		"servicePrincipals?$filter=servicePrincipalNames/any(c:c eq '" + appID + "')":               1,
		"servicePrincipals?$filter=servicePrincipalNames/any(c:c eq 'api://nobody')":                0,
		"servicePrincipals?$filter=accountEnabled eq true and startswith(displayName,'fish')":       1,
		"servicePrincipals?$filter=servicePrincipalNames/any(x:x eq 'https://graph.microsoft.com')": 1,
		"users?$filter=startswith(userPrincipalName,'alice')":                                       1,
		"applications?$filter=endswith(displayName,'chips')":                                        -1,
		"applications?$filter=displayName eq 'a' or displayName eq 'b'":                             -1,
		"applications?$filter=createdDateTime eq '2026'":                                            -1,
		"applications?$filter=displayName eq 'a":                                                    -1,
		"applications?$orderby=displayName":                                                         -1,
		"applications?$search=\"displayName:fish\"":                                                 -1,
		"applications?$expand=owners":                                                               -1,
		"applications?$top=1000":                                                                    -1,
	}
	for query, want := range tests {
		path := "/" + strings.NewReplacer(" ", "%20", "\"", "%22").Replace(query)
		if want < 0 {
			n.want(400, "Request_UnsupportedQuery", "GET", path, "")
			continue
		}
		a := n.want(200, "", "GET", path, "")
		if list, _ := a.body["value"].([]any); len(list) != want {
			t.Errorf("%s finds %d, want %d", query, len(list), want)
		}
	}
}

func TestMe(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	n.user = "alice:User.Read"
	me := n.want(200, "", "GET", "/me", "").body
	delete(me, "@odata.context")
	for member := range strings.FieldsSeq("businessPhones displayName givenName jobTitle mail mobilePhone officeLocation preferredLanguage surname userPrincipalName id") {
		if _, ok := me[member]; !ok {
			t.Errorf("/me has no %s", member)
		}
		delete(me, member)
	}
	if len(me) > 0 {
		t.Errorf("/me has more than Graph's: %v", me)
	}
	if more := n.want(200, "", "GET", "/me?$select=userType,accountEnabled", "").body; more["userType"] != "Member" || more["accountEnabled"] != true || more["displayName"] != nil {
		t.Errorf("$select gives %v", more)
	}
	n.want(403, "Authorization_RequestDenied", "GET", "/users", "")
	n.user = "app:User.Read.All"
	n.want(400, "BadRequest", "GET", "/me", "")
	if alice := n.want(200, "", "GET", "/users/alice@devtenant.example", "").body; alice["displayName"] != "Alice Archer" {
		t.Errorf("got %v", alice)
	}
	n.want(404, "Request_ResourceNotFound", "GET", "/users/alice", "")
}

func TestSecretsOfServicePrincipals(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	_, appID := n.created("/applications", `{"displayName":"first"}`)
	id, _ := n.created("/servicePrincipals", `{"appId":"`+appID+`"}`)
	added := n.want(200, "", "POST", "/servicePrincipals/"+id+"/addPassword", `{"passwordCredential":{"displayName":"rbac"}}`)
	secret, _ := added.body["secretText"].(string)
	keyID, _ := added.body["keyId"].(string)
	if err := n.directory.CheckSecret(appID, secret); err != nil {
		t.Errorf("the secret doesn't serve: %v", err)
	}
	sp := n.want(200, "", "GET", "/servicePrincipals/"+id, "")
	if list, _ := sp.body["passwordCredentials"].([]any); len(list) != 1 || strings.Contains(sp.raw, secret) {
		t.Errorf("the service principal is %s", sp.raw)
	}
	n.want(204, "", "POST", "/servicePrincipals/"+id+"/removePassword", `{"keyId":"`+keyID+`"}`)
	if n.directory.CheckSecret(appID, secret) == nil {
		t.Error("a removed secret still serves")
	}
	n.want(400, "Request_BadRequest", "PATCH", "/servicePrincipals/"+id, `{"displayName":"mine"}`)
	n.want(400, "KeyCredentialsInvalidTypeOrUsage", "PATCH", "/servicePrincipals/"+id, `{"keyCredentials":[{"type":"x","usage":"Sign","key":"AAAA"}]}`)
	n.user = "bob"
	n.want(403, "Authorization_RequestDenied", "POST", "/servicePrincipals/"+id+"/addPassword", `{}`)
}

func TestAppRoles(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	n.user = "alice:Application.ReadWrite.All AppRoleAssignment.ReadWrite.All"
	const reader, auditor = "aaaaaaaa-0000-4000-8000-0000000000e1", "aaaaaaaa-0000-4000-8000-0000000000e2"
	roles := `[{"id":"` + reader + `","value":"Orders.Read","displayName":"r","description":"r","isEnabled":true,"allowedMemberTypes":["Application"]},
		{"id":"` + auditor + `","value":"Auditor","displayName":"a","description":"a","isEnabled":true,"allowedMemberTypes":["User"]}]`
	id, apiAppID := n.created("/applications", `{"displayName":"api","appRoles":`+roles+`}`)
	apiID, _ := n.created("/servicePrincipals", `{"appId":"`+apiAppID+`"}`)
	_, clientAppID := n.created("/applications", `{"displayName":"client"}`)
	clientID, _ := n.created("/servicePrincipals", `{"appId":"`+clientAppID+`"}`)
	alice, _ := n.directory.User("alice")
	assignment := func(principal, role string) string {
		return `{"principalId":"` + principal + `","resourceId":"` + apiID + `","appRoleId":"` + role + `"}`
	}
	created := n.want(201, "", "POST", "/servicePrincipals/"+clientID+"/appRoleAssignments", assignment(clientID, reader))
	if created.body["principalType"] != "ServicePrincipal" || created.body["resourceDisplayName"] != "api" || created.body["principalDisplayName"] != "client" {
		t.Errorf("the assignment is %s", created.raw)
	}
	n.want(400, "Request_BadRequest", "POST", "/servicePrincipals/"+clientID+"/appRoleAssignments", assignment(clientID, reader))  // twice
	n.want(400, "Request_BadRequest", "POST", "/servicePrincipals/"+clientID+"/appRoleAssignments", assignment(clientID, auditor)) // users only
	n.want(400, "Request_BadRequest", "POST", "/servicePrincipals/"+clientID+"/appRoleAssignments", assignment(clientID, directory.NoAppRole))
	n.want(201, "", "POST", "/servicePrincipals/"+apiID+"/appRoleAssignedTo", assignment(alice.ID, auditor))
	if got := n.directory.AppRoles(clientID, apiAppID); len(got) != 1 || got[0] != "Orders.Read" {
		t.Errorf("the client's roles are %v", got)
	}
	for path, want := range map[string]int{
		"/servicePrincipals/" + clientID + "/appRoleAssignments": 1,
		"/servicePrincipals/" + apiID + "/appRoleAssignedTo":     2,
		"/users/" + alice.ID + "/appRoleAssignments":             1,
	} {
		if list, _ := n.want(200, "", "GET", path, "").body["value"].([]any); len(list) != want {
			t.Errorf("%s: %d, want %d", path, len(list), want)
		}
	}
	n.want(400, "CannotDeleteOrUpdateEnabledEntitlement", "PATCH", "/applications/"+id, `{"appRoles":[]}`)
	assignmentID, _ := created.body["id"].(string)
	n.want(204, "", "DELETE", "/servicePrincipals/"+clientID+"/appRoleAssignments/"+assignmentID, "")
	n.want(404, "Request_ResourceNotFound", "DELETE", "/servicePrincipals/"+clientID+"/appRoleAssignments/"+assignmentID, "")
	n.user = "bob"
	n.want(403, "Authorization_RequestDenied", "POST", "/servicePrincipals/"+clientID+"/appRoleAssignments", assignment(clientID, reader))
}

func TestGetByIDs(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	alice, _ := n.directory.User("alice")
	a := n.want(200, "", "POST", "/directoryObjects/getByIds", `{"ids":["`+alice.ID+`","de7e0000-0000-4000-8000-0000000000c1","nobody"],"types":["user","servicePrincipal"]}`)
	if list, _ := a.body["value"].([]any); len(list) != 2 || !strings.Contains(a.raw, `"@odata.type":"#microsoft.graph.user"`) {
		t.Errorf("got %s", a.raw)
	}
	n.want(400, "Request_BadRequest", "POST", "/directoryObjects/getByIds", `{"ids":[]}`)
}

// Clients don't agree on the case of segments: the Azure CLI deletes an oAuth2PermissionGrant.
func TestCaseOfSegments(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	n.want(200, "", "GET", "/ME", "")
	n.want(200, "", "GET", "/serviceprincipals(appId='00000003-0000-0000-c000-000000000000')/AppRoleAssignedTo", "")
	n.want(404, "Request_ResourceNotFound", "DELETE", "/oAuth2PermissionGrants/nobody", "")
	n.want(404, "Request_ResourceNotFound", "GET", "/applications(uniqueName='Me')", "") // a key is no segment
}
