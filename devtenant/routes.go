package devtenant

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/graph"
)

// route is one route: its pattern, the name that Count knows it by, and what answers.
type route struct {
	pattern  string
	endpoint string
	handle   http.HandlerFunc
}

// protocol is every route of Entra. Resource Manager's are in resourcemanager.go. The README's table is held against it by a test.
func (t *Tenant) protocol() []route {
	return []route{
		// The back channel: what programs ask.
		{"GET /{tenant}/v2.0/.well-known/openid-configuration", "discovery", t.discovery},
		{"GET /{tenant}/.well-known/openid-configuration", "discovery", t.discoveryV1},
		{"GET /common/discovery/instance", "instance-discovery", t.instanceDiscovery},
		{"GET /common/userrealm/{username}", "userrealm", t.userRealm},
		{"GET /common/UserRealm/{username}", "userrealm", t.userRealm}, // as MSAL for Go writes it
		{"GET /{tenant}/discovery/v2.0/keys", "keys", t.keySet},
		{"GET /{tenant}/discovery/keys", "keys", t.keySet},
		{"POST /{tenant}/oauth2/v2.0/token", tokenEndpoint, t.token},
		{"OPTIONS /{tenant}/oauth2/v2.0/token", "preflight", t.preflight("POST, OPTIONS")},
		{"POST /{tenant}/oauth2/v2.0/devicecode", "devicecode", t.deviceAuthorization},
		{"GET /oidc/userinfo", "userinfo", t.userInfo},
		{"POST /oidc/userinfo", "userinfo", t.userInfo},
		{"OPTIONS /oidc/userinfo", "preflight", t.preflight("GET, POST, OPTIONS")},
		{"GET /msi/token", "managed-identity", t.managedIdentityToken},
		{"POST /api/RegisteredApplications/{id}/Consent", "portal-consent", t.portalConsent},

		// The front channel: what people see.
		{"GET /{tenant}/oauth2/v2.0/authorize", "authorize", t.authorize},
		{"POST /{tenant}/oauth2/v2.0/authorize", "authorize", t.authorize},
		{"POST /{tenant}/sign-in", "sign-in", t.signIn},
		{"POST /{tenant}/second-factor", "second-factor", t.secondFactor},
		{"POST /{tenant}/consent", "consent", t.consent},
		{"GET /{tenant}/v2.0/adminconsent", "admin-consent", t.adminConsent},
		{"GET /{tenant}/adminconsent", "admin-consent", t.adminConsent},
		{"GET /devicelogin", "device", t.deviceLogin},
		{"POST /devicelogin", "device", t.deviceLoginCode},
		{"GET /{tenant}/oauth2/v2.0/logout", "logout", t.signOut},
		{"POST /{tenant}/oauth2/v2.0/logout", "logout", t.signOut},
	}
}

// ownPages are the tenant's own. They are no part of Entra, so they are not in the list of requests.
func (t *Tenant) ownPages() []route {
	return []route{
		{"GET /{$}", "", t.home},
		{"GET /switches", "", t.listSwitches},
		{"POST /switches/{name}", "", t.throwSwitch},
		{"DELETE /switches/{name}", "", t.clearSwitch},
		{"POST /switches", "", t.clearAllSwitches},
		{"DELETE /switches", "", t.clearAllSwitches},
		{"GET /error", "", t.explain},
		{"GET /healthz", "", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) }},
		{"GET /issuers/{name}/.well-known/openid-configuration", "", t.issuerDiscovery},
		{"GET /issuers/{name}/keys", "", t.issuerKeys},
		{"POST /issuers/{name}/token", "", t.issuerToken},
		{"GET /static/{file}", "", http.FileServerFS(staticFiles).ServeHTTP},
	}
}

// routes puts all of them behind one handler, the same for both channels.
func (t *Tenant) routes() (http.Handler, error) {
	mux, own, resourceManager := http.NewServeMux(), http.NewServeMux(), http.NewServeMux()
	for _, r := range t.protocol() {
		mux.Handle(r.pattern, t.endpoint(r.endpoint, r.handle))
	}
	for _, r := range t.resourceManager() {
		resourceManager.Handle(r.pattern, t.endpoint(r.endpoint, r.handle))
	}
	for _, r := range slices.Concat(t.ownPages(), t.remote()) {
		own.HandleFunc(r.pattern, r.handle)
	}

	// A page of another site must not pick users or consent in somebody's browser. An application may send its
	// authorization request with POST: that changes nothing by itself.
	guard := http.NewCrossOriginProtection()
	guard.AddInsecureBypassPattern("POST /{tenant}/oauth2/v2.0/authorize")
	guard.AddInsecureBypassPattern("POST /{tenant}/oauth2/v2.0/logout")
	// These two go by what the request carries, never by cookies. Single-page applications call them from their own site.
	guard.AddInsecureBypassPattern("POST /{tenant}/oauth2/v2.0/token")
	guard.AddInsecureBypassPattern("POST /oidc/userinfo")
	graphAPI, err := t.graph()
	if err != nil {
		return nil, err
	}
	return t.onlyOwnHosts(guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// In one mux the tenant's own paths and Graph's would claim some that {tenant} claims, too.
		_, ownPattern := own.Handler(r)
		switch {
		case ownPattern != "":
			own.ServeHTTP(w, r)
		case t.isResourceManagers(r):
			resourceManager.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, "/v1.0/"):
			graphAPI.ServeHTTP(w, r)
		default:
			mux.ServeHTTP(w, r)
		}
	}))), nil
}

// graphChallenge is Graph's WWW-Authenticate where continuous access evaluation has ended a token; claims is JSON.
func (t *Tenant) graphChallenge(claims string) graph.Challenge {
	claims = strings.ReplaceAll(claims, "{now}", strconv.FormatInt(t.Now().Unix(), 10))
	return graph.Challenge(fmt.Sprintf(`Bearer realm="", authorization_uri="%s/common/oauth2/authorize", client_id="%s", error="insufficient_claims", claims="%s"`,
		t.browserURL, directory.GraphAppID, stdBase64(claims)))
}

// graph is Microsoft Graph over the same directory: an application that is registered there can sign users in at once.
func (t *Tenant) graph() (http.Handler, error) {
	options := graph.Options{
		Directory: t.dir, Now: t.Now, Log: t.log,
		Verify: func(token string) (graph.Claims, error) {
			claims, err := t.VerifyToken(token, directory.GraphAppID)
			if err != nil {
				return graph.Claims{}, err
			}
			v := verified{claims: claims}
			if asked := t.endedEarly(v); asked != "" {
				return graph.Claims{}, t.graphChallenge(asked)
			}
			return graph.Claims{Audience: v.text("aud"), ObjectID: v.text("oid"), Scopes: strings.Fields(v.text("scp")), Roles: v.texts("roles")}, nil
		},
	}
	if t.options.Graph != nil {
		t.options.Graph(&options)
	}
	handler, err := graph.New(options)
	if err != nil {
		return nil, fmt.Errorf("putting Graph over the directory: %w", err)
	}
	return t.endpoint("graph", handler.ServeHTTP), nil
}
