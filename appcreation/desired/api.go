package desired

import (
	"slices"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
)

// APIApplication compares the API's application with what it should be, as far as that names no other object. Compared
// with an empty Application it returns the body of a create.
func APIApplication(s Settings, there graph.Application, others Applications) (graph.Application, []Change) {
	d := &diff{role: API, there: there}
	d.identity(s)
	d.tokenVersion()
	d.scope(s, s.Scope, "")
	if s.Has(WithMCP) {
		d.scope(s, mcpScope, "-"+mcpScope)
	}
	if s.Has(WithApplication) {
		d.appRole(s)
	}
	d.permission("permission-resource-manager", "Azure Service Management", ResourceManagerAppID, userImpersonation, "user_impersonation")
	if s.Has(WithGraph) {
		d.permission("permission-graph", "Microsoft Graph", GraphAppID, graphUserRead, "User.Read")
	}
	if s.Has(WithOrders) {
		d.permissions("the orders API", others(Orders), "permission-orders", orderScopes...)
	}
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
