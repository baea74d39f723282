package devtenant

import (
	"regexp"
	"slices"
	"strings"
)

// endpointTitles say in plain words what an endpoint was asked for; by the names that [Tenant.Count] has for them.
var endpointTitles = map[string]string{
	"discovery":                "Entra's settings read",
	"instance-discovery":       "Entra's host names read",
	"userrealm":                "Asked where an account signs in",
	"keys":                     "Signing keys read",
	"preflight":                "Browser asks whether a page may call",
	"devicecode":               "Device code asked for",
	"userinfo":                 "User's profile read (OpenID Connect)",
	"managed-identity":         "Managed identity's token asked for",
	"portal-consent":           "Admin consent given in the portal",
	"authorize":                "Browser sent to sign in",
	"sign-in":                  "Account picked",
	"second-factor":            "Second factor answered",
	"consent":                  "Consent answered",
	"admin-consent":            "Administrator asked for consent",
	"device":                   "Device code typed in",
	"logout":                   "Signed out",
	"graph":                    "Microsoft Graph asked",
	"token":                    "Token asked for",
	"token:authorization_code": "Code redeemed for tokens",
	"token:on_behalf_of":       "Token exchanged on behalf of the user",
	"token:refresh_token":      "Tokens renewed",
	"token:client_credentials": "Application's own token asked for",
	"token:device_code":        "Device's token asked for",
	"token:password":           "Token asked for with a password",
	"token:unsupported":        "Token asked for by an unknown grant",
	"tenants":                  "Azure: tenants listed",
	"subscriptions":            "Azure: subscriptions listed",
	"subscription":             "Azure: subscription read",
	"locations":                "Azure: locations listed",
	"role-definitions":         "Azure: roles listed",
	"role-assignments":         "Azure: role assignments read or changed",
	"resource-manager":         "Azure: something else asked",
}

func endpointTitle(endpoint string) string {
	if title, ok := endpointTitles[endpoint]; ok {
		return title
	}
	return endpoint
}

// idNames are what ids are called, by the id in lower case.
type idNames map[string]string

var guid = regexp.MustCompile(`[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`)

// names collects the names of everything that has an id: tenants, applications, their service principals, and users.
func (t *Tenant) names() idNames {
	names := idNames{consumers: "personal accounts"}
	for _, tenant := range slices.Backward(t.tenants) { // where two have one id, this tenant's name counts
		names[strings.ToLower(tenant.dir.TenantID())] = tenant.dir.DisplayName()
		for _, principal := range tenant.dir.ServicePrincipals() {
			names[principal.ID], names[principal.AppID] = principal.DisplayName, principal.DisplayName
		}
		for _, application := range tenant.dir.Applications() {
			names[application.ID], names[application.AppID] = application.DisplayName, application.DisplayName
		}
		for _, user := range tenant.dir.Users() {
			names[user.ID] = user.DisplayName
			for _, subscription := range tenant.dir.Subscriptions(user.ID) {
				names[subscription.SubscriptionID] = subscription.DisplayName
			}
		}
	}
	return names
}

// of names the ids in a text: "" where it has none that is known.
func (n idNames) of(text string) string {
	var found []string
	for _, id := range guid.FindAllString(text, -1) {
		if name := n[strings.ToLower(id)]; name != "" && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	return strings.Join(found, ", ")
}
