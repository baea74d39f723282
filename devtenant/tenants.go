package devtenant

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// consumers is the tenant of personal Microsoft accounts, the same everywhere. Nobody of it can sign in here.
const consumers = "9188040d-6c67-4c5b-b112-36a304b66dad"

// addTenants makes the other tenants of the options, beside the first.
func (t *Tenant) addTenants() {
	all := []*directory.Directory{t.dir}
	t.tenants = []*Tenant{t}
	for _, d := range t.options.Others {
		all = append(all, d)
		t.tenants = append(t.tenants, &Tenant{shared: t.shared, dir: d})
	}
	directory.Together(all...)
	for _, d := range all {
		d.SetClock(t.Now)
	}
}

// Tenants are all of the process, the first one first.
func (t *Tenant) Tenants() []*Tenant { return append([]*Tenant(nil), t.tenants...) }

// shown are the tenants that pages and lists show: this one alone, unless the sample is for several organizations.
func (t *Tenant) shown() []*Tenant {
	if t.options.MultiTenant {
		return t.tenants
	}
	return []*Tenant{t}
}

// In is the tenant of a name: its id, its domain, or the domain's first label, "fabrikam". It panics if there is none, with the domains
// that there are.
func (t *Tenant) In(name string) *Tenant {
	var domains []string
	for _, tenant := range t.tenants {
		domains = append(domains, tenant.dir.Domain())
		label, _, _ := strings.Cut(tenant.dir.Domain(), ".")
		if tenant.isCalled(name) || strings.EqualFold(label, name) {
			return tenant
		}
	}
	panic("devtenant: In: there is no tenant " + name + ", only " + strings.Join(domains, ", "))
}

// registerForOrganizations makes the sample's applications multi-tenant, where the options want that.
func (t *Tenant) registerForOrganizations() error {
	if !t.options.MultiTenant {
		return nil
	}
	for _, a := range t.dir.Applications() {
		_, err := t.dir.UpdateApplication(a.ID, func(a *directory.Application) error {
			a.SignInAudience = "AzureADMultipleOrgs"
			return nil
		})
		if err != nil {
			return fmt.Errorf("registering for several organizations: %w", err)
		}
	}
	return nil
}

// dispatch answers as the tenant that a request is about.
func (t *Tenant) dispatch(w http.ResponseWriter, r *http.Request) { t.about(r).routed.ServeHTTP(w, r) }

// about finds the tenant that a request is about: by its path, by its bearer token, or, where the path says /organizations,
// by whoever it is for. Without any of these it is the first.
func (t *Tenant) about(r *http.Request) *Tenant {
	first, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if multiTenant(first) {
		if tenant, ok := t.byCaller(r, rest); ok {
			return tenant
		}
		return t.tenants[0]
	}
	if tenant, ok := t.called(first); ok {
		return tenant
	}
	if tenant, ok := t.called(tenantOfToken(bearer(r))); ok {
		return tenant // the paths of Resource Manager, Graph and userinfo have no tenant
	}
	return t.tenants[0]
}

// called finds a tenant by its id or domain.
func (t *Tenant) called(name string) (*Tenant, bool) {
	for _, tenant := range t.tenants {
		if name != "" && tenant.isCalled(name) {
			return tenant, true
		}
	}
	return nil, false
}

// byCaller finds the tenant of whoever a request to /organizations is for: of the code or token that it carries, of the
// account that was picked, or of the browser's session.
func (t *Tenant) byCaller(r *http.Request, path string) (*Tenant, bool) {
	if r.Method == http.MethodPost {
		r.Body = http.MaxBytesReader(nil, r.Body, maxBody)
		_ = r.ParseForm() // what can't be read is refused by whoever handles the request
	}
	var code authorizationCode
	var refresh refreshToken
	device, waiting := t.devices.byCode(r.PostForm.Get("device_code"))
	switch {
	case t.seals.open(sealedCode, r.PostForm.Get("code"), &code) == nil:
		return t.called(code.Tenant)
	case t.seals.open(sealedRefreshToken, r.PostForm.Get("refresh_token"), &refresh) == nil:
		return t.called(refresh.Tenant)
	case waiting && device.Evidence != nil:
		return t.called(device.Evidence.Tenant)
	case path == "sign-in":
		tenant, _, ok := t.account(r.PostForm.Get("user"))
		return tenant, ok
	case path == "oauth2/v2.0/token":
		tenant, _, ok := t.account(r.PostForm.Get("username"))
		return tenant, ok
	}
	s, ok := t.readSession(r)
	if !ok {
		return nil, false
	}
	return t.called(s.Tenant)
}

// account finds somebody who is at home in one of the tenants, by any of their names.
func (t *Tenant) account(name string) (*Tenant, directory.User, bool) {
	for _, tenant := range t.tenants {
		if user, ok := tenant.dir.User(name); ok && !user.Guest() {
			return tenant, user, true
		}
	}
	return nil, directory.User{}, false
}

// local finds in this tenant the person who is called userID in another: a guest is one person with two accounts.
func (t *Tenant) local(tenantID, userID string) (directory.User, bool) {
	if tenantID == "" || strings.EqualFold(tenantID, t.dir.TenantID()) {
		return t.dir.User(userID)
	}
	home, id := tenantID, userID
	for _, tenant := range t.tenants {
		if user, ok := tenant.dir.User(userID); ok && user.Guest() && tenant.isCalled(tenantID) {
			home, id = user.Devtenant.HomeTenantID, user.Devtenant.HomeObjectID
		}
	}
	if strings.EqualFold(home, t.dir.TenantID()) {
		return t.dir.User(id)
	}
	for _, user := range t.dir.Users() {
		if user.Guest() && user.Devtenant.HomeTenantID == home && user.Devtenant.HomeObjectID == id {
			return user, true
		}
	}
	return directory.User{}, false
}

// isCalled says whether a name is this tenant's: its id or its domain.
func (t *Tenant) isCalled(name string) bool {
	return strings.EqualFold(name, t.dir.TenantID()) || strings.EqualFold(name, t.dir.Domain())
}

// tenantOfToken reads tid from a token that nobody has checked yet: it only says who is to check it.
func tenantOfToken(raw string) string {
	token, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return ""
	}
	var claims struct {
		TenantID string `json:"tid"`
	}
	if token.UnsafeClaimsWithoutVerification(&claims) != nil {
		return ""
	}
	return claims.TenantID
}
