package devtenant

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// discovery is GET /{tenant}/v2.0/.well-known/openid-configuration (OpenID Connect Discovery 1.0).
// What a browser visits is on the front channel, everything else on the back channel, the issuer included: MSAL wants it on
// the authority's own host.
func (t *Tenant) discovery(w http.ResponseWriter, r *http.Request) {
	allowAnyOrigin(w.Header(), "GET, OPTIONS")
	segment := r.PathValue("tenant")
	if !t.knowsTenant(segment) {
		t.writeRefusal(w, r, refuse(90002, "tenant", segment))
		return
	}
	issuer := t.issuer()
	switch {
	case multiTenant(segment):
		issuer = t.issuerTemplate()
	case personal(segment):
		issuer = t.backURL + "/" + consumers + "/v2.0"
	default:
		segment = t.dir.TenantID()
	}
	browser, back := t.browserURL+"/"+segment, t.backURL+"/"+segment
	cacheForADay(w.Header())
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer":                                issuer,
		"authorization_endpoint":                browser + "/oauth2/v2.0/authorize",
		"token_endpoint":                        back + "/oauth2/v2.0/token",
		"device_authorization_endpoint":         back + "/oauth2/v2.0/devicecode",
		"jwks_uri":                              back + "/discovery/v2.0/keys",
		"end_session_endpoint":                  browser + "/oauth2/v2.0/logout",
		"userinfo_endpoint":                     t.graphURL() + "/oidc/userinfo",
		"kerberos_endpoint":                     back + "/kerberos",
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
		"response_modes_supported":              []string{"query", "fragment", "form_post"},
		"subject_types_supported":               []string{"pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"response_types_supported":              []string{"code", "id_token", "code id_token", "id_token token"},
		"scopes_supported":                      []string{"openid", "profile", "email", "offline_access"},
		"request_uri_parameter_supported":       false,
		"http_logout_supported":                 true,
		"frontchannel_logout_supported":         true,
		"claims_supported": []string{
			"sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name", "msgraph_host", "aud",
			"exp", "iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email",
		},
		"tenant_region_scope":   "NA",
		"cloud_instance_name":   "microsoftonline.com",
		"cloud_graph_host_name": "graph.windows.net",
		"msgraph_host":          "graph.microsoft.com",
		"rbac_url":              "https://pas.windows.net",
	})
}

// graphURL is where Graph is reached. It is on the back channel, which is no host of its own.
func (t *Tenant) graphURL() string { return t.backURL }

// instanceDiscovery is GET /common/discovery/instance: MSAL asks it whether it may trust an authority's host. Of a host
// that is not this tenant's it knows nothing.
func (t *Tenant) instanceDiscovery(w http.ResponseWriter, r *http.Request) {
	allowAnyOrigin(w.Header(), "GET, OPTIONS")
	asked, err := url.Parse(r.URL.Query().Get("authorization_endpoint"))
	if err != nil || asked.Host == "" {
		t.writeRefusal(w, r, refuse(900144, "parameter", "authorization_endpoint"))
		return
	}
	if !t.answersTo(asked.Host) {
		t.writeRefusal(w, r, refuse(50049))
		return
	}
	cacheForADay(w.Header())
	segment, _, _ := strings.Cut(strings.TrimPrefix(asked.Path, "/"), "/")
	host := hostOf(t.backURL)
	aliases := []string{host}
	if microsoft := []string{"login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"}; slices.Contains(microsoft, host) {
		aliases = microsoft
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"tenant_discovery_endpoint": t.backURL + "/" + segment + "/v2.0/.well-known/openid-configuration",
		"api-version":               "1.1",
		"metadata": []map[string]any{{
			"preferred_network": aliases[0], "preferred_cache": aliases[min(1, len(aliases)-1)], "aliases": aliases,
		}},
	})
}

// knowsTenant says whether the first segment of a path means this tenant.
func (t *Tenant) knowsTenant(segment string) bool {
	return t.isCalled(segment) || multiTenant(segment) || personal(segment)
}

// personal says whether a segment stands for personal Microsoft accounts.
func personal(segment string) bool { return segment == "consumers" || segment == consumers }

// issuerTemplate is the issuer of documents that are for several tenants: whoever reads one puts in the tid of the token.
func (t *Tenant) issuerTemplate() string { return t.backURL + "/{tenantid}/v2.0" }

// multiTenant says whether a segment stands for whatever tenant the user is of.
func multiTenant(segment string) bool { return segment == "common" || segment == "organizations" }

// checkTenant refuses a tenant that isn't this one, and /common where the application is for one tenant only.
func (t *Tenant) checkTenant(segment, signInAudience string) *refusal {
	switch {
	case !t.knowsTenant(segment):
		return refuse(90002, "tenant", segment)
	case personal(segment):
		return refuse(50020, "tenant", t.dir.DisplayName()) // no application here is for them
	case multiTenant(segment) && signInAudience == "AzureADMyOrg":
		return refuse(50194)
	}
	return nil
}

// issuer is the issuer of ID tokens and of access tokens in the v2.0 format.
func (t *Tenant) issuer() string { return t.backURL + "/" + t.dir.TenantID() + "/v2.0" }

// issuerV1 is the issuer of access tokens in the v1.0 format, Resource Manager's among them: the same host in every
// deployment of the real service, so here too.
func (t *Tenant) issuerV1() string { return "https://sts.windows.net/" + t.dir.TenantID() + "/" }

func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.Host
}
