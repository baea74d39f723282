package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/tenant"
)

// consents plans the grants for all users.
func (p *planner) consents() {
	for _, consent := range desired.Consents(p.settings, p.apps[desired.API].Application.AppID) {
		resource := p.resource(consent)
		if _, known := p.state.Microsoft[consent.AppID]; !known && consent.AppID != p.apps[desired.API].Application.AppID {
			p.add(Step{Kind: MicrosoftAPI, Verb: Create, Consent: consent, Target: "service principal of " + consent.Resource,
				Remark: "this tenant has not used it yet"})
		}
		step := Step{Kind: GrantConsent, Verb: Keep, Role: consent.Client, Consent: consent,
			Target: fmt.Sprintf("consent for all users: %s, %s", consent.Client, consent.Resource)}
		grant := FindGrant(p.state.Grants, p.apps[consent.Client].ServicePrincipal.ID, resource, "")
		if missing := desired.MissingScopes(consent.Scopes, grant.Scope); len(missing) > 0 {
			step.Verb = Create
			if grant.ID != "" {
				step.Verb = Change
			}
			step.Changes = []desired.Change{{Code: consentCode(consent), What: strings.Join(missing, " ") + "; without it " + consent.Without}}
		}
		p.add(step)
	}
}

// resource is the object id of the service principal that a consent is about, or "".
func (p *planner) resource(consent desired.Consent) string {
	if sp, ok := p.state.Microsoft[consent.AppID]; ok {
		return sp.ID
	}
	if consent.AppID == p.apps[desired.API].Application.AppID {
		return p.apps[desired.API].ServicePrincipal.ID
	}
	return ""
}

// FindGrant returns the grant from a client to a resource for one user, or with "" for all.
func FindGrant(grants []graph.PermissionGrant, clientID, resourceID, userID string) graph.PermissionGrant {
	for _, grant := range grants {
		forAll := grant.ConsentType == "AllPrincipals"
		if clientID != "" && grant.ClientID == clientID && grant.ResourceID == resourceID && grant.PrincipalID == userID && forAll == (userID == "") {
			return grant
		}
	}
	return graph.PermissionGrant{}
}

func consentCode(consent desired.Consent) string {
	resource := map[string]string{desired.ResourceManagerAppID: "resource-manager", desired.GraphAppID: "graph"}[consent.AppID]
	if resource == "" {
		resource = "api"
	}
	return "consent-" + consent.Client.Code() + "-" + resource
}

// MissingConsent is what fails for the caller because neither they nor an administrator consented. none says that no
// consent was given for anything, as in a tenant in which nobody has signed in yet. Where the API pre-authorizes the web
// UI there is nothing to consent to between the two.
func MissingConsent(s desired.Settings, state tenant.State) (missing []desired.Change, none bool) {
	p := &planner{settings: s, state: state, apps: state.Apps}
	none = true
	_, untied := desired.Ties(s, desired.API, state.Apps[desired.API].Application, p.others)
	for _, consent := range desired.Consents(s, state.Apps[desired.API].Application.AppID) {
		if !slices.Contains(desired.Roles, consent.Client) {
			continue // who starts such a client is asked then
		}
		client, resource := state.Apps[consent.Client].ServicePrincipal.ID, p.resource(consent)
		granted := FindGrant(state.Grants, client, resource, "").Scope
		if state.Me.ID != "" {
			granted += " " + FindGrant(state.Grants, client, resource, state.Me.ID).Scope
		}
		none = none && strings.TrimSpace(granted) == ""
		preAuthorized := consent.Client == desired.WebUI && resource == state.Apps[desired.API].ServicePrincipal.ID && len(untied) == 0
		if scopes := desired.MissingScopes(consent.Scopes, granted); len(scopes) > 0 && !preAuthorized {
			missing = append(missing, desired.Change{
				Code: consentCode(consent),
				What: fmt.Sprintf("no consent for %s of %s, given to the %s: %s", strings.Join(scopes, " "), consent.Resource, consent.Client, consent.Without),
			})
		}
	}
	return missing, none
}
