package devtenant

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

const tokenEndpoint = "token"

// tokenRequest is a request to the token endpoint whose client has been authenticated.
type tokenRequest struct {
	http   *http.Request
	form   url.Values
	client directory.Application
	auth   clientAuth
	scopes scopes
	claims claimsRequest
	// renewed is the refresh token that is redeemed: a new one has the same scope (RFC 6749 section 6), and is for a
	// page in a browser if the old one is. A code has only the latter to hand on.
	renewed refreshToken
}

// grant answers one grant type.
type grant struct {
	name    string // in Count: "token:" + name
	redeems bool   // what the authorization endpoint gave, or its successor: says itself whether it was for a browser
	handle  func(*tokenRequest) (*tokenAnswer, *refusal)
}

// grants are the grant types that the tenant knows, by the grant_type parameter. Each has a file of its own.
func (t *Tenant) grants() map[string]grant {
	grants := map[string]grant{
		"authorization_code":                           {"authorization_code", true, t.grantAuthorizationCode},
		"refresh_token":                                {"refresh_token", true, t.grantRefreshToken},
		"client_credentials":                           {"client_credentials", false, t.grantClientCredentials},
		"urn:ietf:params:oauth:grant-type:jwt-bearer":  {"on_behalf_of", false, t.grantOnBehalfOf},
		"urn:ietf:params:oauth:grant-type:device_code": {"device_code", false, t.grantDeviceCode},
		"device_code":                                  {"device_code", false, t.grantDeviceCode}, // what MSAL sends
	}
	if t.options.PasswordGrant {
		grants["password"] = grant{"password", false, t.grantPassword}
	}
	return grants
}

// token is POST /{tenant}/oauth2/v2.0/token. It authenticates the client and dispatches; the grants do the rest.
func (t *Tenant) token(w http.ResponseWriter, r *http.Request) {
	c := callOf(r)
	if err := r.ParseForm(); err != nil {
		status := http.StatusBadRequest
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			status = http.StatusRequestEntityTooLarge
		}
		refused := refuse(9002313)
		refused.Status = status
		t.writeRefusal(w, r, refused)
		return
	}
	form := r.PostForm // never the query: secrets there would end up in logs
	c.clientID, c.scope, c.grantType, c.redirectURI = form.Get("client_id"), form.Get("scope"), form.Get("grant_type"), form.Get("redirect_uri")
	if c.origin = r.Header.Get("Origin"); c.origin != "" {
		allowAnyOrigin(w.Header(), "POST, OPTIONS") // refusals, too: the page has to be able to read them
	}
	if client, ok := t.dir.Client(c.clientID); ok {
		c.clientName = client.DisplayName
	}
	chosen, known := t.grants()[c.grantType]
	if !known {
		chosen.name = "unsupported"
	}
	c.endpoint = tokenEndpoint + ":" + chosen.name
	if t.interfere(w, r) {
		return
	}
	answer, refused := t.answerToken(r, form, chosen)
	if refused != nil {
		t.writeRefusal(w, r, refused)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

func (t *Tenant) answerToken(r *http.Request, form url.Values, chosen grant) (*tokenAnswer, *refusal) {
	for name, values := range form {
		if len(values) > 1 { // RFC 6749 section 3.2: parameters must not be included more than once
			return nil, refuse(9002313, "parameter", name)
		}
	}
	if form.Get("grant_type") == "" {
		return nil, refuse(900144, "parameter", "grant_type")
	}
	if chosen.handle == nil {
		return nil, refuse(70003)
	}
	client, auth, refused := t.authenticateClient(r, form)
	if refused != nil {
		return nil, refused
	}
	segment := r.PathValue("tenant")
	if refused := t.checkTenant(segment, client.SignInAudience); refused != nil {
		return nil, refused
	}
	if multiTenant(segment) && (chosen.name == "client_credentials" || chosen.name == "on_behalf_of") || segment == "common" && chosen.name == "password" {
		return nil, refuse(9001023)
	}
	claims, refused := parseClaims(form.Get("claims"))
	if refused != nil {
		return nil, refused
	}
	request := &tokenRequest{http: r, form: form, client: client, auth: auth, claims: claims}
	if raw := strings.TrimSpace(form.Get("scope")); raw != "" {
		if request.scopes, refused = t.parseScopes(raw, client); refused != nil {
			return nil, refused
		}
		if refused = t.checkResource(form, request.scopes); refused != nil {
			return nil, refused
		}
	}
	if !chosen.redeems {
		if refused = request.checkOrigin(false); refused != nil {
			return nil, refused
		}
	}
	return chosen.handle(request)
}
