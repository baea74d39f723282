package desired

import (
	"slices"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
)

// Consent is one of the three grants that the four hops need. Resources are named by client id; the API's is filled in
// by whoever knows it.
type Consent struct {
	Client   Role
	Resource string // "API", "Azure Service Management", "Microsoft Graph"
	AppID    string // the resource's client id
	Scopes   []string
	Without  string // what happens without it
}

// Consents are the grants for all users that --admin-consent gives.
func Consents(s Settings, apiAppID string) []Consent {
	signIn := make([]string, len(graphScopes))
	for i, scope := range graphScopes {
		signIn[i] = scope.value
	}
	consents := []Consent{
		{API, "Azure Service Management", ResourceManagerAppID, []string{"user_impersonation"},
			"the exchange fails with AADSTS65001 for users who have not consented"},
		{WebUI, "the API", apiAppID, []string{s.Scope}, "users are asked at their first sign-in"},
		{WebUI, "Microsoft Graph", GraphAppID, signIn, "users are asked at their first sign-in"},
	}
	if s.Has(WithGraph) {
		consents = append(consents, Consent{API, "Microsoft Graph", GraphAppID, []string{"User.Read"},
			"the API can't say who the user is: the exchange for Graph fails with AADSTS65001"})
	}
	for part, client := range map[Part]Role{WithConsole: Console, WithMCP: MCP} {
		if s.Has(part) {
			consents = append(consents, Consent{client, "Microsoft Graph", GraphAppID, signIn, "users are asked at their first sign-in"})
		}
	}
	slices.SortStableFunc(consents[3:], func(a, b Consent) int { return strings.Compare(a.Client.Code(), b.Client.Code()) })
	return consents
}

// MissingScopes are the wanted ones that a grant doesn't hold.
func MissingScopes(wanted []string, granted string) []string {
	has := strings.Fields(granted)
	return slices.DeleteFunc(slices.Clone(wanted), func(scope string) bool { return slices.Contains(has, scope) })
}

// ServicePrincipal is the body of a create. The tag makes it show under Enterprise applications in the portal, where an
// administrator looks for consent.
func ServicePrincipal(appID string) graph.ServicePrincipal {
	return graph.ServicePrincipal{AppID: appID, Tags: []string{"WindowsAzureActiveDirectoryIntegratedApp"}}
}

// MicrosoftServicePrincipal is the body of a create for one of Microsoft's own APIs, in a tenant that never used it.
func MicrosoftServicePrincipal(appID string) graph.ServicePrincipal {
	return graph.ServicePrincipal{AppID: appID}
}
