package graph

import (
	"errors"
	"net/http"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// listAppRoleAssignments is GET /servicePrincipals/{key}/appRoleAssignments: the roles that a client has.
func (h *handler) listAppRoleAssignments(_ caller, r *http.Request) (answer, error) {
	sp, err := h.servicePrincipal(r)
	if err != nil {
		return answer{}, err
	}
	return h.pageAppRoles(r, func(a directory.AppRoleAssignment) bool { return a.PrincipalID == sp.ID })
}

// listAppRoleAssignedTo is GET /servicePrincipals/{key}/appRoleAssignedTo: who has a role at an API.
func (h *handler) listAppRoleAssignedTo(_ caller, r *http.Request) (answer, error) {
	sp, err := h.servicePrincipal(r)
	if err != nil {
		return answer{}, err
	}
	return h.pageAppRoles(r, func(a directory.AppRoleAssignment) bool { return a.ResourceID == sp.ID })
}

// listAppRolesOfUser is GET /users/{key}/appRoleAssignments.
func (h *handler) listAppRolesOfUser(_ caller, r *http.Request) (answer, error) {
	user, err := h.pathUser(r)
	if err != nil {
		return answer{}, err
	}
	return h.pageAppRoles(r, func(a directory.AppRoleAssignment) bool { return a.PrincipalID == user.ID })
}

func (h *handler) pageAppRoles(r *http.Request, matches func(directory.AppRoleAssignment) bool) (answer, error) {
	found := []map[string]any{}
	for _, assignment := range h.Directory.AppRoleAssignments() {
		if matches(assignment) {
			found = append(found, selected(r, assignment))
		}
	}
	return h.page(r, found)
}

// assignAppRole is POST to any of the three: an administrator gives a principal a role at an API. Which of the two sides
// the path names is of no account; the body names both.
func (h *handler) assignAppRole(who caller, r *http.Request) (answer, error) {
	if !who.admin {
		return answer{}, denied()
	}
	var body struct {
		PrincipalID string `json:"principalId"`
		ResourceID  string `json:"resourceId"`
		AppRoleID   string `json:"appRoleId"`
	}
	if err := readBody(r, &body); err != nil {
		return answer{}, err
	}
	created, err := h.Directory.AssignAppRole(directory.AppRoleAssignment{PrincipalID: body.PrincipalID, ResourceID: body.ResourceID, AppRoleID: body.AppRoleID})
	switch {
	case errors.Is(err, directory.ErrConflict):
		return answer{}, badRequest("Request_BadRequest", "Permission being assigned already exists on the object")
	case errors.Is(err, directory.ErrInvalid):
		return answer{}, badRequest("Request_BadRequest", "Permission being assigned was not found on application")
	case err != nil:
		return answer{}, err
	}
	return h.one(r, http.StatusCreated, "appRoleAssignments", created), nil
}

// removeAppRole is DELETE of an assignment.
func (h *handler) removeAppRole(who caller, r *http.Request) (answer, error) {
	if !who.admin {
		return answer{}, denied()
	}
	if err := h.Directory.RemoveAppRoleAssignment(r.PathValue("id")); err != nil {
		return answer{}, notFound(r.PathValue("id"))
	}
	return answer{status: http.StatusNoContent}, nil
}
