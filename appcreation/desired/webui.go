package desired

import (
	"slices"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
)

// WebUIApplication compares the web UI's application with what it should be. The API is needed for the permission that
// the web UI asks for. Compared with an empty Application it returns the body of a create.
func WebUIApplication(s Settings, there, api graph.Application) (graph.Application, []Change) {
	d := &diff{role: WebUI, there: there}
	d.identity(s)
	d.redirectURIs(s)
	d.logoutURL(s)
	d.permissions("the API", api, "permission-api", s.Scope)
	for _, scope := range graphScopes {
		d.permission("permission-"+scope.value, "Microsoft Graph", GraphAppID, scope.id, scope.value)
	}
	return d.patch, d.changes
}

// redirectURIs: Entra compares them to the letter, the one for after signing out as well.
func (d *diff) redirectURIs(s Settings) {
	there := []string{}
	if d.there.Web != nil {
		there = d.there.Web.RedirectURIs
	}
	wanted := slices.Clone(there)
	for _, former := range s.FormerRedirectURIs {
		if former == s.RedirectURI || former == s.PostLogoutRedirectURI || !slices.Contains(wanted, former) {
			continue
		}
		wanted = slices.DeleteFunc(wanted, func(uri string) bool { return uri == former })
		d.wrong("redirect-uri-former", "the redirect URI %s goes", former)
	}
	if !slices.Contains(wanted, s.RedirectURI) {
		wanted = append(wanted, s.RedirectURI)
		d.lack("redirect-uri", "the redirect URI %s", s.RedirectURI)
	}
	if !slices.Contains(wanted, s.PostLogoutRedirectURI) {
		wanted = append(wanted, s.PostLogoutRedirectURI)
		d.lack("redirect-uri-sign-out", "the redirect URI %s, for after signing out", s.PostLogoutRedirectURI)
	}
	if !slices.Equal(wanted, there) {
		d.patchWeb().RedirectURIs = wanted
	}
}

// logoutURL is where Entra tells the web UI that the user signed out elsewhere.
func (d *diff) logoutURL(s Settings) {
	there := ""
	if d.there.Web != nil {
		there = d.there.Web.LogoutURL
	}
	if s.FrontChannelLogoutURL == "" || there == s.FrontChannelLogoutURL {
		return
	}
	d.patchWeb().LogoutURL = s.FrontChannelLogoutURL
	d.lack("logout-url", "the front-channel sign-out URL %s", s.FrontChannelLogoutURL)
}

func (d *diff) patchWeb() *graph.Web {
	if d.patch.Web == nil {
		d.patch.Web = &graph.Web{}
	}
	return d.patch.Web
}
