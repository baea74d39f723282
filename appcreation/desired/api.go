package desired

import (
	"slices"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
)

// APIApplication compares the API's application with what it should be, as far as that names no other object. Compared
// with an empty Application it returns the body of a create.
func APIApplication(s Settings, there graph.Application) (graph.Application, []Change) {
	d := &diff{role: API, there: there}
	d.identity(s)
	d.tokenVersion()
	d.scope(s)
	d.permission("permission-resource-manager", "Azure Service Management", ResourceManagerAppID, userImpersonation, "user_impersonation")
	d.optionalClaim("xms_cc", "so that the API sees which clients handle claims challenges")
	d.optionalClaim("idtyp", "so that the API sees tokens without a user")
	return d.patch, d.changes
}

// tokenVersion: null means 1, and then iss, aud and the client's claim differ from what the API checks.
func (d *diff) tokenVersion() {
	api := orEmpty(d.there.API)
	if api.RequestedAccessTokenVersion != nil && *api.RequestedAccessTokenVersion == 2 {
		return
	}
	two := 2
	d.patchAPI().RequestedAccessTokenVersion = &two
	d.lack("token-version", "access tokens of version 2 (requestedAccessTokenVersion)")
}

// scope is the permission that the web UI asks for.
func (d *diff) scope(s Settings) {
	scopes := orEmpty(d.there.API).OAuth2PermissionScopes
	wanted := newScope(s, scopes)
	position := slices.IndexFunc(scopes, func(o graph.PermissionScope) bool { return o.Value == s.Scope })
	if position < 0 {
		d.patchAPI().OAuth2PermissionScopes = append(slices.Clone(scopes), wanted)
		d.lack("scope", "the scope %s, that users may consent to", s.Scope)
		return
	}
	scope := scopes[position]
	before := len(d.changes)
	if !scope.IsEnabled {
		scope.IsEnabled = true
		d.wrong("scope-disabled", "the scope %s is disabled", s.Scope)
	}
	if scope.Type != wanted.Type {
		scope.Type = wanted.Type
		d.wrong("scope-type", "the scope %s takes an administrator's consent; users should be able to consent", s.Scope)
	}
	if scope.AdminConsentDisplayName == "" || scope.UserConsentDisplayName == "" {
		scope.AdminConsentDisplayName, scope.AdminConsentDescription = wanted.AdminConsentDisplayName, wanted.AdminConsentDescription
		scope.UserConsentDisplayName, scope.UserConsentDescription = wanted.UserConsentDisplayName, wanted.UserConsentDescription
		d.wrong("scope-texts", "the scope %s has no texts for the consent page", s.Scope)
	}
	if len(d.changes) > before {
		scopes = slices.Clone(scopes)
		scopes[position] = scope
		d.patchAPI().OAuth2PermissionScopes = scopes
	}
}

func newScope(s Settings, others []graph.PermissionScope) graph.PermissionScope {
	scope := graph.PermissionScope{
		Value:                   s.Scope,
		Type:                    "User",
		IsEnabled:               true,
		AdminConsentDisplayName: "Access the API as the signed-in user",
		AdminConsentDescription: "Allows the application to call the API, and through it Azure, on behalf of the signed-in user.",
		UserConsentDisplayName:  "Access the API as you",
		UserConsentDescription:  "Allow the application to call the API, and through it Azure, on your behalf.",
	}
	// Someone may have renamed our scope, which leaves our id on another one.
	for attempt := 0; scope.ID == ""; attempt++ {
		id := s.scopeID(attempt)
		if !slices.ContainsFunc(others, func(o graph.PermissionScope) bool { return strings.EqualFold(o.ID, id) }) {
			scope.ID = id
		}
	}
	return scope
}

func (d *diff) optionalClaim(name, why string) {
	claims := graph.OptionalClaims{}
	if d.there.OptionalClaims != nil {
		claims = *d.there.OptionalClaims
	}
	if d.patch.OptionalClaims != nil {
		claims = *d.patch.OptionalClaims
	}
	if slices.ContainsFunc(claims.AccessToken, func(c graph.OptionalClaim) bool { return c.Name == name }) {
		return
	}
	claims.AccessToken = append(slices.Clone(claims.AccessToken), graph.OptionalClaim{Name: name, AdditionalProperties: []string{}})
	d.patch.OptionalClaims = &claims
	d.lack("claim-"+name, "the optional claim %s in access tokens, %s", name, why)
}

// Ties compares what connects the API with its own id and with the web UI. It needs both client ids, so it comes after
// the two creates.
func Ties(s Settings, there graph.Application, webUIAppID string) (graph.Application, []Change) {
	d := &diff{role: API, there: there}
	d.appIDURI()
	d.knownClient(webUIAppID)
	d.preAuthorize(s, webUIAppID)
	return d.patch, d.changes
}

// AppIDURI is what scopes of the API begin with.
func AppIDURI(apiAppID string) string { return "api://" + apiAppID }

// appIDURI: Entra finds the API by it to the letter, and puts it into v1 tokens as it is written.
func (d *diff) appIDURI() {
	wanted := AppIDURI(d.there.AppID)
	if slices.Contains(d.there.IdentifierURIs, wanted) {
		return
	}
	uris, variant := []string{}, ""
	for _, uri := range d.there.IdentifierURIs {
		if strings.EqualFold(uri, wanted) {
			variant = uri
			continue
		}
		uris = append(uris, uri)
	}
	d.patch.IdentifierURIs = append(uris, wanted)
	if variant != "" {
		d.wrong("app-id-uri-case", "the App ID URI is written %s, should be %s", variant, wanted)
	} else {
		d.lack("app-id-uri", "the App ID URI %s", wanted)
	}
}

// knownClient shows one consent page for what both applications need.
func (d *diff) knownClient(webUIAppID string) {
	known := orEmpty(d.there.API).KnownClientApplications
	if containsFold(known, webUIAppID) {
		return
	}
	d.patchAPI().KnownClientApplications = append(slices.Clone(known), webUIAppID)
	d.lack("known-client", "the web UI as a known client application")
}

// preAuthorize spares users the consent page for the API itself; known clients alone have failed people in real tenants.
func (d *diff) preAuthorize(s Settings, webUIAppID string) {
	api := orEmpty(d.there.API)
	scopeID := ScopeID(s, d.there)
	if scopeID == "" {
		return // the scope comes first; this is looked at again once it is there
	}
	position := slices.IndexFunc(api.PreAuthorizedApplications, func(p graph.PreAuthorizedApplication) bool {
		return strings.EqualFold(p.AppID, webUIAppID)
	})
	if position >= 0 && containsFold(api.PreAuthorizedApplications[position].DelegatedPermissionIDs, scopeID) {
		return
	}
	list := slices.Clone(api.PreAuthorizedApplications)
	if position < 0 {
		list = append(list, graph.PreAuthorizedApplication{AppID: webUIAppID, DelegatedPermissionIDs: []string{scopeID}})
		d.lack("pre-authorized", "the web UI as a pre-authorized application, for %s", s.Scope)
	} else {
		list[position].DelegatedPermissionIDs = append(slices.Clone(list[position].DelegatedPermissionIDs), scopeID)
		d.lack("pre-authorized-scope", "%s in the pre-authorization of the web UI", s.Scope)
	}
	d.patchAPI().PreAuthorizedApplications = list
}

// ScopeID is the id of the API's scope, or "" where it has none.
func ScopeID(s Settings, api graph.Application) string {
	for _, scope := range orEmpty(api.API).OAuth2PermissionScopes {
		if scope.Value == s.Scope {
			return scope.ID
		}
	}
	return ""
}

func (d *diff) patchAPI() *graph.API {
	if d.patch.API == nil {
		d.patch.API = &graph.API{}
	}
	return d.patch.API
}

func orEmpty(api *graph.API) graph.API {
	if api == nil {
		return graph.API{}
	}
	return *api
}

func containsFold(list []string, value string) bool {
	return slices.ContainsFunc(list, func(o string) bool { return strings.EqualFold(o, value) })
}
