package devtenant

import (
	"fmt"
	"net/http"
	"strings"

	"ms-identity-go-on-behalf-of/devtenant/directory"
	"ms-identity-go-on-behalf-of/devtenant/graph"
)

// routes is every route of the tenant, the same behind both doors. doc.go has the table.
func (t *Tenant) routes() (http.Handler, error) {
	mux := http.NewServeMux()
	handle := func(pattern, endpoint string, handler http.HandlerFunc) {
		mux.Handle(pattern, t.endpoint(endpoint, handler))
	}

	// The back door: what programs ask.
	handle("GET /{tenant}/v2.0/.well-known/openid-configuration", "discovery", t.discovery)
	handle("GET /common/discovery/instance", "instance-discovery", t.instanceDiscovery)
	handle("GET /{tenant}/discovery/v2.0/keys", "keys", t.keySet)
	handle("POST /{tenant}/oauth2/v2.0/token", tokenEndpoint, t.token)
	handle("POST /{tenant}/oauth2/v2.0/devicecode", "devicecode", t.deviceAuthorization)
	handle("GET /subscriptions", "subscriptions", t.subscriptions)

	// The browser door: what people see.
	handle("GET /{tenant}/oauth2/v2.0/authorize", "authorize", t.authorize)
	handle("POST /{tenant}/oauth2/v2.0/authorize", "authorize", t.authorize)
	handle("POST /{tenant}/sign-in", "sign-in", t.signIn)
	handle("POST /{tenant}/second-factor", "second-factor", t.secondFactor)
	handle("POST /{tenant}/consent", "consent", t.consent)
	handle("GET /devicelogin", "device", t.deviceLogin)
	handle("POST /devicelogin", "device", t.deviceLoginCode)
	handle("GET /{tenant}/oauth2/v2.0/logout", "logout", t.signOut)
	handle("POST /{tenant}/oauth2/v2.0/logout", "logout", t.signOut)

	// Its own pages. They are no part of Entra, so they are not in the list of requests.
	mux.HandleFunc("GET /{$}", t.home)
	mux.HandleFunc("GET /error", t.explain)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.Handle("GET /static/{file}", http.FileServerFS(staticFiles))

	// A page of another site must not pick users or consent in somebody's browser. An application may send its
	// authorization request with POST: that changes nothing by itself.
	guard := http.NewCrossOriginProtection()
	guard.AddInsecureBypassPattern("POST /{tenant}/oauth2/v2.0/authorize")
	guard.AddInsecureBypassPattern("POST /{tenant}/oauth2/v2.0/logout")
	graphAPI, err := t.graph()
	if err != nil {
		return nil, err
	}
	return guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Graph has a tree of its own; in one mux its prefix and {tenant} would claim the same paths.
		if strings.HasPrefix(r.URL.Path, "/v1.0/") {
			graphAPI.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})), nil
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
