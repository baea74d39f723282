package command

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/cloud"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/envfile"
)

// pickCloud: the flag, then development.env's authority, then Azure's public cloud. It returns the tenant as well, by the
// same order; "" is the user's own.
func pickCloud(o Options, file *envfile.File) (cloud.Cloud, string, error) {
	there, tenant, known := cloud.ForAuthority(file.Filled("AUTHORITY"))
	if tenant == organizations {
		tenant = "" // it stands for any; the applications are registered in the user's own
	}
	name, address := o.Cloud, o.DevtenantURL
	if name == "" && address != "" {
		name = "devtenant"
	}
	switch {
	case name == "" && known:
		if o.Tenant != "" {
			tenant = o.Tenant
		}
		return there, tenant, nil
	case name == "":
		name = "public"
	case name == "devtenant" && address == "" && known && there.Development:
		address = there.Authority
	}
	picked, err := cloud.ByName(name, address)
	if err != nil {
		return cloud.Cloud{}, "", err
	}
	if !known || there.Authority != picked.Authority {
		tenant = "" // development.env's is of another cloud
	}
	if o.Tenant != "" {
		tenant = o.Tenant
	}
	return picked, tenant, nil
}

// defaultDevtenantCA is where devtenant writes its certificate authority, if it is started in the project's folder.
const defaultDevtenantCA = "devtenant-ca.pem"

// trustedCAFile is the certificate authority to trust besides the system's, or "".
func trustedCAFile(o Options, c cloud.Cloud, file *envfile.File) string {
	for _, candidate := range []string{o.TrustedCAFile, os.Getenv("TRUSTED_CA_FILE"), file.Filled("TRUSTED_CA_FILE")} {
		if candidate != "" {
			return candidate
		}
	}
	if c.Development {
		return filepath.Join(o.Dir, defaultDevtenantCA)
	}
	return ""
}

// settings is everything desired that doesn't depend on what the tenant answers.
func settings(o Options, c cloud.Cloud, file *envfile.File, caFile string) (desired.Settings, error) {
	s := desired.Settings{
		Name:         o.Name,
		DisplayNames: map[desired.Role]string{desired.API: o.APIName, desired.WebUI: o.WebUIName},
		Scope:        file.Filled("API_REQUIRED_SCOPE"),
		Life:         o.Life,
		AdminConsent: o.AdminConsent,

		ServiceManagementReference: o.ServiceManagementReference,
		Certificate:                file.Filled("WEBUI_CLIENT_CERTIFICATE") != "" || file.Filled("API_CLIENT_CERTIFICATE") != "",
	}
	if o.Certificate != nil {
		if *o.Certificate && o.Federated.Kind != "" && o.Federated.Kind != "none" {
			return s, errors.New("--certificate and --federated are both set; a tier takes exactly one credential")
		}
		s.Certificate = *o.Certificate
	}
	err := o.Federated.federate(&s, c, file)
	if err != nil {
		return s, err
	}
	s.Parts = o.With
	if o.With == nil {
		s.Parts = slices.DeleteFunc(slices.Clone(desired.Parts), func(part desired.Part) bool { return !slices.ContainsFunc(part.Settings(), filled(file)) })
	}
	s.GraphURL, s.OrdersURL = c.Graph, file.Filled("API_ORDERS_URL")
	if s.SignInAudience, err = audience(o, file); err != nil {
		return s, err
	}
	if _, name := file.Installation(); s.Name == "" {
		s.Name = name
	}
	if err := addresses(&s, o, file); err != nil {
		return s, err
	}
	s.ResourceManagerURL = c.ResourceManager
	if there := file.Filled("API_RESOURCE_MANAGER_URL"); c.Development && sameCloud(c, file) && there != "" {
		s.ResourceManagerURL = there // devtenant's may be at a name of its own
	}
	if o.ResourceManagerURL != "" {
		s.ResourceManagerURL = o.ResourceManagerURL
	}
	if c.Development || o.TrustedCAFile != "" {
		s.TrustedCAFile = caFile
	}
	s = s.WithDefaults()
	s.FrontChannelLogoutURL = desired.FrontChannelLogoutURL(s.RedirectURI, c.Development)
	return s, nil
}

// addresses: a flag, then what development.env has, then (later) the default.
func addresses(s *desired.Settings, o Options, file *envfile.File) error {
	s.RedirectURI = file.Filled("WEBUI_REDIRECT_URI")
	s.PostLogoutRedirectURI = file.Filled("WEBUI_POST_LOGOUT_REDIRECT_URI")
	s.APIURL = file.Filled("WEBUI_API_URL")
	webUI, api, err := baseURLs(o)
	if err != nil {
		return err
	}
	if webUI != "" {
		s.FormerRedirectURIs = nonEmpty(s.RedirectURI, s.PostLogoutRedirectURI)
		s.RedirectURI, s.PostLogoutRedirectURI = webUI+"/account/callback", webUI+"/"
	}
	if api != "" {
		s.APIURL = api
	}
	if o.WebUIPort != 0 {
		s.WebUIAddr = localhost(o.WebUIPort)
	}
	if o.APIPort != 0 {
		s.APIAddr = localhost(o.APIPort)
	}
	return nil
}

// baseURLs are those of the flags, without a trailing slash; "" where there was no flag.
func baseURLs(o Options) (webUI, api string, err error) {
	pick := func(name, address string, port int) (string, error) {
		if address == "" && port != 0 {
			address = "http://" + localhost(port)
		}
		if address == "" {
			return "", nil
		}
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/" {
			return "", fmt.Errorf("--%s-url is %q; it should be like https://subscriptions.example.com", name, address)
		}
		if u.Scheme == "http" && u.Hostname() != "localhost" && name == "webui" {
			return "", errors.New("--webui-url: Entra takes plain http for localhost only; it should begin with https://")
		}
		return u.Scheme + "://" + u.Host, nil
	}
	if webUI, err = pick("webui", o.WebUIURL, o.WebUIPort); err != nil {
		return "", "", err
	}
	api, err = pick("api", o.APIURL, o.APIPort)
	return webUI, api, err
}

func sameCloud(c cloud.Cloud, file *envfile.File) bool {
	there, _, ok := cloud.ForAuthority(file.Filled("AUTHORITY"))
	return ok && there.Authority == c.Authority
}

func localhost(port int) string { return net.JoinHostPort("localhost", strconv.Itoa(port)) }

func nonEmpty(values ...string) []string {
	var kept []string
	for _, value := range values {
		if value != "" {
			kept = append(kept, value)
		}
	}
	return kept
}

func filled(file *envfile.File) func(string) bool {
	return func(name string) bool { return file.Filled(name) != "" }
}

// parts reads the value of --with.
func parts(text string) ([]desired.Part, error) {
	found := []desired.Part{} // an empty value is none of them
	for name := range strings.SplitSeq(text, ",") {
		part := desired.Part(strings.TrimSpace(name))
		if part == "" {
			continue
		}
		if !slices.Contains(desired.Parts, part) {
			return nil, fmt.Errorf("there is no part %q; there are %s", part, strings.Trim(fmt.Sprint(desired.Parts), "[]"))
		}
		found = append(found, part)
	}
	return found, nil
}

// organizations ends an authority that stands for all organizations.
const organizations = "organizations"

// audience: the flag, then what development.env's authority stands for.
func audience(o Options, file *envfile.File) (string, error) {
	switch o.Audience {
	case "":
		if strings.HasSuffix(file.Filled("AUTHORITY"), "/"+organizations) {
			return desired.ManyOrganizations, nil
		}
		return "", nil
	case "tenant":
		return "AzureADMyOrg", nil
	case organizations:
		return desired.ManyOrganizations, nil
	}
	return "", fmt.Errorf("--audience is %q; it should be tenant or organizations", o.Audience)
}
