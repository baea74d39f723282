package directory

import (
	"fmt"
	"slices"
	"strings"
)

// RoleDefinition is one of Azure's built-in roles, with the id that it has everywhere.
type RoleDefinition struct {
	ID, Name, Description string
	Actions, NotActions   []string
}

// AzureRoles are the built-in roles that can be assigned here.
func AzureRoles() []RoleDefinition {
	return []RoleDefinition{
		{"8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", "Manages everything, and who has access.", []string{"*"}, []string{}},
		{"b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor", "Manages everything, but not who has access.", []string{"*"},
			[]string{"Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"}},
		{"acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", "Sees everything and changes nothing.", []string{"*/read"}, []string{}},
	}
}

// AzureRole finds a role by its name.
func AzureRole(name string) (RoleDefinition, bool) {
	for _, role := range AzureRoles() {
		if strings.EqualFold(role.Name, name) {
			return role, true
		}
	}
	return RoleDefinition{}, false
}

// RoleAssignment lets a user or a service principal (their object ids) see a subscription. Whoever has none gets an
// empty list, not an error.
type RoleAssignment struct {
	Name               string `json:"name"` // a GUID
	PrincipalID        string `json:"principalId"`
	Scope              string `json:"scope"` // /subscriptions/{subscriptionId}
	RoleDefinitionName string `json:"roleDefinitionName"`
}

// RoleAssignments lists those on one scope.
func (d *Directory) RoleAssignments(scope string) []RoleAssignment {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var found []RoleAssignment
	for _, assignment := range d.roleAssignments {
		if strings.EqualFold(assignment.Scope, scope) {
			found = append(found, assignment)
		}
	}
	return found
}

// AssignRole adds an assignment. It returns [ErrNotFound] for a principal that isn't there, and [ErrConflict] where the
// principal has the role already.
func (d *Directory) AssignRole(a RoleAssignment) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, isUser := find(d.users, func(u *User) bool { return strings.EqualFold(u.ID, a.PrincipalID) })
	_, isPrincipal := find(d.servicePrincipals, func(sp *ServicePrincipal) bool { return strings.EqualFold(sp.ID, a.PrincipalID) })
	if !isUser && !isPrincipal {
		return fmt.Errorf("principal %s: %w", a.PrincipalID, ErrNotFound)
	}
	if slices.ContainsFunc(d.roleAssignments, func(o RoleAssignment) bool {
		return o.Name == a.Name || o.PrincipalID == a.PrincipalID && strings.EqualFold(o.Scope, a.Scope) && o.RoleDefinitionName == a.RoleDefinitionName
	}) {
		return fmt.Errorf("%w principal, role and scope", ErrConflict)
	}
	d.roleAssignments = append(d.roleAssignments, a)
	return nil
}

// RemoveRoleAssignment takes one away, and returns it.
func (d *Directory) RemoveRoleAssignment(name string) (RoleAssignment, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := slices.IndexFunc(d.roleAssignments, func(a RoleAssignment) bool { return strings.EqualFold(a.Name, name) })
	if at < 0 {
		return RoleAssignment{}, fmt.Errorf("role assignment %s: %w", name, ErrNotFound)
	}
	removed := d.roleAssignments[at]
	d.roleAssignments = slices.Delete(d.roleAssignments, at, at+1)
	return removed, nil
}

// RemoveRoleAssignments takes every role from a principal; Resource Manager then lists nothing for them.
func (d *Directory) RemoveRoleAssignments(principalID string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.roleAssignments = slices.DeleteFunc(d.roleAssignments, func(a RoleAssignment) bool { return a.PrincipalID == principalID })
}
