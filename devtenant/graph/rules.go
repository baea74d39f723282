package graph

import (
	"net/http"
	"slices"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// checkApplication is what Graph refuses of an application because of other objects. What it refuses of the object
// itself is in the directory's rules.
func (h *handler) checkApplication(r *http.Request, app directory.Application) error {
	if app.UniqueName != "" {
		// The bin holds the name for 30 days.
		for _, deleted := range h.Directory.DeletedApplications() {
			if deleted.UniqueName == app.UniqueName {
				return sameProperty("uniqueName")
			}
		}
	}
	for _, other := range h.Directory.Applications() {
		if other.ID == app.ID {
			continue
		}
		if app.UniqueName != "" && other.UniqueName == app.UniqueName {
			return sameProperty("uniqueName")
		}
		for _, uri := range app.IdentifierURIs {
			for _, taken := range other.IdentifierURIs {
				if strings.EqualFold(uri, taken) {
					return sameProperty("identifierUris")
				}
			}
		}
	}
	if app.AccessTokenVersion() != 2 && strings.HasSuffix(app.SignInAudience, "PersonalMicrosoftAccount") {
		return badRequest("Request_BadRequest", "api.requestedAccessTokenVersion has to be 2 where signInAudience includes personal accounts.")
	}
	for _, uri := range app.IdentifierURIs {
		if err := h.checkIdentifierURI(app, uri); err != nil {
			return err
		}
	}
	return h.checkClients(r, app.API)
}

// checkIdentifierURI holds to "Restrictions on identifier URIs": api:// with the client or the tenant id in it, or
// https on a verified domain.
func (h *handler) checkIdentifierURI(app directory.Application, uri string) error {
	rest, isAPI := strings.CutPrefix(strings.ToLower(uri), "api://")
	if isAPI && (strings.Contains(rest, h.Directory.TenantID()) || app.AppID != "" && strings.Contains(rest, app.AppID)) {
		return nil
	}
	if host, ok := strings.CutPrefix(uri, "https://"); ok {
		host, _, _ = strings.Cut(host, "/")
		if host == h.Directory.Domain() || strings.HasSuffix(host, "."+h.Directory.Domain()) {
			return nil
		}
	}
	return badRequest("HostNameNotOnVerifiedDomain",
		"Values of identifierUris property must use a verified domain of the organization or its subdomain: '%s'", uri)
}

// checkClients looks whether the clients that an API names exist, on the replica that this request landed on.
func (h *handler) checkClients(r *http.Request, api directory.APIApplication) error {
	for _, appID := range api.KnownClientApplications {
		if !h.clientExists(r, appID) {
			return badRequest("InvalidAppId", "Property KnownClientApplications references applications %s that cannot be found.", appID)
		}
	}
	for _, client := range api.PreAuthorizedApplications {
		if !h.clientExists(r, client.AppID) {
			return badRequest("InvalidAppId", "Property PreAuthorizedApplication references applications %s that cannot be found.", client.AppID)
		}
	}
	return nil
}

func (h *handler) clientExists(r *http.Request, appID string) bool {
	if app, ok := h.Directory.ApplicationByAppID(appID); ok {
		return !h.fresh.hides(r, app.ID)
	}
	_, ok := h.Directory.ServicePrincipalByAppID(appID) // Microsoft's own clients
	return ok
}

// checkEntitlements: a scope or role that is enabled may be in use; it can be deleted or renamed only once it is disabled.
func checkEntitlements(before, after directory.Application) error {
	type entitlement struct {
		id, value string
		enabled   bool
	}
	list := func(a directory.Application) (all []entitlement) {
		for _, scope := range a.API.OAuth2PermissionScopes {
			all = append(all, entitlement{scope.ID, scope.Value, scope.IsEnabled})
		}
		for _, role := range a.AppRoles {
			all = append(all, entitlement{role.ID, role.Value, role.IsEnabled})
		}
		return all
	}
	now := list(after)
	for _, old := range list(before) {
		if old.enabled && !slices.ContainsFunc(now, func(e entitlement) bool { return e.id == old.id && e.value == old.value }) {
			return badRequest("CannotDeleteOrUpdateEnabledEntitlement", "Permission (scope or role) cannot be deleted or updated unless disabled first.")
		}
	}
	return nil
}
