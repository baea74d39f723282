package app

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redisclient"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app/templates"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/signin"
)

// Config is what the web UI needs to know. ReadConfig makes it from settings.
type Config struct {
	Development           bool             // on a developer's machine, where the API tells what it did
	Authority             entra.Authority  // the tenant whose users sign in
	Tenants               entra.Tenants    // whose users are let in, where the authority stands for several organizations
	ClientID              string           // the web UI's application id: the audience of ID tokens
	Credential            entra.Credential // how the web UI proves to the tenant that it is that application
	RedirectURI           *url.URL         // the callback, as registered; its scheme decides how cookies are guarded
	PostLogoutRedirectURI *url.URL         // where Entra sends the browser after signing out
	SessionKey            secret.String    // 32 bytes, from which the keys for cookies and records are derived
	APIURL                *url.URL         // the API's address
	APIScope              string           // the one scope of the API, <App ID URI>/<scope>
	Links                 []templates.Link // to the pages that there are beside the start page
	RedisURL              secret.String    // where replicas share users and sign-ins; zero for a web UI that is alone
	TrustedCAFile         string           // one more certificate authority, PEM; "" for none
	Sessions              store.Store      // where signed-in users are kept; nil, as outside of tests, is Redis or this process's memory
	Attempts              store.Store      // where finished sign-ins are noted; nil is the same
	Limits                Limits           // zero values get the defaults
	Hooks                 Hooks            // nothing, unless a package plugs itself in
	Now                   func() time.Time // the clock; nil is time.Now
}

// Limits bounds what a request may cost. They are no settings: whoever changes them should see what they stand next to.
type Limits struct {
	WarmUp        time.Duration // how long a start waits for the tenant's keys before it goes on without
	Token         time.Duration // getting token A, waiting for another request's renewal included
	API           time.Duration // the call of the API
	APIBody       int64         // the API's answer, in bytes
	Idle          time.Duration // a session ends so long after its last request
	Absolute      time.Duration // and so long after signing in
	LoopGuard     time.Duration // how long a sign-in that nobody asked for is remembered, see loopguard.go
	AttemptMemory int64         // what notes of finished sign-ins may take in memory, in bytes
	SessionMemory int64         // what signed-in users may take in memory, in bytes
	KeyInterval   time.Duration // the shortest time between two fetches of the tenant's keys
}

// withDefaults fills in what is zero. Token and API together stay below the server's write deadline, and API above what
// the API itself allows for a call.
func (l Limits) withDefaults() Limits {
	l.WarmUp = cmp.Or(l.WarmUp, 3*time.Second)
	l.Token = cmp.Or(l.Token, 8*time.Second)
	l.API = cmp.Or(l.API, 28*time.Second)
	l.APIBody = cmp.Or(l.APIBody, 16<<20) // some 20,000 subscriptions
	l.Idle = cmp.Or(l.Idle, 2*time.Hour)
	l.Absolute = cmp.Or(l.Absolute, 12*time.Hour)
	l.LoopGuard = cmp.Or(l.LoopGuard, 2*time.Minute)
	l.AttemptMemory = cmp.Or(l.AttemptMemory, 64<<20)  // some 180,000 finished sign-ins
	l.SessionMemory = cmp.Or(l.SessionMemory, 512<<20) // some 50,000 users
	l.KeyInterval = cmp.Or(l.KeyInterval, time.Second) // ID tokens come from Entra's token endpoint alone: nobody can flood with them
	return l
}

// ReadConfig asks for each setting of the web UI. Its error names all that are missing or wrong.
func ReadConfig(r *env.Reader) (Config, error) {
	authority := entra.ReadAuthority(r)
	cfg := Config{
		Development:           r.Development(),
		Authority:             authority,
		ClientID:              r.GUID("WEBUI_CLIENT_ID"),
		Credential:            entra.ReadCredential(r, "WEBUI", authority),
		RedirectURI:           r.URL("WEBUI_REDIRECT_URI", "the web UI's address and "+signin.CallbackPath+", such as http://localhost:8000"+signin.CallbackPath),
		PostLogoutRedirectURI: r.URL("WEBUI_POST_LOGOUT_REDIRECT_URI", "the web UI's address, such as http://localhost:8000/"),
		SessionKey:            r.Key("WEBUI_SESSION_KEY", 32),
		APIURL:                r.URL("WEBUI_API_URL", "the API's address, such as http://localhost:8001"),
		APIScope:              r.Text("WEBUI_API_SCOPE", "api://<the API's client id>/access_as_user"),
		RedisURL:              redisclient.ReadURL(r),
		TrustedCAFile:         r.TextOr("TRUSTED_CA_FILE", ""),
		Tenants:               entra.ReadTenants(r, authority),
		Links:                 readOrders(r),
	}
	// What is missing has been rejected already.
	if cfg.RedirectURI.Host != "" && !cfg.validRedirect() {
		r.Reject("WEBUI_REDIRECT_URI", "should end with "+signin.CallbackPath+", which is where the web UI waits for the answer; in front of that may stand a prefix such as /app")
	}
	if cfg.APIScope != "" && !validScope(cfg.APIScope) {
		r.Reject("WEBUI_API_SCOPE", fmt.Sprintf("is %q; it should be one scope of the API with its App ID URI in front, such as api://11111111-2222-3333-4444-555555555555/access_as_user", cfg.APIScope))
	}
	return cfg, r.Err()
}

// validRedirect reports whether the redirect URI leads to the callback's route, under a prefix that cookies and links can have.
func (c Config) validRedirect() bool {
	return strings.HasSuffix(c.RedirectURI.Path, signin.CallbackPath) &&
		basePaths.MatchString(c.BasePath()) &&
		c.RedirectURI.RawQuery == "" &&
		c.RedirectURI.Fragment == ""
}

// validScope reports whether a scope is a single one of an API, with its App ID URI in front.
func validScope(full string) bool {
	resource, scope := splitScope(full)
	return resource != "" &&
		scope != "" &&
		scope != ".default" && // all of them
		!strings.ContainsAny(full, " \t")
}

// splitScope takes a scope apart at its last slash: an App ID URI may hold slashes of its own, a scope's name can't.
func splitScope(full string) (resource, scope string) {
	i := strings.LastIndexByte(full, '/')
	if i < 0 {
		return "", full
	}
	return full[:i], full[i+1:]
}

// defaultScope is what signing in asks for: all that the web UI and, by the API's known clients, the API are registered
// to need, so that the user consents once and on one page ("The .default scope", and "Gaining consent for the middle-tier
// application" in the on-behalf-of flow's documentation).
func (c Config) defaultScope() string {
	resource, _ := splitScope(c.APIScope)
	return resource + "/.default"
}

// cookies are made for the configured address: a request says whatever its sender likes.
func (c Config) cookies() session.Cookies {
	return session.Cookies{Secure: c.RedirectURI.Scheme == "https", Port: c.RedirectURI.Port(), Path: c.BasePath()}
}
