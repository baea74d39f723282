package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
)

// TestTwoTenants: twenty users in each of two organizations, of whom two and two have the same object ID, and 2,000 requests through
// both tiers, many at once. Nobody sees another, and no token goes to the other tenant's endpoint. A cache by oid alone gives each pair
// the list of whoever came first.
//
// It does not run beside the others: with two crowds at once a slow machine answers some with 504.
func TestTwoTenants(t *testing.T) {
	const usersEach, requests = 20, 2000
	contoso, fabrikam := directory.Default(), directory.Fabrikam()
	var names []string
	for i := 1; i <= usersEach; i++ {
		objectID := uuid.NewString()
		for name, d := range map[string]*directory.Directory{fmt.Sprintf("contoso%02d", i): contoso, fmt.Sprintf("fabrikam%02d", i): fabrikam} {
			addPerson(t, d, objectID, name)
			names = append(names, name)
		}
	}
	s := start(t, func(o *stack.Options) {
		o.Tenant = func(options *devtenant.Options) {
			options.Directory, options.Others, options.MultiTenant = contoso, []*directory.Directory{fabrikam}, true
		}
	})
	sample := contoso.Sample()
	for _, tenant := range s.Tenant.Tenants() {
		if err := tenant.GrantAdminConsent(sample.WebUI.AppID); err != nil {
			t.Fatal(err)
		}
	}
	agents := map[string]*devtenant.UserAgent{}
	for _, name := range names {
		agents[name], _ = signIn(t, s, name)
		home := contoso
		if strings.HasPrefix(name, "fabrikam") {
			home = fabrikam
		}
		exchangedAt(t, s.Tenant, name, home.TenantID())
	}
	askAtOnce(t, s, agents, requests)
	if got := s.Tenant.Count("token:on_behalf_of"); got != len(names) {
		t.Errorf("%d exchanges for %d users", got, len(names))
	}
}

// exchangedAt checks that the one exchange for a user was at a tenant's own endpoint.
func exchangedAt(t *testing.T, tenant *devtenant.Tenant, user, tenantID string) {
	t.Helper()
	exchanges := 0
	for _, request := range tenant.Requests() {
		if request.Endpoint != "token:on_behalf_of" || request.User != user {
			continue
		}
		exchanges++
		if request.Status != 200 || !strings.HasPrefix(request.Path, "/"+tenantID+"/") {
			t.Errorf("%s: %s answered %d", user, request.Path, request.Status)
		}
	}
	if exchanges != 1 {
		t.Errorf("%s: %d exchanges", user, exchanges)
	}
}
