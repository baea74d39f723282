package devtenant

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// permissionGroup is what one application would be allowed at one API.
type permissionGroup struct {
	Client   directory.ServicePrincipal
	Resource directory.ServicePrincipal
	Scopes   []directory.PermissionScope
}

// consentPage asks for all of it at once.
type consentPage struct {
	pageData
	Client          directory.Application
	User            directory.User
	Groups          []permissionGroup
	Carried         carriedRequest
	ForOrganization bool // the user may consent for everyone
	NeedsAdmin      bool // the user may not consent to this
	AdminConsent    bool // it is for everyone, whatever the user says
}

// decideConsent asks for consent where some is missing, and finishes the request where none is.
func (t *Tenant) decideConsent(w http.ResponseWriter, r *http.Request, request authorizeRequest, s session, user directory.User) {
	groups, missing := t.permissions(request, user)
	if !missing && !request.prompts("consent") {
		t.finish(w, r, request, s, user)
		return
	}
	if request.prompts("none") {
		// OpenID Connect Core section 3.1.2.6 has a name of its own for it where no page may be shown.
		t.redirectRefusal(w, r, request, refuse(65001).as("consent_required"))
		return
	}
	page := consentPage{
		pageData: t.pageData("Permissions requested"), Client: request.client, User: user, Groups: groups,
		Carried: request.carried(), ForOrganization: user.MayConsent("Admin"), NeedsAdmin: !mayConsent(user, groups) || request.admin && !user.MayConsent("Admin"),
		AdminConsent: request.admin,
	}
	if page.NeedsAdmin {
		callOf(r).aadsts = 90094
	}
	t.show(w, r, http.StatusOK, "consent.html", page, request.redirectURI)
}

// consent is POST /{tenant}/consent: accepted or declined.
func (t *Tenant) consent(w http.ResponseWriter, r *http.Request) {
	request, ok := t.readCarriedRequest(w, r)
	if !ok {
		return
	}
	_, user, signedIn := t.session(r)
	if !signedIn {
		http.Redirect(w, r, t.again(request), http.StatusSeeOther) // signed out in another tab
		return
	}
	callOf(r).user = user.MailNickname
	groups, _ := t.permissions(request, user)
	switch {
	case !mayConsent(user, groups) || request.admin && !user.MayConsent("Admin"):
		t.redirectRefusal(w, r, request, refuse(90094).as("consent_required"))
		return
	case r.PostForm.Get("decision") != "accept":
		t.redirectRefusal(w, r, request, refuse(65004))
		return
	}
	principal := user.ID
	if (request.admin || r.PostForm.Get("organization") == "on") && user.MayConsent("Admin") {
		principal = ""
	}
	for _, group := range groups {
		values := []string{}
		for _, scope := range group.Scopes {
			values = append(values, scope.Value)
		}
		if err := t.provision(group); err != nil {
			t.errorPage(w, r, refuse(700016, "tenant", t.dir.DisplayName()))
			return
		}
		if err := t.dir.Consent(group.Client.AppID, group.Resource.AppID, principal, values); err != nil {
			t.errorPage(w, r, refuse(700016, "tenant", t.dir.DisplayName())) // deleted while the page was open
			return
		}
	}
	http.Redirect(w, r, t.again(request, "consent"), http.StatusSeeOther)
}

// provision lets a client and an API of another tenant into this one.
func (t *Tenant) provision(group permissionGroup) error {
	for _, sp := range []directory.ServicePrincipal{group.Client, group.Resource} {
		if _, err := t.dir.Provision(sp.AppID); err != nil {
			return err
		}
	}
	return nil
}

// permissions lists what a request would have the user allow, and says whether any of it is missing. With /.default
// that is what the registrations say: the client's own list, and, if the API counts the client among its
// knownClientApplications, what the API needs downstream. That is the only moment at which a user can consent to the
// latter: the API has no page.
func (t *Tenant) permissions(request authorizeRequest, user directory.User) ([]permissionGroup, bool) {
	client := request.client
	list := permissionList{tenant: t, user: user}
	if _, there := t.dir.ServicePrincipalByAppID(client.AppID); !there {
		list.missing = true // the first consent of the tenant
	}
	for _, resource := range request.scopes.resources {
		if !resource.allConfigured {
			list.add(client.AppID, resource.api, resource.values)
			continue
		}
		required := t.requiredScopes(client, resource.api)
		if len(t.dir.GrantedScopes(client.AppID, resource.api.AppID, user.ID)) > 0 && !request.prompts("consent") {
			required = nil // with any consent to an API, /.default asks for no more of it
		}
		list.add(client.AppID, resource.api, required)
		api, own := t.dir.Registration(resource.api.AppID)
		if own && slices.Contains(api.API.KnownClientApplications, client.AppID) {
			for _, access := range api.RequiredResourceAccess {
				if downstream, ok := t.dir.ServicePrincipalByAppID(access.ResourceAppID); ok {
					list.add(api.AppID, downstream, t.requiredScopes(api, downstream))
				}
			}
		}
	}
	if graph, ok := t.dir.ServicePrincipalByAppID(directory.GraphAppID); ok && (list.missing || request.prompts("consent")) {
		// OpenID Connect's own scopes never bring the page up by themselves, but are on it.
		list.add(client.AppID, graph, request.scopes.openID)
	}
	slices.SortStableFunc(list.groups, func(a, b permissionGroup) int { // the client's own first, then the API's
		return cmp.Compare(position(a, client), position(b, client))
	})
	return list.groups, list.missing
}

func position(group permissionGroup, client directory.Application) int {
	if group.Client.AppID == client.AppID {
		return 0
	}
	return 1
}

type permissionList struct {
	tenant  *Tenant
	user    directory.User
	groups  []permissionGroup
	missing bool
}

// add puts scopes on the list, all of them, and notes whether one has no consent yet.
func (l *permissionList) add(clientAppID string, resource directory.ServicePrincipal, values []string) {
	client, ok := l.tenant.dir.ServicePrincipalByAppID(clientAppID)
	if !ok {
		client, ok = l.tenant.dir.Prospect(clientAppID)
	}
	if !ok || len(values) == 0 {
		return
	}
	granted := l.tenant.dir.GrantedScopes(clientAppID, resource.AppID, l.user.ID)
	group := permissionGroup{Client: client, Resource: resource}
	for _, scope := range resource.OAuth2PermissionScopes {
		if !slices.Contains(values, scope.Value) {
			continue
		}
		group.Scopes = append(group.Scopes, scope)
		if !slices.Contains(granted, scope.Value) && !slices.Contains(openIDScopes, scope.Value) {
			l.missing = true
		}
	}
	if len(group.Scopes) > 0 {
		l.groups = append(l.groups, group)
	}
}

// requiredScopes are the delegated permissions of an API that an application's registration lists. Microsoft's own clients
// list none of this tenant's APIs: they ask for all that one offers.
func (t *Tenant) requiredScopes(a directory.Application, api directory.ServicePrincipal) []string {
	var values []string
	if directory.MicrosoftClient(a.AppID) && api.AppOwnerOrganizationID == t.dir.TenantID() {
		for _, scope := range api.OAuth2PermissionScopes {
			if scope.IsEnabled {
				values = append(values, scope.Value)
			}
		}
	}
	for _, access := range a.RequiredResourceAccess {
		if access.ResourceAppID != api.AppID {
			continue
		}
		for _, wanted := range access.ResourceAccess {
			for _, scope := range api.OAuth2PermissionScopes {
				if wanted.Type == "Scope" && wanted.ID == scope.ID {
					values = append(values, scope.Value)
				}
			}
		}
	}
	return values
}

func mayConsent(user directory.User, groups []permissionGroup) bool {
	for _, group := range groups {
		for _, scope := range group.Scopes {
			if !user.MayConsent(scope.Type) {
				return false
			}
		}
	}
	return true
}
