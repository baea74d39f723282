package devtenant

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// principalFilter is the filter of role assignments that clients send; atScope() leaves out nothing here, where all
// assignments are on subscriptions.
var (
	principalFilter = regexp.MustCompile(`(?i)(?:principalId eq|assignedTo\()\s*'([0-9a-f-]+)'`)
	roleNameFilter  = regexp.MustCompile(`(?i)roleName eq '((?:[^']|'')*)'`)
)

// listRoleDefinitions is GET {subscription}/providers/Microsoft.Authorization/roleDefinitions.
func (t *Tenant) listRoleDefinitions(w http.ResponseWriter, r *http.Request) {
	subscription, ok := t.visibleSubscription(w, r, "Microsoft.Authorization/roleDefinitions/read")
	if !ok {
		return
	}
	wanted := roleNameFilter.FindStringSubmatch(r.URL.Query().Get("$filter"))
	found := []any{}
	for _, role := range directory.AzureRoles() {
		if wanted != nil && !strings.EqualFold(wanted[1], role.Name) {
			continue
		}
		found = append(found, map[string]any{
			"id": subscription.ID + roleDefinitionPath + role.ID, "type": "Microsoft.Authorization/roleDefinitions", "name": role.ID,
			"properties": map[string]any{
				"roleName": role.Name, "type": "BuiltInRole", "description": role.Description, "assignableScopes": []string{"/"},
				"permissions": []any{map[string]any{
					"actions": role.Actions, "notActions": role.NotActions, "dataActions": []string{}, "notDataActions": []string{},
				}},
			},
		})
	}
	writeJSON(w, http.StatusOK, map[string]any{"value": found})
}

const (
	roleDefinitionPath = "/providers/Microsoft.Authorization/roleDefinitions/"
	roleAssignmentPath = "/providers/Microsoft.Authorization/roleAssignments/"
)

// listRoleAssignments is GET {subscription}/providers/Microsoft.Authorization/roleAssignments.
func (t *Tenant) listRoleAssignments(w http.ResponseWriter, r *http.Request) {
	subscription, ok := t.visibleSubscription(w, r, "Microsoft.Authorization/roleAssignments/read")
	if !ok {
		return
	}
	principal := principalFilter.FindStringSubmatch(r.URL.Query().Get("$filter"))
	found := []any{}
	for _, assignment := range t.dir.RoleAssignments(subscription.ID) {
		if principal == nil || strings.EqualFold(principal[1], assignment.PrincipalID) {
			found = append(found, t.roleAssignment(assignment))
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"value": found})
}

func (t *Tenant) roleAssignment(a directory.RoleAssignment) map[string]any {
	kind := "ServicePrincipal"
	if _, ok := t.dir.User(a.PrincipalID); ok {
		kind = "User"
	}
	role, _ := directory.AzureRole(a.RoleDefinitionName)
	return map[string]any{
		"id": a.Scope + roleAssignmentPath + a.Name, "type": "Microsoft.Authorization/roleAssignments", "name": a.Name,
		"properties": map[string]any{
			"roleDefinitionId": a.Scope + roleDefinitionPath + role.ID, "principalId": a.PrincipalID, "principalType": kind, "scope": a.Scope,
		},
	}
}

// createRoleAssignment is PUT {subscription}/providers/Microsoft.Authorization/roleAssignments/{name}. Whoever may consent
// for the organization may do it: roles on subscriptions don't tell owners from readers here.
func (t *Tenant) createRoleAssignment(w http.ResponseWriter, r *http.Request) {
	subscription, ok := t.roleAdministrator(w, r, "Microsoft.Authorization/roleAssignments/write")
	if !ok {
		return
	}
	var body struct {
		Properties struct {
			RoleDefinitionID string `json:"roleDefinitionId"`
			PrincipalID      string `json:"principalId"`
		} `json:"properties"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		resourceManagerError(w, http.StatusBadRequest, "InvalidRequestContent", "The request content was invalid and could not be deserialized.")
		return
	}
	name, wanted := r.PathValue("name"), body.Properties
	if _, err := uuid.Parse(name); err != nil {
		resourceManagerError(w, http.StatusBadRequest, "InvalidRoleAssignmentId", fmt.Sprintf("The role assignment ID '%s' is not valid. The role assignment ID must be a GUID.", shorten(name)))
		return
	}
	roleID := wanted.RoleDefinitionID[strings.LastIndex(wanted.RoleDefinitionID, "/")+1:]
	roles := directory.AzureRoles()
	at := slices.IndexFunc(roles, func(role directory.RoleDefinition) bool { return strings.EqualFold(role.ID, roleID) })
	if at < 0 {
		resourceManagerError(w, http.StatusBadRequest, "RoleDefinitionDoesNotExist", fmt.Sprintf("The specified role definition with ID '%s' does not exist.", shorten(roleID)))
		return
	}
	assignment := directory.RoleAssignment{Name: name, PrincipalID: wanted.PrincipalID, Scope: subscription.ID, RoleDefinitionName: roles[at].Name}
	switch err := t.dir.AssignRole(assignment); {
	case errors.Is(err, directory.ErrConflict):
		resourceManagerError(w, http.StatusConflict, "RoleAssignmentExists", "The role assignment already exists.")
	case err != nil:
		resourceManagerError(w, http.StatusBadRequest, "PrincipalNotFound", fmt.Sprintf("Principal %s does not exist in the directory %s.", shorten(wanted.PrincipalID), t.dir.TenantID()))
	default:
		writeJSON(w, http.StatusCreated, t.roleAssignment(assignment))
	}
}

// deleteRoleAssignment is DELETE {subscription}/providers/Microsoft.Authorization/roleAssignments/{name}.
func (t *Tenant) deleteRoleAssignment(w http.ResponseWriter, r *http.Request) {
	if _, ok := t.roleAdministrator(w, r, "Microsoft.Authorization/roleAssignments/delete"); !ok {
		return
	}
	removed, err := t.dir.RemoveRoleAssignment(r.PathValue("name"))
	if err != nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	writeJSON(w, http.StatusOK, t.roleAssignment(removed))
}

func (t *Tenant) roleAdministrator(w http.ResponseWriter, r *http.Request, action string) (directory.Subscription, bool) {
	subscription, ok := t.visibleSubscription(w, r, action)
	if !ok {
		return subscription, false
	}
	token, ok := t.checkResourceManagerToken(w, r)
	if !ok {
		return subscription, false
	}
	if user, found := t.dir.User(token.text("oid")); !found || !user.MayConsent("Admin") {
		t.notAuthorized(w, token, action, subscription.ID)
		return subscription, false
	}
	return subscription, true
}
