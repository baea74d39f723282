package desired

import (
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
func Values(s Settings, there map[string]string, apiAppID, webUIAppID string) []Value {
	var values []Value
	must := func(code, name, text string) {
		if text != "" && there[name] != text {
			values = append(values, Value{name, text, "env-" + code, there[name]})
		}
	}
	must("authority", "AUTHORITY", s.Authority)
	must("trusted-ca", "TRUSTED_CA_FILE", s.TrustedCAFile)
	must("webui-client-id", "WEBUI_CLIENT_ID", webUIAppID)
	must("redirect-uri", "WEBUI_REDIRECT_URI", s.RedirectURI)
	must("post-logout-redirect-uri", "WEBUI_POST_LOGOUT_REDIRECT_URI", s.PostLogoutRedirectURI)
	must("api-url", "WEBUI_API_URL", s.APIURL)
	must("api-scope", "WEBUI_API_SCOPE", AppIDURI(apiAppID)+"/"+s.Scope)
	must("webui-addr", "WEBUI_ADDR", s.WebUIAddr)
	must("api-client-id", "API_CLIENT_ID", apiAppID)
	must("required-scope", "API_REQUIRED_SCOPE", s.Scope)
	if !containsFold(List(there["API_ALLOWED_CLIENTS"]), webUIAppID) {
		must("allowed-clients", "API_ALLOWED_CLIENTS", strings.Join(append(List(there["API_ALLOWED_CLIENTS"]), webUIAppID), ","))
	}
	must("resource-manager-url", "API_RESOURCE_MANAGER_URL", s.ResourceManagerURL)
	must("api-addr", "API_ADDR", s.APIAddr)
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
