package devtenant_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// TestMeOnBehalfOf asks Graph for the profile with a token that the API got on behalf of the user: in Graph's default shape,
// until the user's sessions are revoked.
func TestMeOnBehalfOf(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	const capable = `{"access_token":{"xms_cc":{"values":["CP1"]}}}`
	got := postToken(t, tenant, exchange(tenant.AccessToken("alice"), map[string]string{"scope": "https://graph.microsoft.com/User.Read", "claims": capable}))
	if got.AccessToken == "" {
		t.Fatal(got.Description)
	}
	status, _, me := askGraph(t, tenant, got.AccessToken, "/me")
	for member := range strings.FieldsSeq("@odata.context businessPhones displayName givenName jobTitle mail mobilePhone officeLocation preferredLanguage surname userPrincipalName id") {
		if _, ok := me[member]; !ok {
			t.Errorf("/me has no %s", member)
		}
	}
	if status != 200 || len(me) != 12 || me["userPrincipalName"] != "alice@devtenant.example" {
		t.Errorf("%d %v", status, me)
	}
	if status, _, refused := askGraph(t, tenant, got.AccessToken, "/applications"); status != 403 || refused["code"] != "Authorization_RequestDenied" {
		t.Errorf("with User.Read alone: %d %v", status, refused)
	}

	if err := tenant.RevokeSessions("alice"); err != nil {
		t.Fatal(err)
	}
	status, header, refused := askGraph(t, tenant, got.AccessToken, "/me")
	challenge := header.Get("WWW-Authenticate")
	claims := regexp.MustCompile(`error="insufficient_claims", claims="([^"]+)"`).FindStringSubmatch(challenge)
	if status != 401 || refused["code"] != "InvalidAuthenticationToken" || claims == nil {
		t.Fatalf("after the revocation: %d %v %s", status, refused, challenge)
	}
	if raw, err := base64.StdEncoding.DecodeString(claims[1]); err != nil || !strings.Contains(string(raw), `"nbf":{"essential":true`) {
		t.Errorf("the claims are %s: %v", raw, err)
	}
}

// askGraph returns the status, the header, and the object or the error of an answer.
func askGraph(t *testing.T, tenant *devtenant.Tenant, token, path string) (int, http.Header, map[string]any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tenant.BackURL()+"/v1.0"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := tenant.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var body map[string]any
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	if refused, ok := body["error"].(map[string]any); ok {
		return response.StatusCode, response.Header, refused
	}
	return response.StatusCode, response.Header, body
}
