package devtenant

import (
	"crypto/rand"
	"encoding/base64"
	"slices"
	"strings"
	"sync"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// sampleURLs are where the sample's two tiers are reached.
type sampleURLs struct {
	mu         sync.RWMutex
	webUI, api string
}

func (s *sampleURLs) set(webUI, api string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.webUI, s.api = webUI, api
}

func (s *sampleURLs) get() (webUI, api string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.webUI, s.api
}

// SetSampleURLs says where the sample's two tiers are reached, for Settings, and registers the web UI's redirect URIs
// there, as one would in Entra.
func (t *Tenant) SetSampleURLs(webUIURL, apiURL string) {
	webUIURL = trimSlash(webUIURL)
	t.sample.set(webUIURL, trimSlash(apiURL))
	home := t.tenants[0].dir
	webUI, ok := home.ApplicationByAppID(home.Sample().WebUI.AppID)
	if !ok {
		return
	}
	_, err := home.UpdateApplication(webUI.ID, func(a *directory.Application) error {
		for _, redirectURI := range []string{webUIURL + callbackPath, webUIURL + "/"} {
			if !slices.Contains(a.Web.RedirectURIs, redirectURI) {
				a.Web.RedirectURIs = append(a.Web.RedirectURIs, redirectURI)
			}
		}
		if webUIURL != "" && !strings.HasPrefix(a.Web.LogoutURL, webUIURL+"/") {
			a.Web.LogoutURL = webUIURL + frontChannelPath
		}
		return nil
	})
	if err != nil {
		t.log.Warn("the web UI's addresses could not be registered", "error", err)
	}
}

// Paths of the sample's web UI.
const (
	callbackPath     = "/account/callback"
	frontChannelPath = "/account/frontchannel-logout"
)

// Settings are the settings of the sample's programs for this tenant, by the names of production.env, and by those that
// README.md lists for the parts that have an application here. TRUSTED_CA_FILE is missing: whoever writes the certificate,
// with WriteCertificate, knows where.
func (t *Tenant) Settings() map[string]string {
	sample := t.applications()
	webUIURL, apiURL := t.sample.get()
	scope := t.scopeOf(sample.API, "access_as_user")
	settings := map[string]string{
		"ENVIRONMENT":                    "development",
		"AUTHORITY":                      t.Authority(),
		"WEBUI_CLIENT_ID":                sample.WebUI.AppID,
		"WEBUI_CLIENT_SECRET":            sample.WebUI.ClientSecret,
		"WEBUI_REDIRECT_URI":             webUIURL + callbackPath,
		"WEBUI_POST_LOGOUT_REDIRECT_URI": webUIURL + "/",
		"WEBUI_SESSION_KEY":              t.sessionKey,
		"WEBUI_API_URL":                  apiURL,
		"WEBUI_API_SCOPE":                scope,
		"API_CLIENT_ID":                  sample.API.AppID,
		"API_CLIENT_SECRET":              sample.API.ClientSecret,
		"API_REQUIRED_SCOPE":             "access_as_user",
		"API_ALLOWED_CLIENTS":            strings.Join(present(sample.WebUI, sample.Console), ","),
		"API_RESOURCE_MANAGER_URL":       t.resourceManagerURL,
		"API_GRAPH_URL":                  t.graphURL(),
	}
	if t.options.MultiTenant {
		var allowed []string
		for _, tenant := range t.tenants {
			allowed = append(allowed, tenant.dir.TenantID())
		}
		settings["AUTHORITY"] = t.backURL + "/organizations"
		settings["ALLOWED_TENANTS"] = strings.Join(allowed, ",")
	}
	if sample.Orders.AppID != "" {
		settings["ORDERS_CLIENT_ID"] = sample.Orders.AppID
		settings["ORDERS_ALLOWED_CLIENTS"] = sample.API.AppID
		settings["API_ORDERS_SCOPES"] = strings.Join([]string{
			t.scopeOf(sample.Orders, "order.read"), t.scopeOf(sample.Orders, "order.write"), t.scopeOf(sample.Orders, "order.delete"),
		}, " ")
	}
	if sample.Console.AppID != "" {
		settings["CONSOLE_CLIENT_ID"] = sample.Console.AppID
		settings["CONSOLE_API_URL"] = apiURL
		settings["CONSOLE_API_SCOPE"] = scope
	}
	if sample.Daemon.AppID != "" {
		settings["CONSOLE_APPLICATION_CLIENT_ID"] = sample.Daemon.AppID
		settings["CONSOLE_APPLICATION_CLIENT_SECRET"] = sample.Daemon.ClientSecret
	}
	if sample.MCP.AppID != "" {
		settings["API_MCP_ALLOWED_CLIENTS"] = sample.MCP.AppID
		settings["CONSOLE_MCP_CLIENT_ID"] = sample.MCP.AppID
		settings["CONSOLE_MCP_SCOPE"] = t.scopeOf(sample.API, "mcp.access")
	}
	return settings
}

// applications are those of the sample, which are registered in the first tenant.
func (t *Tenant) applications() directory.Sample { return t.tenants[0].dir.Sample() }

// scopeOf is a scope of one of the sample's APIs, in full.
func (t *Tenant) scopeOf(api directory.SampleApplication, value string) string {
	registered, ok := t.tenants[0].dir.ApplicationByAppID(api.AppID)
	if !ok || len(registered.IdentifierURIs) == 0 {
		return ""
	}
	return registered.IdentifierURIs[0] + "/" + value
}

// present are the client ids of those applications that the tenant has.
func present(applications ...directory.SampleApplication) []string {
	var ids []string
	for _, a := range applications {
		if a.AppID != "" {
			ids = append(ids, a.AppID)
		}
	}
	return ids
}

func newSessionKey() string {
	key := make([]byte, 32)
	rand.Read(key)
	return base64.StdEncoding.EncodeToString(key)
}
