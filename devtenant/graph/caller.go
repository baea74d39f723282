package graph

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// Claims are those of a verified access token that Graph goes by.
type Claims struct {
	Audience string   // aud
	ObjectID string   // oid: the user, or the service principal of an application that acts for itself
	Scopes   []string // scp: what a user's token allows
	Roles    []string // roles: what an application's own token allows
}

// caller is who sent a request.
type caller struct {
	user  directory.User // zero for an application
	app   bool
	admin bool // Application Administrator or more
}

// permission is what a token must allow, any of the names. Source: the "Permissions" tables of the Graph reference.
type permission struct {
	delegated   []string
	application []string
}

var (
	anything = permission{}
	readSelf = permission{delegated: append([]string{"User.Read"}, readUsers.delegated...)}
	// readUsers is about other people. An application that registers applications reads them, too: they may become owners.
	readUsers = permission{
		delegated:   []string{"User.ReadBasic.All", "User.Read.All", "Directory.Read.All", "Directory.AccessAsUser.All", "Application.ReadWrite.All"},
		application: []string{"User.Read.All", "Directory.Read.All"},
	}
	readTenant = permission{
		delegated:   append([]string{"Organization.Read.All", "Application.Read.All"}, readSelf.delegated...),
		application: []string{"Organization.Read.All", "Directory.Read.All", "Application.ReadWrite.All"},
	}
	writeAppRoles = permission{
		delegated:   []string{"AppRoleAssignment.ReadWrite.All", "Directory.AccessAsUser.All"},
		application: []string{"AppRoleAssignment.ReadWrite.All"},
	}
	readApplications = permission{
		delegated:   []string{"Application.Read.All", "Application.ReadWrite.All", "Directory.Read.All", "Directory.AccessAsUser.All"},
		application: []string{"Application.Read.All", "Application.ReadWrite.All", "Directory.Read.All"},
	}
	writeApplications = permission{
		delegated:   []string{"Application.ReadWrite.All", "Directory.AccessAsUser.All"},
		application: []string{"Application.ReadWrite.All"},
	}
	readGrants = permission{
		delegated:   []string{"DelegatedPermissionGrant.ReadWrite.All", "Directory.Read.All", "Directory.AccessAsUser.All"},
		application: []string{"DelegatedPermissionGrant.ReadWrite.All", "Directory.Read.All"},
	}
	writeGrants = permission{
		delegated:   []string{"DelegatedPermissionGrant.ReadWrite.All", "Directory.AccessAsUser.All"},
		application: []string{"DelegatedPermissionGrant.ReadWrite.All"},
	}
)

// caller reads the bearer token and holds it against what the operation needs.
func (h *handler) caller(r *http.Request, need permission) (caller, error) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return caller{}, unauthorized("Access token is empty.")
	}
	claims, err := h.Verify(token)
	if ended, ok := errors.AsType[Challenge](err); ok {
		return caller{}, challenged(ended)
	}
	if err != nil {
		return caller{}, unauthorized("Access token validation failure.")
	}
	if audience := strings.TrimSuffix(claims.Audience, "/"); audience != "https://graph.microsoft.com" && audience != directory.GraphAppID {
		return caller{}, unauthorized("Access token validation failure. Invalid audience.")
	}
	if len(claims.Scopes) == 0 { // app-only: what it may do is in roles, and it is administrator of what that allows
		if !allows(need.application, claims.Roles) {
			return caller{}, denied()
		}
		return caller{app: true, admin: true}, nil
	}
	user, found := h.Directory.User(claims.ObjectID)
	if !found || !user.AccountEnabled {
		return caller{}, unauthorized("Access token validation failure. The user is disabled or does not exist.")
	}
	if !allows(need.delegated, claims.Scopes) {
		return caller{}, denied()
	}
	// In the development tenant whoever may consent for the organization is its administrator.
	return caller{user: user, admin: user.Devtenant.Consent == "organization"}, nil
}

func allows(names, has []string) bool {
	return len(names) == 0 || slices.ContainsFunc(names, func(name string) bool { return slices.Contains(has, name) })
}

// mayRegister is about new objects: "default user permissions" lets members register applications, and guests not.
func (h *handler) mayRegister(who caller) bool {
	return who.admin || !h.UsersMayNotRegister && !who.user.Guest()
}

// mayChange is about an application that is there: its owners and administrators.
func (h *handler) mayChange(who caller, applicationID string) bool {
	return who.admin || slices.Contains(h.Directory.Owners(applicationID), who.user.ID)
}
