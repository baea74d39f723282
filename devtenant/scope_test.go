package devtenant_test

import (
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// The scope member of answers, as in recordings: what was granted, .default last, OpenID Connect's own only where the
// token is for Graph.
func TestScopeInAnswers(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	if err := tenant.Directory().Consent(api, "00000003-0000-0000-c000-000000000000", "", []string{"User.Read", "openid", "profile"}); err != nil {
		t.Fatal(err)
	}
	const core = "https://management.core.windows.net//"
	for _, test := range []struct{ name, asked, want string }{
		{"everything of Resource Manager", core + ".default", core + "user_impersonation " + core + ".default"},
		{"one permission", armScope, armScope},
		{"with OpenID Connect's", "openid profile offline_access " + armScope, armScope},
		{"OpenID Connect's alone", "openid profile offline_access", "User.Read openid profile"},
		{"Graph, by its name", "https://graph.microsoft.com/User.Read openid", "https://graph.microsoft.com/User.Read openid profile"},
		{"Graph, without it", "User.Read openid", "User.Read openid profile"},
		{"everything of Graph", "https://graph.microsoft.com/.default", "https://graph.microsoft.com/User.Read openid profile https://graph.microsoft.com/.default"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := postToken(t, tenant, exchange(tenant.AccessToken("alice"), map[string]string{"scope": test.asked})); got.Scope != test.want {
				t.Errorf("scope %q, want %q (%s)", got.Scope, test.want, got.Description)
			}
		})
	}
}
