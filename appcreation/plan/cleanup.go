package plan

import (
	"fmt"
	"slices"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/tenant"
)

// Bin is what lies in the tenant's bin, whoever put it there.
type Bin struct {
	Applications      []graph.Application
	ServicePrincipals []graph.ServicePrincipal
}

// Cleanup returns the steps that take away what was made here, known by its tags; with purge from the bin as well.
//
// The service principals go with their applications. What consent was given goes with the service principals.
func Cleanup(s desired.Settings, state tenant.State, local Local, bin Bin, purge bool) Plan {
	p := &planner{settings: s, state: state, local: local, apps: state.Apps}
	gone := map[string]bool{} // client ids
	roles := s.Roles()
	slices.Reverse(roles) // what others refer to goes last
	for _, role := range roles {
		app := state.Apps[role]
		if !app.There() {
			continue
		}
		gone[app.Application.AppID] = true
		p.add(Step{Kind: DeleteApplication, Verb: Remove, Role: role, ID: app.Application.ID,
			Target: fmt.Sprintf("application %q with its service principal", app.Application.DisplayName)})
		if purge {
			p.add(Step{Kind: PurgeApplication, Verb: Remove, Role: role, ID: app.Application.ID,
				Target: fmt.Sprintf("application %q in the bin", app.Application.DisplayName)})
			if sp := app.ServicePrincipal; sp.ID != "" {
				p.add(Step{Kind: PurgeServicePrincipal, Verb: Remove, Role: role, ID: sp.ID,
					Target: fmt.Sprintf("service principal of %q in the bin", app.Application.DisplayName)})
			}
		}
	}
	p.emptyBin(bin, purge, gone)
	p.forget(gone)
	return p.plan
}

// emptyBin purges what an earlier cleanup left in the bin.
func (p *planner) emptyBin(bin Bin, purge bool, gone map[string]bool) {
	left := map[string]bool{} // client ids
	for _, app := range bin.Applications {
		if !p.ours(app) {
			continue
		}
		gone[app.AppID], left[app.AppID] = true, true
		if purge {
			p.add(Step{Kind: PurgeApplication, Verb: Remove, ID: app.ID, Target: fmt.Sprintf("application %q in the bin", app.DisplayName)})
		} else {
			p.note(fmt.Sprintf("application %q is in the bin, from which --purge takes it; else it goes by itself after 30 days", app.DisplayName))
		}
	}
	for _, sp := range bin.ServicePrincipals {
		if left[sp.AppID] && purge {
			p.add(Step{Kind: PurgeServicePrincipal, Verb: Remove, ID: sp.ID, Target: fmt.Sprintf("service principal of %q in the bin", sp.DisplayName)})
		}
	}
}

func (p *planner) ours(app graph.Application) bool {
	return slices.ContainsFunc(desired.AllRoles, func(role desired.Role) bool { return slices.Contains(app.Tags, p.settings.Tag(role)) })
}

// forgotten are the settings that mean nothing without the applications, with the template's placeholders.
var forgotten = []desired.Value{
	{Name: "WEBUI_CLIENT_ID", Text: "ReplaceWithWebUIClientID"},
	{Name: "WEBUI_CLIENT_SECRET", Text: "ReplaceWithWebUIClientSecret"},
	{Name: "WEBUI_CLIENT_CERTIFICATE"},
	{Name: "WEBUI_CLIENT_ASSERTION_FILE"},
	{Name: "WEBUI_CLIENT_MANAGED_IDENTITY"},
	{Name: "WEBUI_API_SCOPE", Text: "api://ReplaceWithApiClientID/access_as_user"},
	{Name: "API_CLIENT_ID", Text: "ReplaceWithApiClientID"},
	{Name: "API_CLIENT_SECRET", Text: "ReplaceWithApiClientSecret"},
	{Name: "API_CLIENT_CERTIFICATE"},
	{Name: "API_CLIENT_ASSERTION_FILE"},
	{Name: "API_CLIENT_MANAGED_IDENTITY"},
	{Name: "API_ALLOWED_CLIENTS", Text: "ReplaceWithWebUIClientID"},
	{Name: "API_ORDERS_URL"},
	{Name: "API_ORDERS_SCOPES"},
	{Name: "API_MCP"},
	{Name: "API_MCP_ALLOWED_CLIENTS"},
	{Name: "WEBUI_ORDERS"},
	{Name: "ORDERS_CLIENT_ID"},
	{Name: "ORDERS_ALLOWED_CLIENTS"},
	{Name: "CONSOLE_CLIENT_ID"},
	{Name: "CONSOLE_API_SCOPE"},
	{Name: "CONSOLE_APPLICATION_CLIENT_ID"},
	{Name: "CONSOLE_APPLICATION_CLIENT_SECRET"},
	{Name: "CONSOLE_APPLICATION_CLIENT_CERTIFICATE"},
	{Name: "CONSOLE_MCP_CLIENT_ID"},
	{Name: "CONSOLE_MCP_SCOPE"},
}

// forget takes out of development.env what points to applications that go, and deletes the key pairs made here. A file
// that names other applications is left alone.
func (p *planner) forget(gone map[string]bool) {
	if !gone[p.local.Values["WEBUI_CLIENT_ID"]] && !gone[p.local.Values["API_CLIENT_ID"]] {
		return
	}
	step := Step{Kind: ForgetSettings, Verb: Change, Target: p.local.File, Remark: "the client ids, scope and secrets of the applications go"}
	for _, value := range forgotten {
		if _, there := p.local.Values[value.Name]; there {
			step.Values = append(step.Values, value)
		}
	}
	p.add(step)
	for _, role := range p.settings.Confidential() {
		if pair := p.local.Pairs[role]; pair != nil && pair.MadeHere() {
			p.add(Step{Kind: DeleteCertificateFiles, Verb: Remove, Target: "key pair " + pair.File, Files: []string{pair.File}})
		}
	}
}
