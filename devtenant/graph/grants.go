package graph

import (
	"net/http"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// listGrants is GET /oauth2PermissionGrants: all consent of the tenant.
func (h *handler) listGrants(_ caller, r *http.Request) (answer, error) {
	matches, err := filter(r, "clientId", "resourceId", "principalId", "consentType")
	if err != nil {
		return answer{}, err
	}
	return h.pageGrants(r, matches)
}

// listGrantsOf is GET /servicePrincipals/{key}/oauth2PermissionGrants: what was granted to one client.
func (h *handler) listGrantsOf(_ caller, r *http.Request) (answer, error) {
	sp, err := h.servicePrincipal(r)
	if err != nil {
		return answer{}, err
	}
	return h.pageGrants(r, func(grant map[string]any) bool { return grant["clientId"] == sp.ID })
}

func (h *handler) pageGrants(r *http.Request, matches func(map[string]any) bool) (answer, error) {
	found := []map[string]any{}
	for _, grant := range h.Directory.Grants() {
		if matches(asMap(grant)) && !h.fresh.hides(r, grant.ID) {
			found = append(found, selected(r, grant))
		}
	}
	return h.page(r, found)
}

// createGrant is POST /oauth2PermissionGrants: consent for all users, or for one, given by an administrator.
func (h *handler) createGrant(who caller, r *http.Request) (answer, error) {
	if !who.admin {
		return answer{}, denied()
	}
	var body directory.OAuth2PermissionGrant
	if err := readBody(r, &body); err != nil {
		return answer{}, err
	}
	for _, id := range []string{body.ClientID, body.ResourceID} {
		if _, ok := h.Directory.ServicePrincipal(id); !ok || h.fresh.hides(r, id) {
			return answer{}, notFound(id)
		}
	}
	if same := h.sameGrant(body); same {
		return answer{}, conflict("Permission entry already exists.")
	}
	created, err := h.Directory.CreateGrant(body)
	if err != nil {
		return answer{}, err
	}
	h.fresh.add(created.ID)
	result := h.one(r, http.StatusCreated, "oauth2PermissionGrants", created)
	result.location = "/oauth2PermissionGrants/" + created.ID
	return result, nil
}

func (h *handler) sameGrant(wanted directory.OAuth2PermissionGrant) bool {
	principal := func(g directory.OAuth2PermissionGrant) string {
		if g.PrincipalID == nil {
			return ""
		}
		return *g.PrincipalID
	}
	for _, g := range h.Directory.Grants() {
		if g.ClientID == wanted.ClientID && g.ResourceID == wanted.ResourceID && g.ConsentType == wanted.ConsentType && principal(g) == principal(wanted) {
			return true
		}
	}
	return false
}

// getGrant is GET /oauth2PermissionGrants/{id}.
func (h *handler) getGrant(_ caller, r *http.Request) (answer, error) {
	grant, err := h.grant(r)
	if err != nil {
		return answer{}, err
	}
	return h.one(r, http.StatusOK, "oauth2PermissionGrants", grant), nil
}

// patchGrant is PATCH /oauth2PermissionGrants/{id}: other scopes. Nothing else of a grant can change.
func (h *handler) patchGrant(who caller, r *http.Request) (answer, error) {
	grant, err := h.grant(r)
	if err != nil {
		return answer{}, err
	}
	if !who.admin {
		return answer{}, denied()
	}
	var body struct {
		Scope *string `json:"scope"`
	}
	if err := readBody(r, &body); err != nil {
		return answer{}, err
	}
	if body.Scope == nil {
		return answer{}, badRequest("Request_BadRequest", "A value is required for property 'scope' of resource 'OAuth2PermissionGrant'.")
	}
	return answer{status: http.StatusNoContent}, h.Directory.UpdateGrant(grant.ID, *body.Scope)
}

// deleteGrant is DELETE /oauth2PermissionGrants/{id}: consent withdrawn.
func (h *handler) deleteGrant(who caller, r *http.Request) (answer, error) {
	grant, err := h.grant(r)
	if err != nil {
		return answer{}, err
	}
	if !who.admin {
		return answer{}, denied()
	}
	return answer{status: http.StatusNoContent}, h.Directory.DeleteGrant(grant.ID)
}

func (h *handler) grant(r *http.Request) (directory.OAuth2PermissionGrant, error) {
	id := r.PathValue("id")
	grant, ok := h.Directory.Grant(id)
	if !ok || h.fresh.hides(r, id) {
		return grant, notFound(id)
	}
	return grant, nil
}
