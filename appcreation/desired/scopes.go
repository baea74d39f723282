package desired

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
)

// mcpScope opens the tools for agents, and nothing else.
const mcpScope = "mcp.access"

// orderScopes open one route each of the orders API.
var orderScopes = []string{"order.read", "order.write", "order.delete"}

// scopeTexts are what the consent page says.
var scopeTexts = map[string][2]string{ // of an application, and of you
	mcpScope:       {"Use the API's tools as the signed-in user", "Use the API's tools as you"},
	"order.read":   {"Read the signed-in user's orders", "Read your orders"},
	"order.write":  {"Place orders for the signed-in user", "Place orders for you"},
	"order.delete": {"Delete the signed-in user's orders", "Delete your orders"},
}

func (d *diff) scopes() []graph.PermissionScope {
	if d.patch.API != nil && d.patch.API.OAuth2PermissionScopes != nil {
		return d.patch.API.OAuth2PermissionScopes
	}
	return orEmpty(d.there.API).OAuth2PermissionScopes
}

// scope is a permission that clients ask for. code ends the codes of its changes.
func (d *diff) scope(s Settings, value, code string) {
	scopes := d.scopes()
	wanted := s.newScope(d.role, value, scopes)
	position := slices.IndexFunc(scopes, func(o graph.PermissionScope) bool { return o.Value == value })
	if position < 0 {
		d.patchAPI().OAuth2PermissionScopes = append(slices.Clone(scopes), wanted)
		d.lack("scope"+code, "the scope %s, that users may consent to", value)
		return
	}
	scope := scopes[position]
	before := len(d.changes)
	if !scope.IsEnabled {
		scope.IsEnabled = true
		d.wrong("scope-disabled"+code, "the scope %s is disabled", value)
	}
	if scope.Type != wanted.Type {
		scope.Type = wanted.Type
		d.wrong("scope-type"+code, "the scope %s takes an administrator's consent; users should be able to consent", value)
	}
	if scope.AdminConsentDisplayName == "" || scope.UserConsentDisplayName == "" {
		scope.AdminConsentDisplayName, scope.AdminConsentDescription = wanted.AdminConsentDisplayName, wanted.AdminConsentDescription
		scope.UserConsentDisplayName, scope.UserConsentDescription = wanted.UserConsentDisplayName, wanted.UserConsentDescription
		d.wrong("scope-texts"+code, "the scope %s has no texts for the consent page", value)
	}
	if len(d.changes) > before {
		scopes = slices.Clone(scopes)
		scopes[position] = scope
		d.patchAPI().OAuth2PermissionScopes = scopes
	}
}

func (s Settings) newScope(role Role, value string, others []graph.PermissionScope) graph.PermissionScope {
	scope := graph.PermissionScope{
		Value:                   value,
		Type:                    "User",
		IsEnabled:               true,
		AdminConsentDisplayName: "Access the API as the signed-in user",
		AdminConsentDescription: "Allows the application to call the API, and through it Azure, on behalf of the signed-in user.",
		UserConsentDisplayName:  "Access the API as you",
		UserConsentDescription:  "Allow the application to call the API, and through it Azure, on your behalf.",
	}
	if texts, own := scopeTexts[value]; own {
		scope.AdminConsentDisplayName, scope.AdminConsentDescription = texts[0], texts[0]+"."
		scope.UserConsentDisplayName, scope.UserConsentDescription = texts[1], texts[1]+"."
	}
	// Someone may have renamed our scope, which leaves our id on another one.
	for attempt := 0; scope.ID == ""; attempt++ {
		id := s.objectID(role, value, attempt)
		if !slices.ContainsFunc(others, func(o graph.PermissionScope) bool { return strings.EqualFold(o.ID, id) }) {
			scope.ID = id
		}
	}
	return scope
}

// objectID is the id of a scope or an app role, the same in each run: a run that starts over after a lost answer must not declare it
// again under another id.
func (s Settings) objectID(role Role, value string, attempt int) string {
	name := s.UniqueName(role) + "/" + value
	if attempt > 0 {
		name += "/" + strconv.Itoa(attempt)
	}
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(name)).String()
}

// ScopeID is the id of an API's scope, or "" where it has none.
func ScopeID(api graph.Application, value string) string {
	for _, scope := range orEmpty(api.API).OAuth2PermissionScopes {
		if scope.Value == value {
			return scope.ID
		}
	}
	return ""
}

// preAuthorize spares users the consent page for an API; known clients alone have failed people in real tenants. With exactly the
// client gets these scopes without a question, and no others.
func (d *diff) preAuthorize(client Role, appID, code string, exactly bool, values ...string) {
	ids := []string{}
	for _, value := range values {
		id := ScopeID(d.there, value)
		if id == "" {
			return // the scope comes first; this is looked at again once it is there
		}
		ids = append(ids, id)
	}
	list := orEmpty(d.there.API).PreAuthorizedApplications
	if d.patch.API != nil && d.patch.API.PreAuthorizedApplications != nil {
		list = d.patch.API.PreAuthorizedApplications
	}
	list = slices.Clone(list)
	names := strings.Join(values, ", ")
	position := slices.IndexFunc(list, func(p graph.PreAuthorizedApplication) bool { return strings.EqualFold(p.AppID, appID) })
	if position < 0 {
		d.patchAPI().PreAuthorizedApplications = append(list, graph.PreAuthorizedApplication{AppID: appID, DelegatedPermissionIDs: ids})
		d.lack("pre-authorized"+code, "the %s as a pre-authorized application, for %s", client, names)
		return
	}
	there := list[position].DelegatedPermissionIDs
	missing := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return containsFold(there, id) })
	surplus := slices.ContainsFunc(there, func(id string) bool { return !containsFold(ids, id) })
	switch {
	case len(missing) > 0:
		d.lack("pre-authorized-scope"+code, "%s in the pre-authorization of the %s", names, client)
	case exactly && surplus:
		d.wrong("pre-authorized-surplus"+code, "pre-authorizes the %s for more than %s", client, names)
	default:
		return
	}
	if list[position].DelegatedPermissionIDs = append(slices.Clone(there), missing...); exactly {
		list[position].DelegatedPermissionIDs = ids
	}
	d.patchAPI().PreAuthorizedApplications = list
}
