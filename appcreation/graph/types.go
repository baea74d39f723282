package graph

import "time"

// Application is the part of the application resource that is read and written here.
//
// It is the body of a PATCH as well, where what isn't sent stays as it is. That is why the lists are left out when they
// are nil and sent as [] when they are empty: the one means "leave it", the other "take everything away".
// Source: Graph reference, "application resource type".
type Application struct {
	ID             string   `json:"id,omitempty"`
	AppID          string   `json:"appId,omitempty"`
	UniqueName     string   `json:"uniqueName,omitempty"`
	DisplayName    string   `json:"displayName,omitempty"`
	SignInAudience string   `json:"signInAudience,omitempty"`
	Tags           []string `json:"tags,omitzero"`
	// ServiceManagementReference is whom the application belongs to, in the organization's own asset management.
	ServiceManagementReference string                   `json:"serviceManagementReference,omitempty"`
	IdentifierURIs             []string                 `json:"identifierUris,omitzero"`
	API                        *API                     `json:"api,omitempty"`
	Web                        *Web                     `json:"web,omitempty"`
	PublicClient               *PublicClient            `json:"publicClient,omitempty"`
	IsFallbackPublicClient     *bool                    `json:"isFallbackPublicClient,omitempty"`
	AppRoles                   []AppRole                `json:"appRoles,omitzero"`
	RequiredResourceAccess     []RequiredResourceAccess `json:"requiredResourceAccess,omitzero"`
	OptionalClaims             *OptionalClaims          `json:"optionalClaims,omitempty"`
	PasswordCredentials        []PasswordCredential     `json:"passwordCredentials,omitzero"`
	KeyCredentials             []KeyCredential          `json:"keyCredentials,omitzero"`
}

// API is what an application that is a web API declares ("apiApplication resource type").
type API struct {
	RequestedAccessTokenVersion *int                       `json:"requestedAccessTokenVersion,omitempty"`
	OAuth2PermissionScopes      []PermissionScope          `json:"oauth2PermissionScopes,omitzero"`
	KnownClientApplications     []string                   `json:"knownClientApplications,omitzero"`
	PreAuthorizedApplications   []PreAuthorizedApplication `json:"preAuthorizedApplications,omitzero"`
}

// PermissionScope is a delegated permission that an API offers.
type PermissionScope struct {
	ID                      string `json:"id"`
	Value                   string `json:"value"`
	Type                    string `json:"type"` // User: users may consent; Admin: only administrators
	IsEnabled               bool   `json:"isEnabled"`
	AdminConsentDisplayName string `json:"adminConsentDisplayName"`
	AdminConsentDescription string `json:"adminConsentDescription"`
	UserConsentDisplayName  string `json:"userConsentDisplayName"`
	UserConsentDescription  string `json:"userConsentDescription"`
}

// PreAuthorizedApplication is a client that may have permissions of the API without asking the user.
type PreAuthorizedApplication struct {
	AppID                  string   `json:"appId"`
	DelegatedPermissionIDs []string `json:"delegatedPermissionIds"`
}

// Web is what an application that is a web application declares ("webApplication resource type").
type Web struct {
	RedirectURIs []string `json:"redirectUris,omitzero"`
	LogoutURL    string   `json:"logoutUrl,omitempty"`
}

// PublicClient is what an application on users' machines declares ("publicClientApplication resource type").
type PublicClient struct {
	RedirectURIs []string `json:"redirectUris,omitzero"`
}

// AppRole is a permission of an API that programs or users are given by an administrator ("appRole resource type").
type AppRole struct {
	ID                 string   `json:"id"`
	Value              string   `json:"value"`
	AllowedMemberTypes []string `json:"allowedMemberTypes"` // Application, User
	DisplayName        string   `json:"displayName"`
	Description        string   `json:"description"`
	IsEnabled          bool     `json:"isEnabled"`
}

// AppRoleAssignment says that a principal has a role of a resource, by the object ids of their service principals
// ("appRoleAssignment resource type").
type AppRoleAssignment struct {
	PrincipalID string `json:"principalId"`
	ResourceID  string `json:"resourceId"`
	AppRoleID   string `json:"appRoleId"`
}

// RequiredResourceAccess is what an application asks for of one API.
type RequiredResourceAccess struct {
	ResourceAppID  string           `json:"resourceAppId"`
	ResourceAccess []ResourceAccess `json:"resourceAccess"`
}

// ResourceAccess is one permission; Type is Scope for a delegated one, Role for an application's.
type ResourceAccess struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// OptionalClaims are claims that tokens carry only if the application asks for them.
type OptionalClaims struct {
	IDToken     []OptionalClaim `json:"idToken,omitzero"`
	AccessToken []OptionalClaim `json:"accessToken,omitzero"`
	SAML2Token  []OptionalClaim `json:"saml2Token,omitzero"`
}

// OptionalClaim is one of them.
type OptionalClaim struct {
	Name                 string   `json:"name"`
	Source               *string  `json:"source"`
	Essential            bool     `json:"essential"`
	AdditionalProperties []string `json:"additionalProperties"`
}

// PasswordCredential is a client secret as Graph shows it afterwards: never the secret, only its first three characters.
type PasswordCredential struct {
	KeyID       string    `json:"keyId"`
	DisplayName string    `json:"displayName"`
	Hint        string    `json:"hint"`
	EndDateTime time.Time `json:"endDateTime"`
}

// KeyCredential is the public half of a client certificate. Key is DER; Graph tells it only where $select names
// keyCredentials.
type KeyCredential struct {
	KeyID               string     `json:"keyId,omitempty"`
	DisplayName         string     `json:"displayName,omitempty"`
	Type                string     `json:"type"`
	Usage               string     `json:"usage"`
	CustomKeyIdentifier string     `json:"customKeyIdentifier,omitempty"` // the thumbprint, hexadecimal
	Key                 []byte     `json:"key,omitempty"`
	StartDateTime       *time.Time `json:"startDateTime,omitempty"`
	EndDateTime         *time.Time `json:"endDateTime,omitempty"`
}

// ServicePrincipal is what stands for an application in one tenant: consent is given to it and for it.
type ServicePrincipal struct {
	ID             string   `json:"id,omitempty"`
	AppID          string   `json:"appId,omitempty"`
	DisplayName    string   `json:"displayName,omitempty"`
	AccountEnabled *bool    `json:"accountEnabled,omitempty"`
	Tags           []string `json:"tags,omitzero"`
}

// PermissionGrant is consent: a client may call a resource with these scopes, for one user or for all.
// ClientID and ResourceID are object ids of service principals, not client ids ("oAuth2PermissionGrant resource type").
type PermissionGrant struct {
	ID          string `json:"id,omitempty"`
	ClientID    string `json:"clientId,omitempty"`
	ConsentType string `json:"consentType,omitempty"` // AllPrincipals or Principal
	PrincipalID string `json:"principalId,omitempty"`
	ResourceID  string `json:"resourceId,omitempty"`
	Scope       string `json:"scope"` // separated by spaces
}

// User is who is signed in.
type User struct {
	ID                string `json:"id"`
	DisplayName       string `json:"displayName"`
	UserPrincipalName string `json:"userPrincipalName"`
}

// Organization is the tenant; its ID is the tenant's.
type Organization struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
}

// With returns the application as it is after a PATCH with these properties.
func (a Application) With(patch Application) Application {
	override(&a.DisplayName, patch.DisplayName)
	override(&a.SignInAudience, patch.SignInAudience)
	override(&a.ServiceManagementReference, patch.ServiceManagementReference)
	overrideList(&a.Tags, patch.Tags)
	overrideList(&a.IdentifierURIs, patch.IdentifierURIs)
	overrideList(&a.RequiredResourceAccess, patch.RequiredResourceAccess)
	overrideList(&a.KeyCredentials, patch.KeyCredentials)
	overrideList(&a.AppRoles, patch.AppRoles)
	if patch.IsFallbackPublicClient != nil {
		a.IsFallbackPublicClient = patch.IsFallbackPublicClient
	}
	if patch.PublicClient != nil {
		a.PublicClient = patch.PublicClient
	}
	if patch.OptionalClaims != nil {
		a.OptionalClaims = patch.OptionalClaims
	}
	if patch.API != nil {
		api := API{}
		if a.API != nil {
			api = *a.API
		}
		if patch.API.RequestedAccessTokenVersion != nil {
			api.RequestedAccessTokenVersion = patch.API.RequestedAccessTokenVersion
		}
		overrideList(&api.OAuth2PermissionScopes, patch.API.OAuth2PermissionScopes)
		overrideList(&api.KnownClientApplications, patch.API.KnownClientApplications)
		overrideList(&api.PreAuthorizedApplications, patch.API.PreAuthorizedApplications)
		a.API = &api
	}
	if patch.Web != nil {
		web := Web{}
		if a.Web != nil {
			web = *a.Web
		}
		overrideList(&web.RedirectURIs, patch.Web.RedirectURIs)
		override(&web.LogoutURL, patch.Web.LogoutURL)
		a.Web = &web
	}
	return a
}

func override(value *string, with string) {
	if with != "" {
		*value = with
	}
}

func overrideList[T any](list *[]T, with []T) {
	if with != nil {
		*list = with
	}
}
