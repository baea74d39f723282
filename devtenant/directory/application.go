package directory

import "time"

// Application is Graph's application resource: how a client or an API is registered.
type Application struct {
	ID                         string                   `json:"id"`    // object id: addresses the registration in Graph
	AppID                      string                   `json:"appId"` // client id: what OAuth calls client_id
	DisplayName                string                   `json:"displayName"`
	Description                string                   `json:"description,omitempty"`
	UniqueName                 string                   `json:"uniqueName,omitempty"`
	CreatedDateTime            time.Time                `json:"createdDateTime"`
	DeletedDateTime            *time.Time               `json:"deletedDateTime,omitempty"`
	PublisherDomain            string                   `json:"publisherDomain,omitempty"`            // the tenant's domain
	SignInAudience             string                   `json:"signInAudience"`                       // AzureADMyOrg: this tenant's users only
	ServiceManagementReference string                   `json:"serviceManagementReference,omitempty"` // whom it belongs to, in the organization's own books
	IdentifierURIs             []string                 `json:"identifierUris"`                       // App ID URIs: what a scope may start with
	Tags                       []string                 `json:"tags"`
	API                        APIApplication           `json:"api"`
	Web                        WebApplication           `json:"web"`
	SPA                        SPAApplication           `json:"spa"`
	PublicClient               PublicClientApplication  `json:"publicClient"`
	IsFallbackPublicClient     bool                     `json:"isFallbackPublicClient"`
	AppRoles                   []AppRole                `json:"appRoles"`
	RequiredResourceAccess     []RequiredResourceAccess `json:"requiredResourceAccess"`
	OptionalClaims             *OptionalClaims          `json:"optionalClaims,omitempty"`
	PasswordCredentials        []PasswordCredential     `json:"passwordCredentials"`
	KeyCredentials             []KeyCredential          `json:"keyCredentials"`
	InertMembers
}

// APIApplication is what an application that is a resource says of itself.
type APIApplication struct {
	// KnownClientApplications are client ids whose consent page also asks for what this API needs downstream.
	KnownClientApplications   []string                   `json:"knownClientApplications"`
	OAuth2PermissionScopes    []PermissionScope          `json:"oauth2PermissionScopes"`
	PreAuthorizedApplications []PreAuthorizedApplication `json:"preAuthorizedApplications"`
	// RequestedAccessTokenVersion is the format of access tokens for this API; nil means 1.
	RequestedAccessTokenVersion *int  `json:"requestedAccessTokenVersion"`
	AcceptMappedClaims          *bool `json:"acceptMappedClaims"` // kept, without effect
}

// PermissionScope is a delegated permission that an API offers.
type PermissionScope struct {
	ID                      string `json:"id"`
	Value                   string `json:"value"` // as in scp, for example access_as_user
	Type                    string `json:"type"`  // User: users may consent; Admin: administrators only
	IsEnabled               bool   `json:"isEnabled"`
	AdminConsentDisplayName string `json:"adminConsentDisplayName,omitempty"`
	AdminConsentDescription string `json:"adminConsentDescription,omitempty"`
	UserConsentDisplayName  string `json:"userConsentDisplayName,omitempty"`
	UserConsentDescription  string `json:"userConsentDescription,omitempty"`
}

// PreAuthorizedApplication is a client that needs no consent for the listed scopes (their ids).
type PreAuthorizedApplication struct {
	AppID                  string   `json:"appId"`
	DelegatedPermissionIDs []string `json:"delegatedPermissionIds"`
}

// WebApplication is what a client with a server of its own says of itself.
type WebApplication struct {
	RedirectURIs []string `json:"redirectUris"`
	LogoutURL    string   `json:"logoutUrl,omitempty"` // front-channel sign-out
	HomePageURL  string   `json:"homePageUrl,omitempty"`
	// ImplicitGrantSettings are which tokens the authorization endpoint may issue by itself.
	ImplicitGrantSettings ImplicitGrantSettings `json:"implicitGrantSettings"`
}

// ImplicitGrantSettings belong to the implicit and the hybrid flow.
type ImplicitGrantSettings struct {
	EnableAccessTokenIssuance bool `json:"enableAccessTokenIssuance"`
	EnableIDTokenIssuance     bool `json:"enableIdTokenIssuance"`
}

// SPAApplication is what a single-page application says of itself: its redirect URIs are those whose codes a browser may
// redeem.
type SPAApplication struct {
	RedirectURIs []string `json:"redirectUris"`
}

// PublicClientApplication is what a client that can keep no secret says of itself.
type PublicClientApplication struct {
	RedirectURIs []string `json:"redirectUris"`
}

// RequiredResourceAccess lists what an application needs of one API; /.default and the consent page go by it.
type RequiredResourceAccess struct {
	ResourceAppID  string           `json:"resourceAppId"`
	ResourceAccess []ResourceAccess `json:"resourceAccess"`
}

// ResourceAccess is one permission, by its id. Type is Scope (delegated) or Role (application).
type ResourceAccess struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// OptionalClaims are claims that tokens hold only where the application asked for them.
type OptionalClaims struct {
	AccessToken []OptionalClaim `json:"accessToken"`
	IDToken     []OptionalClaim `json:"idToken"`
	SAML2Token  []OptionalClaim `json:"saml2Token,omitempty"`
}

// OptionalClaim is one of them, for example xms_cc or idtyp.
type OptionalClaim struct {
	Name                 string   `json:"name"`
	Source               *string  `json:"source"`
	Essential            bool     `json:"essential"`
	AdditionalProperties []string `json:"additionalProperties"`
}

// PasswordCredential is a client secret. SecretText is filled in only in what [Directory.AddPassword] returns: the
// directory keeps a hash of it and can't show it again, as the real one can't.
type PasswordCredential struct {
	KeyID               string    `json:"keyId"`
	CustomKeyIdentifier *string   `json:"customKeyIdentifier"` // kept, without effect
	DisplayName         string    `json:"displayName"`
	Hint                string    `json:"hint"` // the secret's first three characters
	SecretText          *string   `json:"secretText"`
	StartDateTime       time.Time `json:"startDateTime"`
	EndDateTime         time.Time `json:"endDateTime"`
}

// KeyCredential is a certificate that a client signs its assertions with.
type KeyCredential struct {
	KeyID               string    `json:"keyId"`
	DisplayName         string    `json:"displayName"`
	CustomKeyIdentifier string    `json:"customKeyIdentifier,omitempty"` // the SHA-1 thumbprint, hexadecimal
	Type                string    `json:"type"`                          // AsymmetricX509Cert
	Usage               string    `json:"usage"`                         // Verify
	Key                 []byte    `json:"key,omitempty"`                 // the certificate, DER
	StartDateTime       time.Time `json:"startDateTime"`
	EndDateTime         time.Time `json:"endDateTime"`
}

// AccessTokenVersion is the format of access tokens for this application: 1 or 2.
func (a Application) AccessTokenVersion() int {
	if a.API.RequestedAccessTokenVersion == nil {
		return 1
	}
	return *a.API.RequestedAccessTokenVersion
}

// Scope finds a scope of the API by its value.
func (a Application) Scope(value string) (PermissionScope, bool) {
	return findScope(a.API.OAuth2PermissionScopes, func(s PermissionScope) bool { return s.Value == value })
}

// Public says whether the application may use flows without a credential.
func (a Application) Public() bool {
	return a.IsFallbackPublicClient || len(a.PublicClient.RedirectURIs) > 0
}

// AsksForAccessTokenClaim says whether the API wants an optional claim in its access tokens.
func (a Application) AsksForAccessTokenClaim(name string) bool {
	if a.OptionalClaims == nil {
		return false
	}
	for _, claim := range a.OptionalClaims.AccessToken {
		if claim.Name == name {
			return true
		}
	}
	return false
}

func findScope(scopes []PermissionScope, match func(PermissionScope) bool) (PermissionScope, bool) {
	for _, scope := range scopes {
		if match(scope) {
			return scope, true
		}
	}
	return PermissionScope{}, false
}
