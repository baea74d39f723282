package devtenant

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// adminResponseType marks an authorization request that ends with an organization's consent, not with a code.
const adminResponseType = "admin_consent"

// adminConsent is GET /{tenant}/v2.0/adminconsent and GET /{tenant}/adminconsent ("Admin consent on the Microsoft identity
// platform"): an administrator lets an application in for everybody. The portal's link is the second one, with nothing but
// client_id, and is answered at the first redirect URI, without a state. Without scope it is everything that the
// application's registration lists. The rest is an ordinary authorization request.
func (t *Tenant) adminConsent(w http.ResponseWriter, r *http.Request) {
	query := url.Values{"response_type": {adminResponseType}, "prompt": {"select_account consent"}}
	for _, name := range []string{"client_id", "redirect_uri", "state", "scope"} {
		if value := r.URL.Query().Get(name); value != "" {
			query.Set(name, value)
		}
	}
	client, ok := t.dir.Registration(query.Get("client_id"))
	if ok && query.Get("redirect_uri") == "" && len(client.Web.RedirectURIs) > 0 {
		query.Set("redirect_uri", client.Web.RedirectURIs[0])
	}
	if query.Get("scope") == "" {
		query.Set("scope", t.everythingOf(client))
	}
	http.Redirect(w, r, "/"+r.PathValue("tenant")+"/oauth2/v2.0/authorize?"+query.Encode(), http.StatusSeeOther)
}

// everythingOf is the scope that asks for all APIs that an application's registration lists.
func (t *Tenant) everythingOf(client directory.Application) string {
	scopes := []string{"openid", "profile", "offline_access"}
	for _, access := range client.RequiredResourceAccess {
		if access.ResourceAppID != directory.GraphAppID {
			scopes = append(scopes, access.ResourceAppID+"/.default")
		}
	}
	return strings.Join(scopes, " ")
}

// finishAdminConsent tells the application that it has been let in, and where.
func (t *Tenant) finishAdminConsent(w http.ResponseWriter, r *http.Request, request authorizeRequest) {
	if err := t.allowEverything(request.client); err != nil { // what a user's consent has no place for: app roles
		t.errorPage(w, r, refuse(700016, "tenant", t.dir.DisplayName()))
		return
	}
	t.respond(w, r, request, url.Values{
		"admin_consent": {"True"}, "tenant": {t.dir.TenantID()}, "scope": {request.values.Get("scope")},
	})
}

// GrantAdminConsent lets an application (by its client id) into the tenant as an administrator does at /adminconsent: it
// gets a service principal, and so do the APIs that it needs, and everybody is spared the question.
func (t *Tenant) GrantAdminConsent(appID string) error {
	client, ok := t.dir.Registration(appID)
	if !ok {
		return fmt.Errorf("application %s, in this tenant or for several organizations: %w", appID, directory.ErrNotFound)
	}
	return t.allowEverything(client)
}

// allowEverything records an administrator's consent to every permission that an application lists, app roles included, and,
// where an API counts it among its known clients, to what that API needs itself.
func (t *Tenant) allowEverything(client directory.Application) error {
	principal, err := t.dir.Provision(client.AppID)
	if err != nil {
		return err
	}
	for _, access := range client.RequiredResourceAccess {
		resource, err := t.dir.Provision(access.ResourceAppID)
		if err != nil {
			return err
		}
		if scopes := t.requiredScopes(client, resource); len(scopes) > 0 {
			if err := t.dir.Consent(client.AppID, resource.AppID, "", scopes); err != nil {
				return err
			}
		}
		for _, wanted := range access.ResourceAccess {
			if wanted.Type == "Role" {
				// One that is there already is no mistake: whoever consents twice means the same.
				_, _ = t.dir.AssignAppRole(directory.AppRoleAssignment{PrincipalID: principal.ID, ResourceID: resource.ID, AppRoleID: wanted.ID})
			}
		}
		api, registered := t.dir.Registration(resource.AppID)
		if registered && slices.Contains(api.API.KnownClientApplications, client.AppID) {
			if err := t.allowEverything(api); err != nil {
				return err
			}
		}
	}
	return nil
}
