package app

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/onbehalfof"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redisclient"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// Config is what the API needs to know. ReadConfig makes it from settings.
type Config struct {
	Development        bool             // on a developer's machine, where more may be shown of what happens inside
	Authority          entra.Authority  // the tenant whose tokens are let in and at which they are exchanged
	Tenants            entra.Tenants    // whose users are let in, where the authority stands for several organizations
	ClientID           string           // this API's application id: the audience of tokens A, the client of the exchange
	Credential         entra.Credential // how this API proves to the tenant that it is that application
	RequiredScope      string           // the scope that a token A must have
	AllowedClients     []string         // the application ids that may call
	ResourceManagerURL *url.URL         // Azure Resource Manager's address, without a path
	MCP                MCP              // tools for agents, see mcp.go
	GraphURL           *url.URL         // Microsoft Graph's; nil where GET /profile is off
	Orders             Orders           // the orders API, see orders.go
	RedisURL           secret.String    // where replicas share exchanged tokens; zero for an API that is alone
	StoreKey           secret.String    // 32 bytes, from which the key for those tokens is derived; zero without RedisURL
	TrustedCAFile      string           // one more certificate authority, PEM; "" for none
	Limits             Limits           // zero values get the defaults
	Hooks              Hooks            // where package explain looks in; zero for nobody
	Now                func() time.Time // the clock; nil is time.Now
}

// Hooks are where something may look at requests on their way. The zero value changes nothing.
type Hooks struct {
	Middleware []gin.HandlerFunc                                           // in front of each route that takes a token
	Identity   func(http.RoundTripper) http.RoundTripper                   // around what Entra is asked
	Exchanger  func(onbehalfof.Exchanger) onbehalfof.Exchanger             // around hop 3
	Transport  func(service string, _ http.RoundTripper) http.RoundTripper // around hop 4
}

// Limits bounds what a request may cost. They are no settings: whoever changes them should see what they stand next to.
type Limits struct {
	WarmUp      time.Duration // how long a start waits for the tenant's keys before it goes on without
	Exchange    time.Duration // one exchange of a token, a retry included
	CallTry     time.Duration // one request to another API
	Call        time.Duration // a whole call of another API: the exchange, pages and retries included
	Pages       int           // of Resource Manager's list
	ListBytes   int           // of all those pages together
	KeyInterval time.Duration // the shortest time between two fetches of the tenant's keys
}

// withDefaults fills in what is zero. Call stays below the time that a caller waits, and below the server's write deadline.
func (l Limits) withDefaults() Limits {
	l.WarmUp = cmp.Or(l.WarmUp, 3*time.Second)
	l.Exchange = cmp.Or(l.Exchange, 8*time.Second)
	l.CallTry = cmp.Or(l.CallTry, 6*time.Second)
	l.Call = cmp.Or(l.Call, 15*time.Second)
	l.Pages = cmp.Or(l.Pages, 100)
	l.ListBytes = cmp.Or(l.ListBytes, 16<<20) // some 20,000 subscriptions
	l.KeyInterval = cmp.Or(l.KeyInterval, 5*time.Second)
	return l
}

// ReadConfig asks for each setting of the API. Its error names all that are missing or wrong.
func ReadConfig(r *env.Reader) (Config, error) {
	authority := entra.ReadAuthority(r)
	cfg := Config{
		Development:        r.Development(),
		Authority:          authority,
		ClientID:           r.GUID("API_CLIENT_ID"),
		Credential:         entra.ReadCredential(r, "API", authority),
		RequiredScope:      r.TextOr("API_REQUIRED_SCOPE", "access_as_user"),
		AllowedClients:     r.GUIDs("API_ALLOWED_CLIENTS", "the web UI's Application (client) ID; more than one are separated by commas"),
		ResourceManagerURL: r.URLOr("API_RESOURCE_MANAGER_URL", "https://management.azure.com"),
		GraphURL:           r.OptionalURL("API_GRAPH_URL", "https://graph.microsoft.com, or the national cloud's"),
		RedisURL:           redisclient.ReadURL(r),
		TrustedCAFile:      r.TextOr("TRUSTED_CA_FILE", ""),
		Tenants:            entra.ReadTenants(r, authority),
	}
	cfg.Orders = readOrders(r)
	cfg.MCP = readMCP(r)
	cfg.StoreKey = r.KeyIf(!cfg.RedisURL.IsZero(), "API_STORE_KEY", 32)
	if strings.ContainsAny(cfg.RequiredScope, " /\"\\") {
		// It is compared with words of scp and repeated in WWW-Authenticate.
		r.Reject("API_REQUIRED_SCOPE", fmt.Sprintf("is %q; it should be the scope's name alone, such as access_as_user, without the App ID URI in front", cfg.RequiredScope))
	}
	if resourceManager := cfg.ResourceManagerURL; resourceManager.Host != "" && (resourceManager.Scheme != "https" || strings.Trim(resourceManager.Path, "/") != "") {
		// The Azure SDK sends no token over plain http, even to this machine.
		r.Reject("API_RESOURCE_MANAGER_URL", "should be https:// and a host, such as https://management.azure.com, without a path")
	}
	return cfg, r.Err()
}
