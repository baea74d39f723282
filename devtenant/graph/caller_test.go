package graph_test

import (
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/graph"
)

func TestWhoMay(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	app := `{"displayName":"first"}`
	tests := []struct {
		token, method, path, body string
		status                    int
	}{
		{"alice", "GET", "/me", "", 200},
		{"alice:User.Read", "GET", "/me", "", 200},
		{"alice:User.Read", "GET", "/organization", "", 200},
		{"alice:User.Read", "GET", "/applications", "", 403},
		{"alice:Application.Read.All", "POST", "/applications", app, 403},
		{"bob", "POST", "/applications", app, 201},
		{"frank", "POST", "/applications", app, 403}, // a guest
		{"bob", "POST", "/oauth2PermissionGrants", `{}`, 403},
		{"bob", "GET", "/directory/deletedItems/microsoft.graph.application", "", 403},
		{"alice:Application.ReadWrite.All", "POST", "/oauth2PermissionGrants", `{}`, 403},
		{"app:Application.ReadWrite.All", "POST", "/applications", app, 201},
		{"app:Application.ReadWrite.All", "GET", "/me", "", 400},
		{"app:Application.Read.All", "POST", "/applications", app, 403},
		{"forged", "GET", "/me", "", 401},
		{"arm", "GET", "/me", "", 401},
		{"nobody", "GET", "/me", "", 401},
		{"", "GET", "/me", "", 401},
		{"alice", "GET", "/groups", "", 400},
		{"alice", "PUT", "/applications", "", 400},
	}
	for _, test := range tests {
		n.user = test.token
		a := n.call(test.method, test.path, test.body)
		if a.status != test.status {
			t.Errorf("%s: %s %s: %d, want %d\n%s", test.token, test.method, test.path, a.status, test.status, a.raw)
		}
		if (a.status == 401) != (a.header.Get("WWW-Authenticate") != "") {
			t.Errorf("%s: WWW-Authenticate is %q", test.token, a.header.Get("WWW-Authenticate"))
		}
		inner, _ := a.body["error"].(map[string]any)
		if a.status >= 400 && (inner["innerError"] == nil || a.header.Get("request-id") == "") {
			t.Errorf("%s: the error is %s", test.token, a.raw)
		}
	}
	strict := newTenant(t, func(o *graph.Options) { o.UsersMayNotRegister = true })
	strict.user = "bob"
	strict.want(403, "Authorization_RequestDenied", "POST", "/applications", app)
	strict.user = "alice"
	strict.want(201, "", "POST", "/applications", app)
}
