package devtenant

import "net/http"

// discoveryV1 is GET /{tenant}/.well-known/openid-configuration: the v1.0 document. Whoever checks tokens in the v1.0 format
// finds issuer and keys in it, and the Azure CLI the id of a tenant that it knows by its domain. The endpoints that it names
// are those of v1.0 (with resource in place of scope), which this tenant doesn't have.
func (t *Tenant) discoveryV1(w http.ResponseWriter, r *http.Request) {
	segment := r.PathValue("tenant")
	if !t.knowsTenant(segment) {
		t.writeRefusal(w, r, refuse(90002, "tenant", segment))
		return
	}
	issuer := t.issuerV1()
	if multiTenant(segment) {
		issuer = "https://sts.windows.net/{tenantid}/"
	} else {
		segment = t.dir.TenantID()
	}
	browser, back := t.browserURL+"/"+segment, t.backURL+"/"+segment
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer":                                issuer,
		"authorization_endpoint":                browser + "/oauth2/authorize",
		"token_endpoint":                        back + "/oauth2/token",
		"device_authorization_endpoint":         back + "/oauth2/devicecode",
		"end_session_endpoint":                  browser + "/oauth2/logout",
		"jwks_uri":                              t.backURL + "/common/discovery/keys",
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
		"response_modes_supported":              []string{"query", "fragment", "form_post"},
		"subject_types_supported":               []string{"pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"response_types_supported":              []string{"code", "id_token", "code id_token", "token id_token", "token"},
		"scopes_supported":                      []string{"openid"},
		"tenant_region_scope":                   "NA",
		"cloud_instance_name":                   "microsoftonline.com",
		"cloud_graph_host_name":                 "graph.windows.net",
		"msgraph_host":                          "graph.microsoft.com",
		"rbac_url":                              "https://pas.windows.net",
	})
}
