package graph_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/graph"
)

// tenant is a directory with Graph on it. Tokens are short names of users, with all of Graph's permissions that matter
// here; "name:scopes" has just those, and "app:roles" is an application's own.
type tenant struct {
	t         *testing.T
	directory *directory.Directory
	handler   http.Handler
	user      string
}

func newTenant(t *testing.T, options ...func(*graph.Options)) *tenant {
	t.Helper()
	d := directory.Default()
	o := graph.Options{Directory: d, Verify: func(token string) (graph.Claims, error) {
		name, scopes, limited := strings.Cut(token, ":")
		claims := graph.Claims{Audience: "https://graph.microsoft.com", Scopes: []string{"Application.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All"}}
		if limited {
			claims.Scopes = strings.Fields(scopes)
		}
		switch name {
		case "forged":
			return claims, errors.New("the signature is wrong")
		case "app":
			claims.Roles, claims.Scopes = claims.Scopes, nil
		case "arm":
			claims.Audience = "https://management.azure.com/"
			name = "alice"
		}
		user, _ := d.User(name)
		claims.ObjectID = user.ID
		return claims, nil
	}}
	for _, option := range options {
		option(&o)
	}
	handler, err := graph.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return &tenant{t: t, directory: d, handler: handler, user: "alice"}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   map[string]any
	raw    string
}

// code and message are an error's.
func (a answer) code() string { return a.error("code") }

func (a answer) error(name string) string {
	object, _ := a.body["error"].(map[string]any)
	text, _ := object[name].(string)
	return text
}

func (n *tenant) call(method, path, body string, header ...string) answer {
	n.t.Helper()
	request := httptest.NewRequestWithContext(n.t.Context(), method, "https://graph.test/v1.0"+path, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+n.user)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	n.handler.ServeHTTP(recorder, request)
	a := answer{status: recorder.Code, header: recorder.Header(), raw: recorder.Body.String()}
	if recorder.Body.Len() > 0 {
		if err := json.NewDecoder(bytes.NewReader(recorder.Body.Bytes())).Decode(&a.body); err != nil {
			n.t.Fatalf("%s %s: %v\n%s", method, path, err, recorder.Body)
		}
	}
	return a
}

// want calls and looks at the status and an error's code.
func (n *tenant) want(status int, code, method, path, body string, header ...string) answer {
	n.t.Helper()
	a := n.call(method, path, body, header...)
	if a.status != status || a.code() != code {
		n.t.Errorf("%s %s: %d %q, want %d %q\n%s", method, path, a.status, a.code(), status, code, a.raw)
	}
	return a
}

func (n *tenant) created(path, body string) (id, appID string) {
	n.t.Helper()
	a := n.want(http.StatusCreated, "", http.MethodPost, path, body)
	id, _ = a.body["id"].(string)
	appID, _ = a.body["appId"].(string)
	if !strings.HasSuffix(a.header.Get("Location"), "/v1.0"+path+"/"+id) {
		n.t.Errorf("Location is %q", a.header.Get("Location"))
	}
	return id, appID
}

func TestApplications(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	id, appID := n.created("/applications", `{"displayName":"first","tags":["mine"],"api":{"requestedAccessTokenVersion":2}}`)
	for _, path := range []string{"/applications/" + id, "/applications(appId='" + appID + "')"} {
		a := n.want(200, "", "GET", path, "")
		if a.body["displayName"] != "first" || a.header.Get("request-id") == "" || a.header.Get("client-request-id") == "" {
			t.Errorf("%s: %s %v", path, a.raw, a.header)
		}
	}
	selected := n.want(200, "", "GET", "/applications/"+id+"?$select=id,tags", "")
	if len(selected.body) != 3 { // and @odata.context
		t.Errorf("$select gives %s", selected.raw)
	}
	n.want(204, "", "PATCH", "/applications/"+id, `{"displayName":"second","api":{"knownClientApplications":["`+appID+`"]}}`)
	app, _ := n.directory.Application(id)
	if app.DisplayName != "second" || app.AccessTokenVersion() != 2 || len(app.API.KnownClientApplications) != 1 || len(app.Tags) != 1 {
		t.Errorf("a PATCH changed more than it says: %+v", app)
	}
	for filter, want := range map[string]int{
		"tags/any(t:t%20eq%20'mine')":          1,
		"tags/any(x:x%20eq%20'other')":         0,
		"displayName%20eq%20'second'":          1,
		"appId%20eq%20'" + appID + "'":         1,
		"displayName%20eq%20'it''s%20another'": 0,
	} {
		a := n.want(200, "", "GET", "/applications?$filter="+filter, "")
		if list, _ := a.body["value"].([]any); len(list) != want {
			t.Errorf("%s gives %d", filter, len(list))
		}
	}
	n.want(400, "Request_UnsupportedQuery", "GET", "/applications?$filter=endswith(displayName,'s')", "")
	n.want(204, "", "DELETE", "/applications/"+id, "")
	n.want(404, "Request_ResourceNotFound", "GET", "/applications/"+id, "")
	n.want(404, "Request_ResourceNotFound", "DELETE", "/applications/"+id, "")
}

func TestUpsert(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	const path = "/applications(uniqueName='it''s-mine')"
	n.want(404, "Request_ResourceNotFound", "PATCH", path, `{"displayName":"one"}`)
	a := n.want(201, "", "PATCH", path, `{"displayName":"one"}`, "Prefer", "create-if-missing")
	if a.body["uniqueName"] != "it's-mine" {
		t.Errorf("the unique name is %v", a.body["uniqueName"])
	}
	n.want(204, "", "PATCH", path, `{"displayName":"two"}`, "Prefer", "create-if-missing")
	n.want(200, "", "GET", path, "")
	id, _ := a.body["id"].(string)
	n.want(204, "", "DELETE", "/applications/"+id, "")
	refused := n.want(400, "Request_BadRequest", "PATCH", path, `{"displayName":"three"}`, "Prefer", "create-if-missing")
	if !strings.Contains(refused.error("message"), "uniqueName already exists") {
		t.Errorf("the bin doesn't hold the name: %s", refused.raw)
	}
	restored := n.want(200, "", "POST", "/directory/deletedItems/"+id+"/restore", "")
	if restored.body["displayName"] != "two" {
		t.Errorf("restored is %s", restored.raw)
	}
	n.want(204, "", "DELETE", "/applications/"+id, "")
	n.want(204, "", "DELETE", "/directory/deletedItems/"+id, "")
	n.want(404, "Request_ResourceNotFound", "DELETE", "/directory/deletedItems/"+id, "")
	n.want(201, "", "PATCH", path, `{"displayName":"four"}`, "Prefer", "create-if-missing")
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	id, appID := n.created("/applications", `{"displayName":"first"}`)
	added := n.want(200, "", "POST", "/applications/"+id+"/addPassword", `{"passwordCredential":{"displayName":"laptop","endDateTime":"2099-01-01T00:00:00Z"}}`)
	secret, _ := added.body["secretText"].(string)
	if added.body["hint"] != secret[:3] || added.body["endDateTime"] != "2099-01-01T00:00:00Z" || n.directory.CheckSecret(appID, secret) != nil {
		t.Errorf("the secret doesn't serve: %s", added.raw)
	}
	for _, path := range []string{"/applications/" + id, "/applications", "/applications/" + id + "?$select=passwordCredentials"} {
		if a := n.want(200, "", "GET", path, ""); strings.Contains(a.raw, secret) {
			t.Errorf("%s shows the secret", path)
		}
	}
	n.want(400, "Request_BadRequest", "POST", "/applications/"+id+"/addPassword", `{"passwordCredential":{"endDateTime":"2020-01-01T00:00:00Z"}}`)
	keyID, _ := added.body["keyId"].(string)
	n.want(204, "", "POST", "/applications/"+id+"/removePassword", `{"keyId":"`+keyID+`"}`)
	n.want(400, "Request_BadRequest", "POST", "/applications/"+id+"/removePassword", `{"keyId":"`+keyID+`"}`)
	if n.directory.CheckSecret(appID, secret) == nil {
		t.Error("a removed secret still serves")
	}
}

func TestServicePrincipalsAndConsent(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	_, appID := n.created("/applications", `{"displayName":"first"}`)
	spID, _ := n.created("/servicePrincipals", `{"appId":"`+appID+`"}`)
	n.want(409, "Request_MultipleObjectsWithSameKeyValue", "POST", "/servicePrincipals", `{"appId":"`+appID+`"}`)
	n.want(400, "NoBackingApplicationObject", "POST", "/servicePrincipals", `{"appId":"aaaaaaaa-0000-4000-8000-000000000009"}`)
	n.want(204, "", "PATCH", "/servicePrincipals/"+spID, `{"accountEnabled":false}`)
	if a := n.want(200, "", "GET", "/servicePrincipals(appId='"+appID+"')", ""); a.body["accountEnabled"] != false {
		t.Errorf("it is still enabled: %s", a.raw)
	}
	graphSP := n.want(200, "", "GET", "/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')", "")
	resource, _ := graphSP.body["id"].(string)
	grant := `{"clientId":"` + spID + `","consentType":"AllPrincipals","principalId":null,"resourceId":"` + resource + `","scope":"openid"}`
	grantID, _ := n.created("/oauth2PermissionGrants", grant)
	n.want(409, "Request_MultipleObjectsWithSameKeyValue", "POST", "/oauth2PermissionGrants", grant)
	n.want(404, "Request_ResourceNotFound", "POST", "/oauth2PermissionGrants", strings.Replace(grant, spID, "aaaaaaaa-0000-4000-8000-000000000009", 1))
	n.want(400, "Request_BadRequest", "POST", "/oauth2PermissionGrants", strings.Replace(grant, "AllPrincipals", "Everybody", 1))
	n.want(204, "", "PATCH", "/oauth2PermissionGrants/"+grantID, `{"scope":"openid profile"}`)
	for _, path := range []string{"/servicePrincipals/" + spID + "/oauth2PermissionGrants", "/oauth2PermissionGrants?$filter=clientId%20eq%20'" + spID + "'"} {
		if a := n.want(200, "", "GET", path, ""); !strings.Contains(a.raw, "openid profile") || strings.Count(a.raw, "consentType") != 1 {
			t.Errorf("%s: %s", path, a.raw)
		}
	}
	n.want(204, "", "DELETE", "/oauth2PermissionGrants/"+grantID, "")
	n.want(404, "Request_ResourceNotFound", "GET", "/oauth2PermissionGrants/"+grantID, "")
	n.want(204, "", "DELETE", "/servicePrincipals/"+spID, "")
	if a := n.want(200, "", "GET", "/directory/deletedItems/microsoft.graph.servicePrincipal", ""); !strings.Contains(a.raw, spID) {
		t.Errorf("it isn't in the bin: %s", a.raw)
	}
	n.want(204, "", "DELETE", "/directory/deletedItems/"+spID, "")
}

func TestOwners(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	n.user = "bob"
	id, _ := n.created("/applications", `{"displayName":"bob's"}`)
	bob, _ := n.directory.User("bob")
	dave, _ := n.directory.User("dave")
	if a := n.want(200, "", "GET", "/applications/"+id+"/owners", ""); !strings.Contains(a.raw, bob.ID) || strings.Contains(a.raw, "devtenant\":") {
		t.Errorf("the owners are %s", a.raw)
	}
	link := `{"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/` + dave.ID + `"}`
	n.user = "dave"
	n.want(403, "Authorization_RequestDenied", "PATCH", "/applications/"+id, `{"displayName":"dave's"}`)
	n.want(403, "Authorization_RequestDenied", "POST", "/applications/"+id+"/owners/$ref", link)
	n.user = "bob"
	n.want(204, "", "POST", "/applications/"+id+"/owners/$ref", link)
	n.want(400, "Request_BadRequest", "POST", "/applications/"+id+"/owners/$ref", link)
	n.want(404, "Request_ResourceNotFound", "POST", "/applications/"+id+"/owners/$ref", `{"@odata.id":"x/nobody"}`)
	n.user = "dave"
	n.want(204, "", "PATCH", "/applications/"+id, `{"displayName":"dave's"}`)
	n.want(204, "", "DELETE", "/applications/"+id+"/owners/"+bob.ID+"/$ref", "")
	n.want(404, "Request_ResourceNotFound", "DELETE", "/applications/"+id+"/owners/"+bob.ID+"/$ref", "")
}

func TestPaging(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	for range 5 {
		n.created("/applications", `{"displayName":"one of many"}`)
	}
	seen, path := 0, "/applications?$top=2&$filter=displayName%20eq%20'one%20of%20many'"
	for path != "" {
		a := n.want(200, "", "GET", path, "")
		list, _ := a.body["value"].([]any)
		seen += len(list)
		next, _ := a.body["@odata.nextLink"].(string)
		path = strings.TrimPrefix(next, "https://graph.test/v1.0")
	}
	if seen != 5 {
		t.Errorf("%d came in all pages", seen)
	}
}
