package desired

import (
	"slices"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
)

// Applications are those that are there, by role.
type Applications func(Role) graph.Application

// Compare returns what a role's application lacks, as far as that names no application that is made after it. Compared with an empty
// one it returns the body of a create.
func Compare(s Settings, role Role, there graph.Application, others Applications) (graph.Application, []Change) {
	switch role {
	case API:
		return APIApplication(s, there, others)
	case WebUI:
		return WebUIApplication(s, there, others(API))
	case Orders:
		return ordersApplication(s, there)
	default:
		return clientApplication(s, role, there, others(API))
	}
}

// Ties compares what connects a role's application with its own id and with others that are made after it.
func Ties(s Settings, role Role, there graph.Application, others Applications) (graph.Application, []Change) {
	d := &diff{role: role, there: there}
	switch role {
	case Orders:
		d.appIDURI()
		d.preAuthorize(API, others(API).AppID, "", true, orderScopes...)
	case API:
		d.appIDURI()
		d.knownClient(others(WebUI).AppID)
		d.preAuthorize(WebUI, others(WebUI).AppID, "", false, s.Scope)
		if s.Has(WithConsole) {
			d.preAuthorize(Console, others(Console).AppID, "-console", true, s.Scope)
		}
		if s.Has(WithMCP) {
			d.preAuthorize(MCP, others(MCP).AppID, "-mcp", true, mcpScope)
		}
	}
	return d.patch, d.changes
}

// ordersApplication is the orders API, which the API calls on behalf of the user.
func ordersApplication(s Settings, there graph.Application) (graph.Application, []Change) {
	d := &diff{role: Orders, there: there}
	d.identity(s)
	d.tokenVersion()
	for _, value := range orderScopes {
		d.scope(s, value, "-"+value)
	}
	d.optionalClaim("idtyp", "so that the orders API sees tokens without a user")
	return d.patch, d.changes
}

// clientApplication is a program that calls the API: with users, who sign in on their own machine, or without.
func clientApplication(s Settings, role Role, there, api graph.Application) (graph.Application, []Change) {
	d := &diff{role: role, there: there}
	d.identity(s)
	switch role {
	case Application:
		if id := AppRoleID(api); id != "" {
			d.access("permission-"+AppRole, "the API", api.AppID, graph.ResourceAccess{ID: id, Type: "Role"}, AppRole)
		}
		return d.patch, d.changes
	case Console:
		d.publicClient(true)
		d.permissions("the API", api, "permission-api", s.Scope)
	case MCP:
		d.publicClient(false)
		d.permissions("the API", api, "permission-api", mcpScope)
	}
	for _, scope := range graphScopes {
		d.permission("permission-"+scope.value, "Microsoft Graph", GraphAppID, scope.id, scope.value)
	}
	return d.patch, d.changes
}

// loopback is where the browser hands the code to a program on the same machine, on whatever port is free (RFC 8252, section 7.3).
const loopback = "http://localhost"

// publicClient: a program on a user's machine can keep no secret. Device codes are taken only where the application says that it is
// one ("allow public client flows").
func (d *diff) publicClient(deviceCode bool) {
	there := []string{}
	if d.there.PublicClient != nil {
		there = d.there.PublicClient.RedirectURIs
	}
	if !slices.Contains(there, loopback) {
		d.patch.PublicClient = &graph.PublicClient{RedirectURIs: append(slices.Clone(there), loopback)}
		d.lack("redirect-uri", "the redirect URI %s, for programs on the user's machine", loopback)
	}
	if is := d.there.IsFallbackPublicClient; deviceCode && (is == nil || !*is) {
		yes := true
		d.patch.IsFallbackPublicClient = &yes
		d.lack("public-client", "that it may sign in with a device code (isFallbackPublicClient)")
	}
}

// AppRole is the API's permission for programs without a user.
const AppRole = "Subscriptions.Read.All"

// AppRoleID is the id of that role, or "" where the API has none.
func AppRoleID(api graph.Application) string {
	for _, role := range api.AppRoles {
		if role.Value == AppRole {
			return role.ID
		}
	}
	return ""
}

func (d *diff) appRole(s Settings) {
	roles := slices.Clone(d.there.AppRoles)
	position := slices.IndexFunc(roles, func(r graph.AppRole) bool { return r.Value == AppRole })
	switch {
	case position < 0:
		roles = append(roles, graph.AppRole{
			ID: s.objectID(API, AppRole, 0), Value: AppRole, AllowedMemberTypes: []string{"Application"}, IsEnabled: true,
			DisplayName: "List the API's own subscriptions", Description: "Allows a program without a user to list the subscriptions that the API itself may see.",
		})
		d.lack("app-role", "the app role %s, for programs without a user", AppRole)
	case !roles[position].IsEnabled:
		roles[position].IsEnabled = true
		d.wrong("app-role-disabled", "the app role %s is disabled", AppRole)
	case !slices.Contains(roles[position].AllowedMemberTypes, "Application"):
		roles[position].AllowedMemberTypes = append(slices.Clone(roles[position].AllowedMemberTypes), "Application")
		d.wrong("app-role-members", "the app role %s can't be given to programs", AppRole)
	default:
		return
	}
	d.patch.AppRoles = roles
}
