package desired

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
)

// Kind is who issues the tokens that stand in for a secret. It is also the federated credential's name in the tenant, so
// that a registration can trust one of each.
type Kind string

// The kinds of --federated.
const (
	AKS             Kind = "aks"              // a cluster's service accounts: workload identity
	GitHub          Kind = "github"           // a workflow's jobs in an environment
	ManagedIdentity Kind = "managed-identity" // user-assigned identities, one for each tier
)

// Kinds are all of them.
var Kinds = []Kind{AKS, GitHub, ManagedIdentity}

// GitHubIssuer is the issuer of every workflow's tokens ("About security hardening with OpenID Connect", GitHub Docs).
const GitHubIssuer = "https://token.actions.githubusercontent.com"

// Federated says whose tokens the two applications take in place of a secret. Where Kind is "" it is what the tenant has:
// a later run, and doctor, need no flags.
type Federated struct {
	Kind     Kind
	Issuer   string
	Subjects map[Role]string
	Audience string // of the cloud: api://AzureADTokenExchange
	// Values are the settings of both tiers that go with it, by name.
	Values map[string]string
}

// FederatedSettings are the names of a role's settings for a credential that isn't kept here.
func FederatedSettings(role Role) []string {
	return []string{role.Prefix() + "_CLIENT_ASSERTION_FILE", role.Prefix() + "_CLIENT_MANAGED_IDENTITY"}
}

// Setting is the one that a role should have; the one that is there, where nothing else is wanted.
func (f *Federated) Setting(role Role, there map[string]string) Value {
	code := "env-" + role.Code() + "-federated"
	for _, name := range FederatedSettings(role) {
		if text := f.Values[name]; text != "" {
			return Value{Name: name, Text: text, Code: code}
		}
	}
	for _, name := range FederatedSettings(role) {
		if there[name] != "" {
			return Value{Name: name}
		}
	}
	return Value{}
}

// FederatedCredential compares an application's federated credentials of a kind with what they should be. It returns the
// one to write; its ID is that of the one that is there. mendable is false where only a flag of configure could say what is
// right.
func FederatedCredential(s Settings, role Role, kind Kind, there []graph.FederatedIdentityCredential) (wanted graph.FederatedIdentityCredential, changes []Change, mendable bool) {
	position := slices.IndexFunc(there, func(c graph.FederatedIdentityCredential) bool { return c.Name == string(kind) })
	var found graph.FederatedIdentityCredential
	if position >= 0 {
		found = there[position]
	}
	wanted = graph.FederatedIdentityCredential{
		ID: found.ID, Name: string(kind), Issuer: s.Federated.Issuer, Subject: s.Federated.Subjects[role],
		Audiences: []string{s.Federated.Audience}, Description: "Set up by appcreation",
	}
	if wanted.Issuer == "" {
		wanted.Issuer = knownIssuer(s, kind, found.Issuer)
	}
	if wanted.Subject == "" {
		wanted.Subject = found.Subject
	}
	change := func(code, what string) { changes = append(changes, Change{role.Code() + "-federated-" + code, what}) }
	if found.ID == "" {
		change("missing", "trusts no token of issuer "+wanted.Issuer+" and subject "+wanted.Subject)
		return wanted, changes, s.Federated.Kind != ""
	}
	mendable = true
	if found.Issuer != wanted.Issuer {
		change("issuer", "trusts the issuer "+found.Issuer+", should be "+wanted.Issuer)
	} else if u, err := url.Parse(found.Issuer); err != nil || u.Scheme != "https" || u.Host == "" {
		change("issuer", "trusts the issuer "+found.Issuer+", which is no https address")
		mendable = false
	}
	if found.Subject != wanted.Subject {
		change("subject", "trusts the subject "+found.Subject+", should be "+wanted.Subject)
	} else if form := subjectForms[kind]; !form.MatchString(found.Subject) {
		change("subject", "trusts the subject "+found.Subject+", which no token of this kind has")
		mendable = false
	}
	if !slices.Equal(found.Audiences, wanted.Audiences) {
		change("audience", "takes tokens for "+strings.Join(found.Audiences, ", ")+", should be "+s.Federated.Audience)
	}
	return wanted, changes, mendable
}

// knownIssuer: GitHub has one, a managed identity's is the tenant; a cluster's is whatever was said.
func knownIssuer(s Settings, kind Kind, there string) string {
	switch kind {
	case GitHub:
		return GitHubIssuer
	case ManagedIdentity:
		return s.Authority + "/v2.0"
	}
	return there
}

var subjectForms = map[Kind]*regexp.Regexp{
	AKS:             regexp.MustCompile(`^system:serviceaccount:[a-z0-9-]+:[a-z0-9.-]+$`),
	GitHub:          regexp.MustCompile(`^repo:[^/:]+/[^/:]+:.+$`),
	ManagedIdentity: regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`),
}
