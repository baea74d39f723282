package plan

import (
	"fmt"
	"slices"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
)

// federated makes sure that the application trusts the issuer that was asked for, and each that was set up here before, and
// that no secret or certificate of ours is left.
func (p *planner) federated(role desired.Role) {
	there := p.apps[role].Federated
	kinds := slices.DeleteFunc(slices.Clone(desired.Kinds), func(kind desired.Kind) bool { return kind != p.settings.Federated.Kind })
	if p.settings.Federated.Kind == "" {
		for _, credential := range there {
			if kind := desired.Kind(credential.Name); slices.Contains(desired.Kinds, kind) {
				kinds = append(kinds, kind)
			}
		}
	}
	if len(kinds) == 0 {
		p.add(Step{Kind: SetFederated, Verb: Keep, Role: role, Target: fmt.Sprintf("federated credential of the %s", role),
			Changes: []desired.Change{{Code: role.Code() + "-federated-missing", What: "has none, and the settings want one"}}})
	}
	for _, kind := range kinds {
		wanted, changes, mendable := desired.FederatedCredential(p.settings, role, kind, there)
		step := Step{Kind: SetFederated, Verb: verb(changes), Role: role, Changes: changes, Federated: wanted, Target: fmt.Sprintf("federated credential %q of the %s", kind, role)}
		switch {
		case !mendable:
			step.Verb = Keep
		case wanted.ID == "":
			step.Verb = Create
		}
		p.add(step)
	}
	p.removeSecrets(role, "", true)
	p.keepCertificates(role, nil)
}

// removeFederated takes away the trust that was set up here. Others' stays.
func (p *planner) removeFederated(role desired.Role) {
	for _, credential := range p.apps[role].Federated {
		if slices.Contains(desired.Kinds, desired.Kind(credential.Name)) {
			p.add(Step{Kind: RemoveFederated, Verb: Remove, Role: role, ID: credential.ID,
				Target: fmt.Sprintf("federated credential %q of the %s", credential.Name, role), Remark: "made here"})
		}
	}
}
