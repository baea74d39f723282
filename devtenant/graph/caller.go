package graph

import (
	"net/http"
	"slices"
	"strings"

	"ms-identity-go-on-behalf-of/devtenant/directory"
)

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
	readSelf = permission{
		delegated: []string{"User.Read", "Directory.Read.All", "Directory.AccessAsUser.All", "Application.Read.All",
			"Application.ReadWrite.All", "Organization.Read.All"},
		application: []string{"Organization.Read.All", "Directory.Read.All", "Application.ReadWrite.All"},
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
	if err != nil {
		return caller{}, unauthorized("Access token validation failure.")
	}
	if audience := strings.TrimSuffix(text(claims, "aud"), "/"); audience != "https://graph.microsoft.com" && audience != directory.GraphAppID {
		return caller{}, unauthorized("Access token validation failure. Invalid audience.")
	}
	scopes := strings.Fields(text(claims, "scp"))
	if len(scopes) == 0 { // app-only: what it may do is in roles, and it is administrator of what that allows
		if !allows(need.application, list(claims, "roles")) {
			return caller{}, denied()
		}
		return caller{app: true, admin: true}, nil
	}
	user, found := h.Directory.User(text(claims, "oid"))
	if !found || !user.AccountEnabled {
		return caller{}, unauthorized("Access token validation failure. The user is disabled or does not exist.")
	}
	if !allows(need.delegated, scopes) {
		return caller{}, denied()
	}
	// In the development tenant whoever may consent for the organization is its administrator.
	return caller{user: user, admin: user.Devtenant.Consent == "organization"}, nil
}

func text(claims map[string]any, name string) string {
	value, _ := claims[name].(string)
	return value
}

func list(claims map[string]any, name string) []string {
	values, _ := claims[name].([]any)
	texts := make([]string, 0, len(values))
	for _, value := range values {
		if text, ok := value.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
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
