package devtenant_test

import (
	"io"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// Where an application wants its users to be assigned to it, who isn't sees a page at sign-in, and 50105 at the exchange.
func TestAssignmentRequired(t *testing.T) {
	t.Parallel()
	for name, appID := range map[string]string{"the web UI": webUI, "the API": api} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := devtenant.Start(t)
			principal, _ := tenant.Directory().ServicePrincipalByAppID(appID)
			if _, err := tenant.Directory().UpdateServicePrincipal(principal.ID, func(sp *directory.ServicePrincipal) error {
				sp.AppRoleAssignmentRequired = true
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			alice, _ := tenant.Directory().User("alice")
			signIn := func(user string) string {
				response, err := browser(tenant).SignIn(t.Context(), authorizeURL(tenant, nil), user)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(response.Body)
				if err != nil {
					t.Fatal(err)
				}
				return string(body)
			}
			if page := signIn("alice"); appID == webUI && !strings.Contains(page, "AADSTS50105") {
				t.Errorf("the page is %s", page)
			}
			if appID == api { // the web UI's users may all sign in, and get no token for the API
				refused(t, postToken(t, tenant, redeem(code(t, tenant, "alice", nil), nil)), 50105)
			}
			if _, err := tenant.Directory().AssignAppRole(directory.AppRoleAssignment{PrincipalID: alice.ID, ResourceID: principal.ID, AppRoleID: directory.NoAppRole}); err != nil {
				t.Fatal(err)
			}
			if got := postToken(t, tenant, redeem(code(t, tenant, "alice", nil), nil)); got.AccessToken == "" {
				t.Errorf("an assigned user: %s", got.Description)
			}
		})
	}
}
