package devtenant

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// resourceManager is every route of Azure Resource Manager.
func (t *Tenant) resourceManager() []route {
	const roles = "/subscriptions/{id}/providers/Microsoft.Authorization"
	return []route{
		{"GET /tenants", "tenants", t.listTenants},
		{"GET /subscriptions", "subscriptions", t.subscriptions},
		{"GET /subscriptions/{id}", "subscription", t.subscription},
		{"GET /subscriptions/{id}/locations", "locations", t.locations},
		{"GET " + roles + "/roleDefinitions", "role-definitions", t.listRoleDefinitions},
		{"GET " + roles + "/roleAssignments", "role-assignments", t.listRoleAssignments},
		{"PUT " + roles + "/roleAssignments/{name}", "role-assignments", t.createRoleAssignment},
		{"DELETE " + roles + "/roleAssignments/{name}", "role-assignments", t.deleteRoleAssignment},
		{"/", "resource-manager", t.unknownResource},
	}
}

func resourceManagerEndpoint(name string) bool {
	return slices.Contains([]string{"tenants", "subscriptions", "subscription", "locations", "role-definitions", "role-assignments", "resource-manager"}, name)
}

// isResourceManagers says whether a request is for Resource Manager: by its host, or, where Entra is behind the same one, by
// its path.
func (t *Tenant) isResourceManagers(r *http.Request) bool {
	if host := hostOf(t.resourceManagerURL); host != hostOf(t.backURL) && strings.EqualFold(r.Host, host) {
		return true
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return slices.Contains([]string{"subscriptions", "tenants", "providers"}, strings.ToLower(first))
}

// resourceManagerRequest checks what every request needs: a token for Resource Manager, and a version of the API. Otherwise
// it answers.
func (t *Tenant) resourceManagerRequest(w http.ResponseWriter, r *http.Request) (verified, bool) {
	token, ok := t.checkResourceManagerToken(w, r)
	if !ok {
		return token, false
	}
	switch version := r.URL.Query().Get("api-version"); {
	case version == "":
		resourceManagerError(w, http.StatusBadRequest, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.")
		return token, false
	case !apiVersion.MatchString(version):
		resourceManagerError(w, http.StatusBadRequest, "InvalidApiVersionParameter", "The api-version is invalid. The supported versions are dates, for example '2022-12-01'.")
		return token, false
	}
	return token, true
}

var apiVersion = regexp.MustCompile(`^20\d\d-\d\d-\d\d(-preview)?$`)

// unknownResource answers every other path, in JSON as Resource Manager does.
func (t *Tenant) unknownResource(w http.ResponseWriter, r *http.Request) {
	if _, ok := t.resourceManagerRequest(w, r); !ok {
		return
	}
	if id, ok := strings.CutPrefix(r.URL.Path, "/subscriptions/"); ok && id != "" {
		resourceManagerError(w, http.StatusNotFound, "InvalidResourceNamespace", "devtenant has no resources: "+r.Method+" "+shorten(r.URL.Path))
		return
	}
	resourceManagerError(w, http.StatusNotFound, "MissingSubscription", "The request did not have a subscription or a valid tenant level resource provider.")
}

// checkResourceManagerToken lets a request through whose token is for Resource Manager, or answers it.
func (t *Tenant) checkResourceManagerToken(w http.ResponseWriter, r *http.Request) (verified, bool) {
	c := callOf(r)
	raw := bearer(r)
	if raw == "" {
		w.Header().Set("WWW-Authenticate", t.bearerChallenge("The authentication failed because of missing 'Authorization' header."))
		resourceManagerError(w, http.StatusUnauthorized, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
		return verified{}, false
	}
	refuse := func(code, message string) (verified, bool) {
		w.Header().Set("WWW-Authenticate", t.bearerChallenge(message))
		resourceManagerError(w, http.StatusUnauthorized, code, message)
		return verified{}, false
	}
	token, err := t.verify(raw)
	switch {
	case errors.Is(err, errTokenExpired):
		return refuse("ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than current UTC time.")
	case errors.Is(err, errTokenIssuer):
		return refuse("InvalidAuthenticationTokenTenant", fmt.Sprintf("The access token is from the wrong issuer. It must match the tenant '%s' associated with this subscription.", t.issuerV1()))
	case err != nil:
		return refuse("InvalidAuthenticationToken", "The access token is invalid.")
	}
	resourceManager, _ := t.dir.ServicePrincipalByAppID(directory.ResourceManagerAppID)
	if token.isIDToken() || !slices.Contains(resourceManager.ServicePrincipalNames, token.audience) {
		return refuse("InvalidAuthenticationTokenAudience", "The access token has been obtained for wrong audience or resource. It should exactly match with one of the allowed audiences 'https://management.core.windows.net/','https://management.core.windows.net','https://management.azure.com/','https://management.azure.com'.")
	}
	if token.claims["iss"] != t.issuerV1() {
		return refuse("InvalidAuthenticationTokenTenant", "The access token is from the wrong issuer.")
	}
	c.clientID, c.scope = token.text("appid"), token.text("scp")
	if user, ok := t.dir.User(token.text("oid")); ok {
		c.user = user.MailNickname
	}
	if claims := t.endedEarly(token); claims != "" {
		t.writeChallenge(w, claims, t.revokedSessionForm())
		return verified{}, false
	}
	if token.text("idtyp") != "app" && !slices.Contains(strings.Fields(c.scope), "user_impersonation") {
		resourceManagerError(w, http.StatusForbidden, "AuthorizationFailed", "The token does not have the scope user_impersonation.")
		return verified{}, false
	}
	return token, true
}

// bearer is the token of a request's Authorization header (RFC 6750 section 2.1), or "".
func bearer(r *http.Request) string {
	scheme, raw, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return raw
}

// resourceManagerHeaders are Resource Manager's on every answer. A support request names them.
func resourceManagerHeaders(h http.Header, c *call, r *http.Request) {
	c.correlationID = c.traceID
	for _, name := range []string{"X-Ms-Correlation-Request-Id", "X-Ms-Client-Request-Id"} {
		if id, err := uuid.Parse(r.Header.Get(name)); err == nil {
			c.correlationID = id.String()
			break
		}
	}
	h.Set("Cache-Control", "no-cache")
	h.Set("Pragma", "no-cache")
	h.Set("Expires", "-1")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Ms-Request-Id", c.traceID)
	h.Set("X-Ms-Correlation-Request-Id", c.correlationID)
	h.Set("X-Ms-Routing-Request-Id", fmt.Sprintf("DEVTENANT:%s:%s", c.start.UTC().Format("20060102T150405Z"), c.traceID))
	h.Set("X-Ms-Ratelimit-Remaining-Tenant-Reads", "11999")
	if strings.EqualFold(r.Header.Get("X-Ms-Return-Client-Request-Id"), "true") {
		if id, err := uuid.Parse(r.Header.Get("X-Ms-Client-Request-Id")); err == nil {
			h.Set("X-Ms-Client-Request-Id", id.String())
		}
	}
}

func resourceManagerError(w http.ResponseWriter, status int, code, message string) {
	writeJSON(w, status, map[string]any{"error": map[string]string{"code": code, "message": message}})
}
