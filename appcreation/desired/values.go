package desired

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// Value is one line that development.env should have.
type Value struct {
	Name, Text string
	Code       string // of the change, if it differs
	Was        string // what stands there now, for the sentence; never of a secret
}

// Values compares the settings that both tiers read with those that stand in development.env. Secrets and certificates
// aren't among them, nor is the session key: they are made, not computed.
//
// A setting for which nothing is wanted ("") stays as it is.
func Values(s Settings, there map[string]string, others Applications) []Value {
	apiAppID, webUIAppID := others(API).AppID, others(WebUI).AppID
	var values []Value
	must := func(code, name, text string) {
		if text != "" && there[name] != text {
			values = append(values, Value{name, text, "env-" + code, there[name]})
		}
	}
	must("authority", "AUTHORITY", s.AuthoritySetting())
	if s.SignInAudience == ManyOrganizations && there["ALLOWED_TENANTS"] == "" {
		must("allowed-tenants", "ALLOWED_TENANTS", s.Authority[strings.LastIndex(s.Authority, "/")+1:])
	}
	must("trusted-ca", "TRUSTED_CA_FILE", s.TrustedCAFile)
	must("webui-client-id", "WEBUI_CLIENT_ID", webUIAppID)
	must("redirect-uri", "WEBUI_REDIRECT_URI", s.RedirectURI)
	must("post-logout-redirect-uri", "WEBUI_POST_LOGOUT_REDIRECT_URI", s.PostLogoutRedirectURI)
	must("api-url", "WEBUI_API_URL", s.APIURL)
	must("api-scope", "WEBUI_API_SCOPE", AppIDURI(apiAppID)+"/"+s.Scope)
	must("webui-addr", "WEBUI_ADDR", s.WebUIAddr)
	must("api-client-id", "API_CLIENT_ID", apiAppID)
	must("required-scope", "API_REQUIRED_SCOPE", s.Scope)
	callers := []string{webUIAppID}
	if s.Has(WithConsole) {
		callers = append(callers, others(Console).AppID)
	}
	clients := func(code, name string, wanted ...string) {
		all := List(there[name])
		for _, id := range wanted {
			if !containsFold(all, id) {
				all = append(all, id)
			}
		}
		if len(all) > len(List(there[name])) {
			must(code, name, strings.Join(all, ","))
		}
	}
	clients("allowed-clients", "API_ALLOWED_CLIENTS", callers...)
	must("resource-manager-url", "API_RESOURCE_MANAGER_URL", s.ResourceManagerURL)
	must("api-addr", "API_ADDR", s.APIAddr)
	if s.Has(WithGraph) {
		must("graph-url", "API_GRAPH_URL", s.GraphURL)
	}
	if s.Has(WithOrders) {
		orders := AppIDURI(others(Orders).AppID) + "/"
		must("orders-client-id", "ORDERS_CLIENT_ID", others(Orders).AppID)
		clients("orders-allowed-clients", "ORDERS_ALLOWED_CLIENTS", apiAppID)
		must("orders-url", "API_ORDERS_URL", s.OrdersURL)
		must("orders-scopes", "API_ORDERS_SCOPES", orders+strings.Join(orderScopes, " "+orders))
		must("webui-orders", "WEBUI_ORDERS", "on")
	}
	if s.Has(WithConsole) || s.Has(WithApplication) || s.Has(WithMCP) {
		must("console-api-url", "CONSOLE_API_URL", cmp.Or(there["CONSOLE_API_URL"], s.APIURL))
	}
	if s.Has(WithConsole) || s.Has(WithApplication) {
		must("console-api-scope", "CONSOLE_API_SCOPE", AppIDURI(apiAppID)+"/"+s.Scope)
	}
	if s.Has(WithConsole) {
		must("console-client-id", "CONSOLE_CLIENT_ID", others(Console).AppID)
	}
	if s.Has(WithApplication) {
		must("application-client-id", "CONSOLE_APPLICATION_CLIENT_ID", others(Application).AppID)
	}
	if s.Has(WithMCP) {
		must("mcp", "API_MCP", "on")
		clients("mcp-allowed-clients", "API_MCP_ALLOWED_CLIENTS", others(MCP).AppID)
		must("public-url", "API_PUBLIC_URL", cmp.Or(there["API_PUBLIC_URL"], s.APIURL))
		must("mcp-client-id", "CONSOLE_MCP_CLIENT_ID", others(MCP).AppID)
		must("mcp-scope", "CONSOLE_MCP_SCOPE", AppIDURI(apiAppID)+"/"+mcpScope)
	}
	return values
}

// List splits a comma-separated setting, without placeholders and empty entries.
func List(text string) []string {
	entries := strings.Split(text, ",")
	for i := range entries {
		entries[i] = strings.TrimSpace(entries[i])
	}
	return slices.DeleteFunc(entries, func(entry string) bool { return !filled(entry) })
}

// filled reports whether a setting has a value that isn't the template's placeholder.
func filled(text string) bool { return text != "" && !strings.Contains(text, "ReplaceWith") }

// FrontChannelLogoutPath is the web UI's route for it.
const FrontChannelLogoutPath = "/account/frontchannel-logout"

// FrontChannelLogoutURL is the address at which the web UI hears that the user signed out elsewhere, on the origin of its
// redirect URI. It is "" where that is plain http, which Entra doesn't take here, unless plainHTTP says that it does.
func FrontChannelLogoutURL(redirectURI string, plainHTTP bool) string {
	u, err := url.Parse(redirectURI)
	if err != nil || u.Host == "" || u.Scheme != "https" && !plainHTTP {
		return ""
	}
	return u.Scheme + "://" + u.Host + FrontChannelLogoutPath
}
