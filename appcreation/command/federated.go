package command

import (
	"errors"
	"flag"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/cloud"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/envfile"
)

// Federated is what --federated and its flags choose: whose tokens stand in for a secret.
type Federated struct {
	Kind          string // aks, github, managed-identity, none; "" keeps what development.env has
	Issuer        string // aks: the cluster's OIDC issuer
	Namespace     string // aks: of the service accounts api and webui
	Repository    string // github: owner/name
	Environment   string // github: that the job runs in
	AssertionFile string // aks and github: where the programs find the token
	// managed-identity: <client id>,<object id> of each tier's user-assigned identity. The settings want the one, the
	// registration the other.
	APIIdentity, WebUIIdentity string
}

func (f *Federated) flags(set *flag.FlagSet) {
	set.StringVar(&f.Kind, "federated", "", "no secret: trust the tokens of `aks`, github or managed-identity; none goes back; default: what development.env has")
	set.StringVar(&f.Issuer, "issuer", "", "with aks: the cluster's OIDC issuer `URL`")
	set.StringVar(&f.Namespace, "namespace", "", "with aks: the `namespace` of the service accounts api and webui; default on-behalf-of")
	set.StringVar(&f.Repository, "repository", "", "with github: `owner/name`")
	set.StringVar(&f.Environment, "environment", "", "with github: the `environment` that the job runs in; default production")
	set.StringVar(&f.AssertionFile, "assertion-file", "", "with aks and github: the `file` in which the programs find the token; default: where AKS puts it")
	set.StringVar(&f.APIIdentity, "api-identity", "", "with managed-identity: `client id,object id` of the API's identity")
	set.StringVar(&f.WebUIIdentity, "webui-identity", "", "with managed-identity: `client id,object id` of the web UI's identity")
}

// aksTokenFile is where the webhook of workload identity mounts a pod's token.
const aksTokenFile = "/var/run/secrets/azure/tokens/azure-identity-token"

// federate makes the desired settings of the flags, or of what development.env has. tenantIssuer is known once somebody is
// signed in.
func (f *Federated) federate(s *desired.Settings, c cloud.Cloud, file *envfile.File) error {
	wanted := &desired.Federated{Kind: desired.Kind(f.Kind), Audience: c.TokenExchange, Subjects: map[desired.Role]string{}, Values: map[string]string{}}
	var err error
	switch f.Kind {
	case "":
		if !s.Certificate && slices.ContainsFunc(desired.Roles, func(role desired.Role) bool { return federatedSetting(file, role) }) {
			s.Federated = wanted
		}
		return nil
	case "none":
		s.Unfederated = true
		return nil
	case string(desired.AKS):
		err = f.aks(wanted)
	case string(desired.GitHub):
		err = f.github(wanted)
	case string(desired.ManagedIdentity):
		err = f.managedIdentity(wanted)
	default:
		err = fmt.Errorf("--federated is %q; it should be aks, github, managed-identity or none", f.Kind)
	}
	s.Federated, s.Certificate = wanted, false
	return err
}

func federatedSetting(file *envfile.File, role desired.Role) bool {
	return slices.ContainsFunc(desired.FederatedSettings(role), func(name string) bool { return file.Filled(name) != "" })
}

func (f *Federated) aks(wanted *desired.Federated) error {
	u, err := url.Parse(f.Issuer)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("--issuer is %q; it should be the cluster's, as `az aks show --query oidcIssuerProfile.issuerUrl` prints it", f.Issuer)
	}
	namespace := orElse(f.Namespace, "on-behalf-of")
	wanted.Issuer = f.Issuer
	for _, role := range desired.Roles {
		wanted.Subjects[role] = "system:serviceaccount:" + namespace + ":" + role.Code()
		wanted.Values[role.Prefix()+"_CLIENT_ASSERTION_FILE"] = orElse(f.AssertionFile, aksTokenFile)
	}
	return nil
}

var repositoryForm = regexp.MustCompile(`^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$`)

func (f *Federated) github(wanted *desired.Federated) error {
	if !repositoryForm.MatchString(f.Repository) {
		return fmt.Errorf("--repository is %q; it should be owner/name", f.Repository)
	}
	if f.AssertionFile == "" {
		return errors.New("--assertion-file is missing; it should be the file into which the workflow writes its token for " + wanted.Audience)
	}
	wanted.Issuer = desired.GitHubIssuer
	for _, role := range desired.Roles {
		wanted.Subjects[role] = "repo:" + f.Repository + ":environment:" + orElse(f.Environment, "production")
		wanted.Values[role.Prefix()+"_CLIENT_ASSERTION_FILE"] = f.AssertionFile
	}
	return nil
}

var identityForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func (f *Federated) managedIdentity(wanted *desired.Federated) error {
	if f.APIIdentity == "" && f.WebUIIdentity == "" {
		wanted.Kind = "" // they aren't made yet: nothing is trusted, and there is no secret either
		return nil
	}
	for role, pair := range map[desired.Role]string{desired.API: f.APIIdentity, desired.WebUI: f.WebUIIdentity} {
		clientID, objectID, _ := strings.Cut(strings.ToLower(pair), ",")
		if !identityForm.MatchString(clientID) || !identityForm.MatchString(objectID) || clientID == objectID {
			return fmt.Errorf("--%s-identity is %q; it should be the identity's client id and its object (principal) id, with a comma between", role.Code(), pair)
		}
		wanted.Subjects[role] = objectID
		wanted.Values[role.Prefix()+"_CLIENT_MANAGED_IDENTITY"] = clientID
	}
	return nil
}

func orElse(text, fallback string) string {
	if text == "" {
		return fallback
	}
	return text
}
