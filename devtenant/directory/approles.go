package directory

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// AppRole is what an API offers to applications and users beside its scopes: a value of the roles claim.
type AppRole struct {
	ID                 string   `json:"id"`
	Value              string   `json:"value"`
	AllowedMemberTypes []string `json:"allowedMemberTypes"` // Application, User
	DisplayName        string   `json:"displayName"`
	Description        string   `json:"description"`
	IsEnabled          bool     `json:"isEnabled"`
	Origin             string   `json:"origin,omitempty"` // Application; filled in by the service
}

// AppRoleAssignment is Graph's appRoleAssignment: a principal has a role at an API. Ids are object ids.
type AppRoleAssignment struct {
	ID                   string     `json:"id"`
	AppRoleID            string     `json:"appRoleId"` // NoAppRole: access without any role
	CreatedDateTime      time.Time  `json:"createdDateTime"`
	DeletedDateTime      *time.Time `json:"deletedDateTime"`
	PrincipalDisplayName string     `json:"principalDisplayName"`
	PrincipalID          string     `json:"principalId"`
	PrincipalType        string     `json:"principalType"` // User or ServicePrincipal
	ResourceDisplayName  string     `json:"resourceDisplayName"`
	ResourceID           string     `json:"resourceId"`
}

// NoAppRole as AppRoleAssignment.AppRoleID assigns a principal to an application that offers no roles to its kind.
const NoAppRole = "00000000-0000-0000-0000-000000000000"

// AppRoleAssignments lists them all, oldest first.
func (d *Directory) AppRoleAssignments() []AppRoleAssignment {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return cloneAll(d.appRoleAssignments)
}

// AssignAppRole gives a principal a role. It fills in what the assignment shows of both sides. Its errors are
// [ErrNotFound], [ErrInvalid] for a role that the API doesn't offer to such a principal, and [ErrConflict].
func (d *Directory) AssignAppRole(a AppRoleAssignment) (AppRoleAssignment, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	resource, ok := find(d.servicePrincipals, func(sp *ServicePrincipal) bool { return strings.EqualFold(sp.ID, a.ResourceID) })
	if !ok {
		return a, fmt.Errorf("resource %s: %w", a.ResourceID, ErrNotFound)
	}
	described := d.describe(resource)
	member := "User"
	if user, ok := find(d.users, func(u *User) bool { return strings.EqualFold(u.ID, a.PrincipalID) }); ok {
		a.PrincipalType, a.PrincipalDisplayName = "User", user.DisplayName
	} else if sp, ok := find(d.servicePrincipals, func(sp *ServicePrincipal) bool { return strings.EqualFold(sp.ID, a.PrincipalID) }); ok {
		a.PrincipalType, a.PrincipalDisplayName, member = "ServicePrincipal", d.describe(sp).DisplayName, "Application"
	} else {
		return a, fmt.Errorf("principal %s: %w", a.PrincipalID, ErrNotFound)
	}
	offered := slices.ContainsFunc(described.AppRoles, func(r AppRole) bool {
		return strings.EqualFold(r.ID, a.AppRoleID) && r.IsEnabled && slices.Contains(r.AllowedMemberTypes, member)
	})
	hasRoles := slices.ContainsFunc(described.AppRoles, func(r AppRole) bool { return slices.Contains(r.AllowedMemberTypes, member) })
	if !offered && (a.AppRoleID != NoAppRole || hasRoles) {
		return a, invalid("permission being assigned was not found on application '%s'", described.AppID)
	}
	if _, taken := find(d.appRoleAssignments, func(o *AppRoleAssignment) bool {
		return o.AppRoleID == a.AppRoleID && o.PrincipalID == a.PrincipalID && o.ResourceID == a.ResourceID
	}); taken {
		return a, fmt.Errorf("%w principal, role and resource", ErrConflict)
	}
	a.ID, a.CreatedDateTime, a.ResourceDisplayName = newID(), d.now().UTC(), described.DisplayName
	d.appRoleAssignments = append(d.appRoleAssignments, &a)
	return a, nil
}

// RemoveAppRoleAssignment takes a role away.
func (d *Directory) RemoveAppRoleAssignment(id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := len(d.appRoleAssignments)
	d.appRoleAssignments = slices.DeleteFunc(d.appRoleAssignments, func(a *AppRoleAssignment) bool { return a.ID == id })
	if len(d.appRoleAssignments) == before {
		return fmt.Errorf("app role assignment %s: %w", id, ErrNotFound)
	}
	return nil
}

// AppRoles are the values of the roles claim of a principal (its object id) at an API (its client id).
func (d *Directory) AppRoles(principalID, resourceAppID string) []string {
	resource, ok := d.ServicePrincipalByAppID(resourceAppID)
	if !ok {
		return nil
	}
	var values []string
	for _, a := range d.AppRoleAssignments() {
		if a.PrincipalID != principalID || a.ResourceID != resource.ID {
			continue
		}
		for _, role := range resource.AppRoles {
			if role.ID == a.AppRoleID && role.IsEnabled {
				values = append(values, role.Value)
			}
		}
	}
	return values
}

// Assigned says whether a user may use an application (by its client id): anybody may, unless its service principal has
// appRoleAssignmentRequired ("Assignment required?" in the portal). Then it takes an assignment, with or without a role.
func (d *Directory) Assigned(userID, appID string) bool {
	sp, ok := d.ServicePrincipalByAppID(appID)
	if !ok || !sp.AppRoleAssignmentRequired {
		return true
	}
	return slices.ContainsFunc(d.AppRoleAssignments(), func(a AppRoleAssignment) bool {
		return a.PrincipalID == userID && a.ResourceID == sp.ID
	})
}
