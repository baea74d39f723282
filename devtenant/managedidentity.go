package devtenant

import (
	"crypto/subtle"
	"net/http"
	"strconv"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

const managedIdentityVersion = "2019-08-01"

// ManagedIdentityEnvironment is what App Service and Container Apps put into the environment of a program that has a
// managed identity: IDENTITY_ENDPOINT and IDENTITY_HEADER. MSAL's managedidentity and azidentity go by them.
func (t *Tenant) ManagedIdentityEnvironment() map[string]string {
	return map[string]string{"IDENTITY_ENDPOINT": t.browserURL + "/msi/token", "IDENTITY_HEADER": t.options.IdentityHeader}
}

// managedIdentityToken is GET /msi/token: the endpoint of App Service and Container Apps ("How to use managed identities
// for App Service", REST endpoint reference). client_id, or principal_id, chooses a user-assigned identity; there is no
// system-assigned one, since no federated credential can trust it.
func (t *Tenant) managedIdentityToken(w http.ResponseWriter, r *http.Request) {
	c, query := callOf(r), r.URL.Query()
	c.clientID, c.scope = query.Get("client_id"), query.Get("resource")
	if subtle.ConstantTimeCompare([]byte(r.Header.Get("X-Identity-Header")), []byte(t.options.IdentityHeader)) != 1 {
		t.managedIdentityError(w, r, http.StatusUnauthorized, "The X-IDENTITY-HEADER is missing or is not this application's.")
		return
	}
	if version := query.Get("api-version"); version != managedIdentityVersion {
		t.managedIdentityError(w, r, http.StatusBadRequest, "The api-version '"+version+"' is not supported; "+managedIdentityVersion+" is.")
		return
	}
	identity, ok := t.dir.ManagedIdentity(c.clientID)
	if !ok && c.clientID == "" {
		identity, ok = t.dir.ServicePrincipal(query.Get("principal_id"))
	}
	if _, managed := t.dir.ManagedIdentity(identity.AppID); !ok || !managed {
		message := "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId."
		if c.clientID == "" && query.Get("principal_id") == "" {
			message = "Unable to load the proper Managed Identity."
		}
		t.managedIdentityError(w, r, http.StatusBadRequest, message)
		return
	}
	resource, ok := t.dir.Resource(c.scope)
	if !ok {
		refused := refuse(500011, "resource", c.scope, "tenant", t.dir.DisplayName())
		c.aadsts = refused.Code
		t.managedIdentityError(w, r, http.StatusBadRequest, refused.description(c))
		return
	}
	expires := t.Now().Add(longLifetime).Unix()
	writeJSON(w, http.StatusOK, map[string]string{
		"access_token": t.sign(t.managedIdentityClaims(identity, resource, c.scope)), "token_type": "Bearer", "resource": c.scope,
		"client_id": identity.AppID, "expires_on": strconv.FormatInt(expires, 10), // seconds, as text
	})
}

// managedIdentityClaims are an application's own, in the v2.0 format where they are for the exchange of federated
// credentials.
func (t *Tenant) managedIdentityClaims(identity, resource directory.ServicePrincipal, name string) map[string]any {
	request := &tokenRequest{client: directory.Application{AppID: identity.AppID}, auth: withCertificate}
	claims := t.appClaims(request, resourceScopes{api: resource, name: name}, identity, longLifetime)
	if resource.AppID == directory.TokenExchangeAppID {
		delete(claims, "appid")
		delete(claims, "appidacr")
		t.addV2(claims, resource.AppID, request)
	}
	return claims
}

func (t *Tenant) managedIdentityError(w http.ResponseWriter, r *http.Request, status int, message string) {
	writeJSON(w, status, map[string]any{"statusCode": status, "message": message, "correlationId": callOf(r).correlationID})
}
