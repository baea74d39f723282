package plan

import (
	"encoding/base64"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
)

// SessionKeySize is the size of WEBUI_SESSION_KEY in bytes.
const SessionKeySize = 32

// SessionKey is the value of a setting that the program that writes it has to make: it is random.
const SessionKey = "<new random key>"

// writeSettings corrects development.env, but for the secrets: those are written by the steps that make them.
func (p *planner) writeSettings() {
	values := desired.Values(p.settings, p.local.Values, p.others)
	values = append(values, Settings(p.settings, p.local)...)
	step := Step{Kind: WriteSettings, Verb: Keep, Target: p.local.File, Values: values}
	switch {
	case !p.local.Exists:
		step.Verb = Create
		step.Changes = []desired.Change{{Code: "env-missing", What: "the settings of both tiers, readable by you alone"}}
	case len(values) > 0 || !p.local.Private:
		step.Verb = Change
		for _, value := range values {
			step.Changes = append(step.Changes, desired.Change{Code: value.Code, What: sentence(value)})
		}
		if !p.local.Private {
			step.Changes = append(step.Changes, desired.Change{Code: "env-readable", What: "others on this machine can read it; they should not"})
		}
	case p.local.Installation == "":
		step.Verb = Change // a line by which its secrets are known again; nothing is wrong without it
		step.Remark = "a comment by which its secrets are known again"
	}
	p.add(step)
}

// Settings are the values of development.env that depend on nothing in the tenant.
func Settings(s desired.Settings, local Local) []desired.Value {
	var values []desired.Value
	if !sessionKey(local.Values["WEBUI_SESSION_KEY"]) {
		values = append(values, desired.Value{Name: "WEBUI_SESSION_KEY", Text: SessionKey, Code: "env-session-key"})
	}
	for _, role := range s.Confidential() {
		values = append(values, credentialSettings(s, local, role)...)
	}
	return values
}

// credentialSettings: exactly one of the four may be set.
func credentialSettings(s desired.Settings, local Local, role desired.Role) []desired.Value {
	secretName, certificateName := role.Prefix()+"_CLIENT_SECRET", role.Prefix()+"_CLIENT_CERTIFICATE"
	wanted := desired.Value{Name: secretName} // which the step that makes it writes
	switch {
	case s.FederatedOf(role) != nil:
		wanted = s.Federated.Setting(role, local.Values)
	case s.CertificateOf(role):
		wanted = desired.Value{Name: certificateName, Text: local.PairFiles[role], Code: "env-" + role.Code() + "-certificate"}
	}
	var values []desired.Value
	if wanted.Was = local.Values[wanted.Name]; wanted.Text != "" && wanted.Was != wanted.Text {
		values = append(values, wanted)
	}
	for _, name := range append([]string{secretName, certificateName}, desired.FederatedSettings(role)...) {
		there := local.Values[name]
		if name == wanted.Name || there == "" {
			continue
		}
		if name == secretName {
			there = ""
		}
		values = append(values, desired.Value{Name: name, Code: "env-" + role.Code() + "-secret-and-certificate", Was: there})
	}
	return values
}

func sentence(value desired.Value) string {
	switch {
	case value.Text == "":
		return value.Name + " goes: a tier takes exactly one credential"
	case value.Was == "" || strings.Contains(value.Was, "ReplaceWith"):
		return value.Name + " has no value, should be " + value.Text
	default:
		return value.Name + " is " + value.Was + ", should be " + value.Text
	}
}

func sessionKey(text string) bool {
	key, err := base64.StdEncoding.DecodeString(text)
	return err == nil && len(key) == SessionKeySize
}
