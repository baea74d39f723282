package command

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/doctor"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/plan"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/tenant"
)

// Doctor reads the tenant and development.env, writes what is wrong to Out, each with the command that mends it, and
// returns it. It changes nothing.
func Doctor(ctx context.Context, o Options) ([]doctor.Finding, error) {
	o = o.withDefaults()
	s, err := open(o)
	if err != nil {
		return nil, err
	}
	findings := doctor.Authority(ctx, s.client, s.cloud.Discovery(s.tenant), o.Clock.Now)
	if unreachable(findings) {
		if s.cloud.Development {
			findings[0].Fix = "go run ./devtenant/cmd/devtenant"
		}
		return findings, s.conclude(findings)
	}
	if err := s.signIn(ctx); err != nil {
		return findings, fmt.Errorf("%w%s", err, alsoFound(findings))
	}
	state, local, err := s.read(ctx)
	if err != nil {
		return findings, fmt.Errorf("%w%s", err, alsoFound(findings))
	}
	findings = append(findings, s.differences(state, local)...)
	for _, role := range desired.Roles {
		token, err := doctor.FederatedToken(role, s.file.Filled(role.Prefix()+"_CLIENT_ASSERTION_FILE"), state.Apps[role].Federated)
		if err != nil {
			return findings, err
		}
		if token != nil {
			token.Fix = s.trust()
			findings = append(findings, *token)
		}
	}
	return findings, s.conclude(findings)
}

// Problems counts the findings that are wrong, and not only worth knowing.
func Problems(findings []doctor.Finding) int {
	count := 0
	for _, finding := range findings {
		if !finding.Note {
			count++
		}
	}
	return count
}

// differences are what configure would change, and consent.
func (s *session) differences(state tenant.State, local plan.Local) []doctor.Finding {
	wanted := s.settings
	wanted.AdminConsent = false // that is asked below, for consent of either kind
	found := map[string]bool{}
	complete := !slices.ContainsFunc(s.settings.Roles(), func(role desired.Role) bool { return !state.Apps[role].There() })
	var findings []doctor.Finding
	for _, step := range plan.Configure(wanted, state, local).Steps {
		for _, change := range essence(step, complete, local.Exists) {
			found[change.Code] = true
			if follows(found, change.Code) {
				continue
			}
			fix := s.fix(change.Code)
			if step.Kind == plan.SetFederated && step.Verb == plan.Keep {
				fix = s.trust()
			}
			findings = append(findings, doctor.Finding{Code: change.Code, What: step.Target + ": " + change.What, Fix: fix})
		}
	}
	if !complete {
		return findings
	}
	missing, none := plan.MissingConsent(s.settings, state)
	if none {
		return append(findings, doctor.Finding{
			Code: "consent-none", Note: true,
			What: "nobody has consented yet: users are asked when they first sign in",
			Fix:  s.command("--admin-consent") + "   (to consent for all)",
		})
	}
	for _, change := range missing {
		findings = append(findings, doctor.Finding{Code: change.Code, What: change.What, Fix: s.command("--admin-consent")})
	}
	return findings
}

// essence leaves out what only follows from something else: of an application that isn't there, each of its properties
// and whatever refers to it; of a development.env that isn't there, the secrets that should be in it.
func essence(step plan.Step, complete, fileExists bool) []desired.Change {
	absent := step.Verb == plan.Create || step.Verb == plan.Restore
	switch {
	case step.Kind == plan.Application && absent:
		return []desired.Change{{Code: step.Changes[0].Code, What: "it is not there"}}
	case step.Kind == plan.WriteSettings && absent:
		return []desired.Change{{Code: step.Changes[0].Code, What: "it is not there"}}
	case !complete, !fileExists && (step.Kind == plan.AddSecret || step.Kind == plan.MakeCertificate):
		return nil
	default:
		return step.Changes
	}
}

// follows reports whether a finding only follows from another one: without a scope or an app role nothing can refer to it.
func follows(found map[string]bool, code string) bool {
	for cause, effects := range followers {
		if found[cause] && slices.ContainsFunc(effects, func(effect string) bool { return strings.HasPrefix(code, effect) }) {
			return true
		}
	}
	return false
}

// followers are the beginnings of the codes that follow from a code.
var followers = map[string][]string{
	"api-scope":                 {"api-pre-authorized", "webui-permission-api", "webui-permission-stale", "console-permission"},
	"api-scope-mcp.access":      {"api-pre-authorized-mcp", "api-pre-authorized-scope-mcp", "mcp-permission"},
	"api-app-role":              {"application-permission", "application-app-role"},
	"orders-scope-order.read":   {"orders-pre-authorized", "api-permission-orders", "api-permission-stale"},
	"orders-scope-order.write":  {"orders-pre-authorized", "api-permission-orders", "api-permission-stale"},
	"orders-scope-order.delete": {"orders-pre-authorized", "api-permission-orders", "api-permission-stale"},
}

// fix is the command that mends a finding.
func (s *session) fix(code string) string {
	switch {
	case code == "env-readable" && runtime.GOOS != "windows":
		return "chmod 600 " + s.file.Path()
	default:
		return s.command()
	}
}

// trust is the command that says whose tokens are trusted, which nothing here can know.
func (s *session) trust() string {
	return s.command("--federated aks --issuer <URL> --namespace <namespace>   (or github, or managed-identity: see --help)")
}

// command is configure with the flags that this run had.
func (s *session) command(more ...string) string {
	words := []string{"go", "run", "./appcreation", "configure"}
	flag := func(name, value string) {
		if value != "" {
			words = append(words, "--"+name, value)
		}
	}
	flag("cloud", s.options.Cloud)
	flag("tenant", s.options.Tenant)
	flag("devtenant-url", s.options.DevtenantURL)
	flag("name", s.options.Name)
	if s.options.Dir != "." {
		flag("dir", s.options.Dir)
	}
	return strings.Join(append(words, more...), " ")
}

func unreachable(findings []doctor.Finding) bool {
	return len(findings) > 0 && findings[0].Code == "authority-unreachable"
}

// alsoFound keeps what was found before the tenant could not be read: a clock that is off is often why.
func alsoFound(findings []doctor.Finding) string {
	var text strings.Builder
	for _, finding := range findings {
		fmt.Fprintf(&text, "\nFound before that: %s\n    fix: %s", finding.What, finding.Fix)
	}
	return text.String()
}

// conclude writes the findings to Out.
func (s *session) conclude(findings []doctor.Finding) error {
	if len(findings) == 0 {
		_, err := fmt.Fprintln(s.options.Out, "Nothing is wrong.")
		return err
	}
	if err := doctor.Write(s.options.Out, findings); err != nil {
		return err
	}
	notes := len(findings) - Problems(findings)
	_, err := fmt.Fprintf(s.options.Out, "\n%d found, %d worth knowing.\n", len(findings)-notes, notes)
	return err
}
