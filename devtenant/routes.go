package devtenant

import (
	"net/http"
)

// routes is every route of the tenant, the same behind both doors. doc.go has the table.
func (t *Tenant) routes() http.Handler {
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
	return guard.Handler(mux)
}
