// Package cloud knows where the services of Azure's clouds are.
//
// Sources: "National cloud authentication endpoints", "Microsoft Graph national cloud deployments", and the Azure SDK's
// package cloud for Resource Manager.
package cloud

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	azcloud "github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
)

// Cloud is one of them. Addresses have no trailing slash.
type Cloud struct {
	Name            string
	Authority       string // of every tenant: https://login.microsoftonline.com
	Graph           string // without the version
	GraphAudience   string // what tokens for Graph are asked for
	ResourceManager string
	Portal          string
	TokenExchange   string // the audience of tokens that stand in for a secret ("Workload identity federation")
	// Development marks devtenant: it stands on a certificate of its own, Microsoft doesn't vouch for its host, and it
	// takes a front-channel sign-out URL on plain http.
	Development bool
}

// Names are the values of --cloud.
var Names = []string{"public", "usgov", "china", "devtenant"}

// DefaultDevtenantURL is where the tiers and tools reach devtenant unless told otherwise.
const DefaultDevtenantURL = "https://localhost:8003"

const (
	publicGraph    = "https://graph.microsoft.com"
	publicExchange = "api://AzureADTokenExchange"
)

// ByName returns a cloud by its name. devtenantURL is devtenant's back-channel address; "" means its default.
func ByName(name, devtenantURL string) (Cloud, error) {
	switch name {
	case "public":
		return Cloud{
			Name: name, Authority: "https://login.microsoftonline.com", Graph: publicGraph, GraphAudience: publicGraph,
			ResourceManager: "https://management.azure.com", Portal: "https://entra.microsoft.com", TokenExchange: publicExchange,
		}, nil
	case "usgov":
		return Cloud{
			Name: name, Authority: "https://login.microsoftonline.us", Graph: "https://graph.microsoft.us", GraphAudience: "https://graph.microsoft.us",
			ResourceManager: "https://management.usgovcloudapi.net", Portal: "https://entra.microsoft.us",
			TokenExchange: publicExchange + "USGov",
		}, nil
	case "china":
		return Cloud{
			Name: name, Authority: "https://login.partner.microsoftonline.cn",
			Graph: "https://microsoftgraph.chinacloudapi.cn", GraphAudience: "https://microsoftgraph.chinacloudapi.cn",
			ResourceManager: "https://management.chinacloudapi.cn", Portal: "https://entra.microsoftonline.cn",
			TokenExchange: publicExchange + "China",
		}, nil
	case "devtenant":
		if devtenantURL == "" {
			devtenantURL = DefaultDevtenantURL
		}
		u, err := url.Parse(devtenantURL)
		if err != nil || u.Scheme != "https" || u.Host == "" {
			return Cloud{}, fmt.Errorf("devtenant's address is %q; it should be like %s", devtenantURL, DefaultDevtenantURL)
		}
		origin := "https://" + u.Host
		return Cloud{Name: name, Authority: origin, Graph: origin, GraphAudience: publicGraph, ResourceManager: origin, Portal: origin,
			TokenExchange: publicExchange, Development: true}, nil
	default:
		return Cloud{}, fmt.Errorf("there is no cloud %q; it is one of %s", name, strings.Join(Names, ", "))
	}
}

// ForAuthority returns the cloud that an AUTHORITY setting is in, and its tenant: a GUID or a domain. A host that isn't
// Microsoft's is taken for devtenant. ok is false for what is no authority, such as the template's placeholder.
func ForAuthority(authority string) (c Cloud, tenant string, ok bool) {
	u, err := url.Parse(authority)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return Cloud{}, "", false
	}
	tenant = strings.Trim(u.Path, "/")
	for _, name := range Names[:3] {
		c, _ := ByName(name, "")
		if "https://"+u.Host == c.Authority {
			return c, tenant, true
		}
	}
	if strings.HasSuffix(u.Host, ".chinacloudapi.cn") || slices.Contains([]string{"login.windows.net", "login.microsoft.com", "sts.windows.net"}, u.Host) {
		return Cloud{}, "", false // Microsoft's as well, but not how it should be written
	}
	c, err = ByName("devtenant", "https://"+u.Host)
	return c, tenant, err == nil
}

// Configuration is the form in which azidentity takes a cloud.
func (c Cloud) Configuration() azcloud.Configuration {
	return azcloud.Configuration{ActiveDirectoryAuthorityHost: c.Authority}
}

// Discovery is the address of a tenant's OpenID Connect metadata; tenant may be "", for whichever the user is of.
func (c Cloud) Discovery(tenant string) string {
	if tenant == "" {
		tenant = "organizations"
	}
	return c.Authority + "/" + tenant + "/v2.0/.well-known/openid-configuration"
}
