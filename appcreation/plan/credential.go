package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/guid"
)

// early is how long before its end a credential counts as used up: a week is time to notice.
const early = 7 * 24 * time.Hour

// hintLength is how much of a secret Graph shows afterwards.
const hintLength = 3

func (p *planner) credential(role desired.Role) {
	switch {
	case p.settings.FederatedOf(role) != nil:
		p.federated(role)
	case p.settings.CertificateOf(role):
		p.certificate(role)
	default:
		p.secret(role)
	}
	if p.settings.Unfederated && slices.Contains(desired.Roles, role) {
		p.removeFederated(role)
	}
}

// secret makes sure that the secret in development.env is one of the application's.
func (p *planner) secret(role desired.Role) {
	app := p.apps[role].Application
	value := p.local.Values[role.Prefix()+"_CLIENT_SECRET"]
	inUse, problem := p.matchSecret(role, value, app.PasswordCredentials)
	step := Step{Kind: AddSecret, Role: role, Verb: Keep, Target: fmt.Sprintf("secret of the %s", role)}
	if problem != nil {
		step.Verb = Create
		step.Changes = []desired.Change{*problem}
		step.Remark = fmt.Sprintf("good until %s, written to %s", p.local.Now.Add(p.settings.Life).Format(time.DateOnly), p.local.File)
		inUse = ""
	}
	p.add(step)
	p.removeSecrets(role, inUse, problem == nil)
	p.keepCertificates(role, nil)
}

// matchSecret finds the key id of the secret that development.env holds, or says what is wrong with it. All that Graph
// tells of a secret is its first characters.
func (p *planner) matchSecret(role desired.Role, value string, credentials []graph.PasswordCredential) (keyID string, problem *desired.Change) {
	name := role.Prefix() + "_CLIENT_SECRET"
	change := func(code, format string, values ...any) *desired.Change {
		return &desired.Change{Code: role.Code() + "-secret-" + code, What: fmt.Sprintf(format, values...)}
	}
	if value == "" {
		return "", change("missing", "%s has no value", name)
	}
	var best *graph.PasswordCredential
	for i, credential := range credentials {
		if credential.KeyID == value {
			return "", change("id", "%s holds the secret's ID, not its value", name)
		}
		matches := len(value) >= hintLength && credential.Hint == value[:hintLength]
		if matches && (best == nil || credential.EndDateTime.After(best.EndDateTime)) {
			best = &credentials[i]
		}
	}
	switch {
	case best == nil && guid.Valid(value):
		return "", change("id", "%s holds a GUID, as a secret's ID is; it should be the secret's value", name)
	case best == nil:
		return "", change("unknown", "the application has no secret like the one in %s", name)
	case !best.EndDateTime.After(p.local.Now):
		return "", change("expired", "the secret in %s expired on %s", name, best.EndDateTime.Format(time.DateOnly))
	case !best.EndDateTime.After(p.local.Now.Add(early)):
		return "", change("expiring", "the secret in %s expires on %s", name, best.EndDateTime.Format(time.DateOnly))
	}
	return best.KeyID, nil
}

// removeSecrets takes away the secrets that were made for this development.env and aren't in it: of a run that was
// interrupted before it could write them, or used up. Others' secrets stay.
func (p *planner) removeSecrets(role desired.Role, inUse string, isFinding bool) {
	if p.local.Installation == "" {
		return
	}
	for _, credential := range p.apps[role].Application.PasswordCredentials {
		if credential.DisplayName != CredentialName(p.local.Installation) || credential.KeyID == inUse {
			continue
		}
		step := Step{
			Kind: RemoveSecret, Verb: Remove, Role: role, ID: credential.KeyID,
			Target: fmt.Sprintf("secret of the %s with the ID %s", role, credential.KeyID), Remark: "made here, and not in use any more",
		}
		if isFinding {
			step.Changes, step.Remark = []desired.Change{{Code: role.Code() + "-secret-left", What: "made here, and not the one in " + p.local.File}}, ""
		}
		p.add(step)
	}
}

// certificate makes sure that a key pair lies here, that the application has its certificate, and that no secret of
// ours is left.
func (p *planner) certificate(role desired.Role) {
	pair := p.local.Pairs[role]
	file := p.local.PairFiles[role]
	step := Step{Kind: MakeCertificate, Role: role, Verb: Keep, Target: fmt.Sprintf("key pair of the %s in %s", role, file)}
	problem := func(code, what string) {
		step.Verb = Create
		step.Changes = []desired.Change{{Code: role.Code() + "-certificate-" + code, What: what}}
		step.Remark = fmt.Sprintf("good until %s; the private key stays here", p.local.Now.Add(p.settings.Life).Format(time.DateOnly))
		pair = nil
	}
	switch {
	case pair == nil:
		problem("missing", "there is no file")
	case !pair.HasKey:
		problem("no-key", "the file holds no private key")
	case !pair.Certificate.NotAfter.After(p.local.Now):
		problem("expired", "the certificate expired on "+pair.Certificate.NotAfter.Format(time.DateOnly))
	case !pair.Certificate.NotAfter.After(p.local.Now.Add(early)):
		problem("expiring", "the certificate expires on "+pair.Certificate.NotAfter.Format(time.DateOnly))
	}
	p.add(step)
	if pair == nil {
		p.add(Step{Kind: UploadCertificates, Role: role, Verb: Create, Target: fmt.Sprintf("certificate of the %s in the tenant", role)})
	} else {
		p.keepCertificates(role, pair.Certificate.Raw)
	}
	p.removeSecrets(role, "", true)
}

// keepCertificates has the application know der, and none of the other certificates that were made for this
// development.env. With der nil it should know none of ours.
func (p *planner) keepCertificates(role desired.Role, der []byte) {
	app := p.apps[role].Application
	known, stale := KnownCertificates(app.KeyCredentials, der, p.local.Installation)
	step := Step{Kind: UploadCertificates, Role: role, Verb: Keep, Target: fmt.Sprintf("certificate of the %s in the tenant", role)}
	switch {
	case der != nil && !known:
		step.Verb = Create
		step.Changes = []desired.Change{{Code: role.Code() + "-certificate-unknown", What: "not there: it should be the one in " + p.local.PairFiles[role]}}
	case stale > 0:
		step.Verb = Remove
		step.Changes = []desired.Change{{Code: role.Code() + "-certificate-left", What: "made here, and not in use"}}
	case der == nil:
		return
	}
	p.add(step)
}

// KnownCertificates says whether der is among an application's certificates, and how many others there were made for
// this development.env.
func KnownCertificates(credentials []graph.KeyCredential, der []byte, installation string) (known bool, stale int) {
	for _, credential := range credentials {
		switch {
		case der != nil && string(credential.Key) == string(der):
			known = true
		case installation != "" && credential.DisplayName == CredentialName(installation):
			stale++
		}
	}
	return known, stale
}
