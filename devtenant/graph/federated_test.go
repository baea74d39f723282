package graph_test

import (
	"fmt"
	"net/http"
	"testing"
)

const federatedBody = `{"name":"%s","issuer":"https://issuer.example","subject":"%s","audiences":["api://AzureADTokenExchange"]}`

func TestFederatedIdentityCredentials(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	app, ok := n.directory.ApplicationByAppID("de7e0000-0000-4000-8000-0000000000a2")
	if !ok {
		t.Fatal("no API")
	}
	path := "/applications/" + app.ID + "/federatedIdentityCredentials"

	created := n.call(http.MethodPost, path, fmt.Sprintf(federatedBody, "github-main", "repo:contoso/sample:ref:refs/heads/main"))
	if created.status != http.StatusCreated || created.body["name"] != "github-main" || created.body["id"] == "" {
		t.Fatalf("create: %d %s", created.status, created.raw)
	}
	id, _ := created.body["id"].(string)
	byAppID := n.call(http.MethodGet, "/applications(appId='"+app.AppID+"')/federatedIdentityCredentials", "")
	if list, _ := byAppID.body["value"].([]any); byAppID.status != http.StatusOK || len(list) != 1 {
		t.Errorf("list: %d %s", byAppID.status, byAppID.raw)
	}
	if got := n.call(http.MethodPatch, path+"/"+id, `{"subject":"repo:contoso/sample:environment:production","description":"deploys"}`); got.status != http.StatusNoContent {
		t.Errorf("patch: %d %s", got.status, got.raw)
	}
	if got := n.call(http.MethodGet, path+"/github-main", ""); got.body["subject"] != "repo:contoso/sample:environment:production" || got.body["issuer"] != "https://issuer.example" {
		t.Errorf("get by name: %s", got.raw)
	}

	refusals := map[string]struct {
		method, path, body string
		want               int
	}{
		"the same name":              {http.MethodPost, path, fmt.Sprintf(federatedBody, "github-main", "other"), http.StatusConflict},
		"the same issuer, subject":   {http.MethodPost, path, fmt.Sprintf(federatedBody, "other", "repo:contoso/sample:environment:production"), http.StatusConflict},
		"a name that doesn't fit":    {http.MethodPost, path, fmt.Sprintf(federatedBody, "a b", "other"), http.StatusBadRequest},
		"no subject":                 {http.MethodPost, path, fmt.Sprintf(federatedBody, "other", ""), http.StatusBadRequest},
		"an issuer without https":    {http.MethodPost, path, `{"name":"other","issuer":"http://issuer.example","subject":"s","audiences":["a"]}`, http.StatusBadRequest},
		"two audiences":              {http.MethodPost, path, `{"name":"other","issuer":"https://issuer.example","subject":"s","audiences":["a","b"]}`, http.StatusBadRequest},
		"renaming":                   {http.MethodPatch, path + "/" + id, `{"name":"other"}`, http.StatusBadRequest},
		"one that isn't there":       {http.MethodGet, path + "/other", "", http.StatusNotFound},
		"an application of nobody's": {http.MethodGet, "/applications/other/federatedIdentityCredentials", "", http.StatusNotFound},
	}
	for name, refusal := range refusals {
		if got := n.call(refusal.method, refusal.path, refusal.body); got.status != refusal.want {
			t.Errorf("%s: %d, want %d: %s", name, got.status, refusal.want, got.raw)
		}
	}
	n.user = "bob" // neither owner nor administrator
	if got := n.call(http.MethodDelete, path+"/"+id, ""); got.status != http.StatusForbidden {
		t.Errorf("bob may delete: %d", got.status)
	}
	n.user = "alice"

	for i := 1; i < 20; i++ {
		if got := n.call(http.MethodPost, path, fmt.Sprintf(federatedBody, fmt.Sprintf("more-%d", i), fmt.Sprintf("s%d", i))); got.status != http.StatusCreated {
			t.Fatalf("credential %d: %s", i+1, got.raw)
		}
	}
	if got := n.call(http.MethodPost, path, fmt.Sprintf(federatedBody, "too-many", "s")); got.status != http.StatusBadRequest {
		t.Errorf("credential 21: %d", got.status)
	}
	if got := n.call(http.MethodDelete, path+"/"+id, ""); got.status != http.StatusNoContent {
		t.Errorf("delete: %d", got.status)
	}
	if got := n.call(http.MethodGet, path+"/"+id, ""); got.status != http.StatusNotFound {
		t.Errorf("after delete: %d", got.status)
	}
}
