// Package entra holds what both tiers know about Microsoft Entra ID: where a tenant's endpoints are, with which keys it
// signs, how an application proves who it is, and what the errors of the token endpoint mean. It makes the HTTP client for
// all of that.
package entra

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

// Authority is the address of a tenant, https://<host>/<tenant>, as AUTHORITY holds it. The tenants organizations and common stand
// for several: [ReadTenants] says which.
type Authority struct {
	host   string
	tenant string
}

// microsoftHosts are the hosts of the public and the national clouds, under each of their names ("National clouds" in the
// identity platform's documentation, and the aliases in its instance discovery). The name on the right is the one in the
// issuer of their tokens.
func microsoftHosts() map[string]string {
	const public, government, china = "login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"
	return map[string]string{
		public: public, "login.windows.net": public, "login.microsoft.com": public, "sts.windows.net": public,
		government: government, "login.usgovcloudapi.net": government,
		china: china, "login.chinacloudapi.cn": china,
	}
}

// ReadAuthority asks for AUTHORITY.
func ReadAuthority(r *env.Reader) Authority {
	raw := r.Text("AUTHORITY", "https://login.microsoftonline.com/<tenant id>")
	if raw == "" {
		return Authority{} // which the reader has noted
	}
	authority, err := ParseAuthority(raw)
	if err != nil {
		r.Reject("AUTHORITY", err.Error())
	}
	return authority
}

// ParseAuthority reads the address of a tenant. That of personal accounts is refused: they have no organization's subscriptions.
func ParseAuthority(raw string) (Authority, error) {
	parsed, err := url.Parse(raw)
	if err != nil || parsed.Scheme != "https" || parsed.Host == "" || parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "" {
		return Authority{}, fmt.Errorf("is not of the form https://<host>/<tenant id>, such as https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555")
	}
	tenant := strings.Trim(parsed.Path, "/")
	switch {
	case tenant == "" || strings.Contains(tenant, "/"):
		return Authority{}, fmt.Errorf("names no tenant; it is https://<host>/<tenant id>, without anything behind the id")
	case slices.Contains([]string{"consumers", PersonalAccounts}, strings.ToLower(tenant)):
		return Authority{}, fmt.Errorf("ends with %q, which stands for personal accounts; it should end with the tenant's id, the Directory (tenant) ID of the app registration's Overview page", tenant)
	}
	host := strings.TrimSuffix(strings.ToLower(parsed.Host), ":443")
	return Authority{host: cmp.Or(microsoftHosts()[host], host), tenant: strings.ToLower(tenant)}, nil
}

// String returns the authority without a trailing slash, as MSAL and go-oidc take it.
func (a Authority) String() string { return "https://" + a.host + "/" + a.tenant }

// Host returns the authority's host, with its port where it has one.
func (a Authority) Host() string { return a.host }

// Several reports whether the authority stands for more than one organization.
func (a Authority) Several() bool { return a.tenant == "organizations" || a.tenant == "common" }

// For returns the authority at which tokens of a tenant's users are asked for. A token can only be exchanged at its own tenant
// (AADSTS9001023).
func (a Authority) For(tenantID string) Authority {
	if a.Several() {
		a.tenant = tenantID
	}
	return a
}

// Microsoft reports whether the host is one of Microsoft's clouds. MSAL verifies such hosts by instance discovery; for
// any other it would ask login.microsoftonline.com about a host that nobody there knows.
func (a Authority) Microsoft() bool { return microsoftHosts()[a.host] != "" }

// discoveryURL is where the tenant describes itself (OpenID Connect Discovery 1.0, section 4), to an application where
// clientID names one.
func (a Authority) discoveryURL(clientID string) string {
	address := a.String() + "/v2.0/.well-known/openid-configuration"
	if clientID != "" {
		address += "?" + url.Values{"appid": {clientID}}.Encode()
	}
	return address
}
