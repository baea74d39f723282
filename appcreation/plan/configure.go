package plan

import (
	"fmt"
	"slices"

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
	for _, role := range s.Roles() {
		p.application(role)
	}
	for _, role := range s.Roles() {
		if role == desired.API || role == desired.Orders {
			p.ties(role)
		}
	}
	for _, role := range s.Roles() {
		p.servicePrincipal(role)
	}
	for _, role := range s.Roles() {
		p.owner(role)
	}
	p.writeSettings()
	for _, role := range s.Confidential() {
		p.credential(role)
	}
	if s.Has(desired.WithApplication) {
		p.appRole() // last, for not everybody may
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
	patch, changes := desired.Compare(p.settings, role, app.Application, p.others)
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

// others are the applications as they will be.
func (p *planner) others(role desired.Role) graph.Application { return p.apps[role].Application }

func (p *planner) ties(role desired.Role) {
	app := p.apps[role]
	patch, changes := desired.Ties(p.settings, role, app.Application, p.others)
	app.Application = app.Application.With(patch)
	p.apps[role] = app
	target := "what ties the clients to the API"
	if role == desired.Orders {
		target = "what ties the API to the orders API"
	}
	p.add(Step{Kind: Ties, Role: role, Verb: verb(changes), Changes: changes, Target: target})
}

// appRole has the program without a user be given its role. Nobody but an administrator may, as with consent; without it the API
// answers 403.
func (p *planner) appRole() {
	step := Step{Kind: AssignAppRole, Role: desired.Application, Verb: Keep, Target: fmt.Sprintf("app role of the %s", desired.Application)}
	if !HasAppRole(p.state.AppRoles, p.apps[desired.API]) {
		step.Verb = Create
		step.Changes = []desired.Change{{Code: "application-app-role", What: desired.AppRole + " is not given to it; an administrator gives it"}}
	}
	p.add(step)
}

// HasAppRole reports whether one of a client's assignments is the API's role.
func HasAppRole(assignments []graph.AppRoleAssignment, api tenant.App) bool {
	return slices.ContainsFunc(assignments, func(a graph.AppRoleAssignment) bool {
		return a.ResourceID == api.ServicePrincipal.ID && a.AppRoleID == desired.AppRoleID(api.Application)
	})
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
