package plan

import (
	"fmt"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/tenant"
)

// Configure returns the steps to what is desired.
//
// Later steps depend on what earlier ones make, so each step's effect is played out on a copy of the state; ids that
// only the tenant can give are words until then.
func Configure(s desired.Settings, state tenant.State, local Local) Plan {
	p := &planner{settings: s, state: state, local: local, apps: map[desired.Role]tenant.App{}}
	for role, app := range state.Apps {
		p.apps[role] = app
	}
	for _, role := range desired.Roles {
		p.application(role)
	}
	p.ties()
	for _, role := range desired.Roles {
		p.servicePrincipal(role)
	}
	for _, role := range desired.Roles {
		p.owner(role)
	}
	p.writeSettings()
	for _, role := range desired.Roles {
		p.credential(role)
	}
	if s.AdminConsent {
		p.consents()
	}
	if s.FrontChannelLogoutURL == "" {
		p.note("front-channel sign-out URL: left out, because Entra takes https only and the web UI is on http")
	}
	return p.plan
}

type planner struct {
	settings desired.Settings
	state    tenant.State
	local    Local
	apps     map[desired.Role]tenant.App // as they will be
	plan     Plan
}

func (p *planner) add(step Step)    { p.plan.Steps = append(p.plan.Steps, step) }
func (p *planner) note(text string) { p.plan.Notes = append(p.plan.Notes, text) }

// verb is what happens to something that is there.
func verb(changes []desired.Change) Verb {
	if len(changes) > 0 {
		return Change
	}
	return Keep
}

func (p *planner) application(role desired.Role) {
	app := p.apps[role]
	step := Step{Kind: Application, Role: role}
	patch, changes := p.compare(role, app.Application)
	switch {
	case app.InBin:
		step.Verb = Restore
		step.Changes = append([]desired.Change{{Code: role.Code() + "-deleted", What: "was deleted, and is in the bin"}}, changes...)
		app.InBin = false
	case app.Application.ID == "":
		step.Verb = Create
		step.Changes = append([]desired.Change{{Code: role.Code() + "-missing", What: "unique name " + p.settings.UniqueName(role)}}, changes...)
		app.Application.ID = desired.Unmade
		app.Application.AppID = fmt.Sprintf("<client id of the %s>", role)
	default:
		step.Verb, step.Changes = verb(changes), changes
	}
	app.Application = app.Application.With(patch)
	step.Target = fmt.Sprintf("application %q", app.Application.DisplayName)
	p.apps[role] = app
	p.add(step)
}

func (p *planner) compare(role desired.Role, there graph.Application) (graph.Application, []desired.Change) {
	if role == desired.API {
		return desired.APIApplication(p.settings, there)
	}
	return desired.WebUIApplication(p.settings, there, p.apps[desired.API].Application)
}

func (p *planner) ties() {
	api, webUI := p.apps[desired.API], p.apps[desired.WebUI]
	patch, changes := desired.Ties(p.settings, api.Application, webUI.Application.AppID)
	api.Application = api.Application.With(patch)
	p.apps[desired.API] = api
	p.add(Step{Kind: Ties, Role: desired.API, Verb: verb(changes), Changes: changes, Target: "what ties the web UI to the API"})
}

func (p *planner) servicePrincipal(role desired.Role) {
	sp := p.apps[role].ServicePrincipal
	step := Step{Kind: ServicePrincipal, Role: role, Verb: Keep, ID: sp.ID, Target: fmt.Sprintf("service principal of the %s", role)}
	switch {
	case sp.ID == "":
		step.Verb = Create
		step.Changes = []desired.Change{{Code: role.Code() + "-service-principal", What: "not there yet; without it nobody in this tenant can use the application"}}
	case sp.AccountEnabled != nil && !*sp.AccountEnabled:
		step.Verb = Change
		step.Changes = []desired.Change{{Code: role.Code() + "-service-principal-disabled", What: "disabled for sign-in"}}
	}
	p.add(step)
}

// owner: an application without an owner can only be changed by an administrator. One that comes out of the bin has
// those that it had.
func (p *planner) owner(role desired.Role) {
	step := Step{Kind: Owner, Role: role, Verb: Keep, Target: fmt.Sprintf("owner of the %s", role)}
	if len(p.apps[role].Owners) == 0 && !p.state.Apps[role].InBin && p.state.Me.ID != "" {
		step.Verb = Create
		step.Changes = []desired.Change{{Code: role.Code() + "-owner", What: "has none; " + p.state.Me.UserPrincipalName + " becomes one"}}
	}
	p.add(step)
}
