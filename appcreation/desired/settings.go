package desired

import (
	"strings"
	"time"
)

// Settings is what can be chosen. [Settings.WithDefaults] fills in the rest.
type Settings struct {
	// Name is what this pair of applications is called in the tenant. Unique names and tags come from it, so a second
	// pair with another name stands beside the first.
	Name string
	// DisplayNames are what people see. Where one is "", an application keeps the name it has; a new one gets Name
	// with the role.
	DisplayNames map[Role]string
	// ServiceManagementReference is whom both belong to, where the tenant wants to know; "" leaves it as it is.
	ServiceManagementReference string
	// Parts are what is wanted besides the two tiers.
	Parts []Part
	// SignInAudience is whose users may sign in: AzureADMyOrg or AzureADMultipleOrgs; "" leaves either as it is.
	SignInAudience string
	// Scope is the permission that the API offers: access_as_user.
	Scope string

	RedirectURI           string
	PostLogoutRedirectURI string
	// FrontChannelLogoutURL is "" where there can be none: Entra takes https only, and the web UI runs on http here.
	FrontChannelLogoutURL string
	// FormerRedirectURIs were ours until now and go.
	FormerRedirectURIs []string

	// Authority is the tenant's: https://login.microsoftonline.com/<tenant id>.
	Authority          string
	ResourceManagerURL string
	APIURL             string
	GraphURL           string
	OrdersURL          string
	WebUIAddr          string // "": the default is fine
	APIAddr            string
	TrustedCAFile      string

	// Certificate wants a key pair in place of a secret.
	Certificate bool
	// Federated wants no credential here at all: the applications trust an outside issuer. nil for secret or certificate.
	Federated *Federated
	// Unfederated takes away the trust that was set up here.
	Unfederated bool
	// Life is how long a new secret or certificate is good for.
	Life time.Duration
	// AdminConsent gives consent for all users of the tenant.
	AdminConsent bool
}

// DefaultName is the sample's own.
const DefaultName = "ms-identity-go-on-behalf-of"

// WithDefaults returns the settings with every gap filled that has a default.
func (s Settings) WithDefaults() Settings {
	fill := func(value *string, fallback string) {
		if *value == "" {
			*value = fallback
		}
	}
	fill(&s.Name, DefaultName)
	fill(&s.Scope, "access_as_user")
	fill(&s.RedirectURI, "http://localhost:8000/account/callback")
	fill(&s.PostLogoutRedirectURI, "http://localhost:8000/")
	fill(&s.APIURL, "http://localhost:8001")
	fill(&s.OrdersURL, "http://localhost:8004")
	fill(&s.GraphURL, "https://graph.microsoft.com")
	fill(&s.ResourceManagerURL, "https://management.azure.com")
	if s.Life == 0 {
		s.Life = 180 * 24 * time.Hour // what the portal recommends for a secret
	}
	return s
}

// UniqueName is a role's alternate key in the directory.
func (s Settings) UniqueName(r Role) string { return s.Name + "-" + r.Code() }

// Tag is how an application is known as made here. Nothing without it is ever changed or deleted.
func (s Settings) Tag(r Role) string { return s.Name + ":" + r.Code() }

// newDisplayName is the name of an application that isn't there yet.
func (s Settings) newDisplayName(r Role) string {
	if name := s.DisplayNames[r]; name != "" {
		return name
	}
	return s.Name + " " + string(r)
}

// Change is one difference between what is there and what should be.
type Change struct {
	Code string // for machines and tests: "api-token-version"
	What string // for people: "access tokens have version 1, should be 2"
}

// Microsoft's own APIs and their permissions, the same ids in every tenant and cloud.
const (
	ResourceManagerAppID = "797f4846-ba00-4fd7-ba43-dac1f8f63013" // Azure Service Management in the portal
	GraphAppID           = "00000003-0000-0000-c000-000000000000"

	graphUserRead     = "e1fe6dd8-ba31-4d61-89e7-88639da4683d"
	userImpersonation = "41094075-9dad-400e-a0bd-54e686782033"
)

// graphScopes is what signing in asks of Graph: who the user is, and a refresh token.
var graphScopes = []struct{ value, id string }{
	{"openid", "37f7f235-527c-4136-accd-4a02d197296e"},
	{"profile", "14dad69e-099b-42c9-810b-d002981feec1"},
	{"offline_access", "7427e0e9-2fba-42fe-b0c0-848c9e6a8182"},
}

// ManyOrganizations is the audience of applications for users of several organizations.
const ManyOrganizations = "AzureADMultipleOrgs"

// AuthoritySetting is what AUTHORITY should be.
func (s Settings) AuthoritySetting() string {
	if s.SignInAudience == ManyOrganizations {
		return s.Authority[:strings.LastIndex(s.Authority, "/")] + "/organizations"
	}
	return s.Authority
}
