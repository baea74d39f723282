package directory

// Client ids of Microsoft's own applications, the same in every tenant.
const (
	ResourceManagerAppID = "797f4846-ba00-4fd7-ba43-dac1f8f63013" // Azure Resource Manager
	GraphAppID           = "00000003-0000-0000-c000-000000000000" // Microsoft Graph
	AzureCLIAppID        = "04b07795-8ddb-461a-bbee-02f9e1bf7b46" // Azure CLI, azidentity's public client
	GraphCLIAppID        = "14d82eec-204b-4c2f-b7e8-296a70dab67e" // Microsoft Graph Command Line Tools
	AzurePowerShellAppID = "1950a258-227b-4e31-a9cf-717495945fc2" // Azure PowerShell
	PortalAppID          = "74658136-14ec-4630-ad9b-26e160ff0fc6" // the portal's API for registrations, which az ad app permission admin-consent asks
	// TokenExchangeAppID is whom tokens for federated credentials are for: api://AzureADTokenExchange by its other name.
	TokenExchangeAppID = "fb60f99c-7a34-4190-8149-302f77469936"
)

// microsoftTenantID owns those applications (appOwnerOrganizationId).
const microsoftTenantID = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"

// builtIns are the service principals that Microsoft puts into every tenant, as far as the sample needs them.
func builtIns() []ServicePrincipal {
	microsoft := func(id, appID, name string, names []string, scopes ...PermissionScope) ServicePrincipal {
		return ServicePrincipal{
			ID: id, AppID: appID, DisplayName: name, AccountEnabled: true,
			AppOwnerOrganizationID: microsoftTenantID, ServicePrincipalType: "Application",
			ServicePrincipalNames: append([]string{appID}, names...), OAuth2PermissionScopes: scopes, Tags: []string{},
		}
	}
	return []ServicePrincipal{
		microsoft("de7e0000-0000-4000-8000-0000000000c8", ResourceManagerAppID, "Azure Resource Manager",
			// Clients of the Azure SDK ask for management.core.windows.net, with its trailing slash.
			[]string{
				"https://management.azure.com", "https://management.azure.com/",
				"https://management.core.windows.net", "https://management.core.windows.net/",
			},
			userScope("41094075-9dad-400e-a0bd-54e686782033", "user_impersonation", "Access Azure Resource Manager as you",
				"Allow the application to access Azure Resource Manager as you.")),
		withRoles(microsoft("de7e0000-0000-4000-8000-0000000000c9", GraphAppID, "Microsoft Graph",
			[]string{"https://graph.microsoft.com", "https://graph.microsoft.com/"},
			userScope("37f7f235-527c-4136-accd-4a02d197296e", "openid", "Sign you in", "Allow the application to sign you in."),
			userScope("14dad69e-099b-42c9-810b-d002981feec1", "profile", "View your basic profile", "Allow the application to see your name and user name."),
			userScope("64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0", "email", "View your email address", "Allow the application to read your email address."),
			userScope("7427e0e9-2fba-42fe-b0c0-848c9e6a8182", "offline_access", "Maintain access to data you have given it access to",
				"Allow the application to renew its access while you are not there."),
			userScope("e1fe6dd8-ba31-4d61-89e7-88639da4683d", "User.Read", "Sign you in and read your profile", "Allow the application to read your profile."),
			userScope("b340eb25-3456-403f-be2f-af7a0d370277", "User.ReadBasic.All", "Read the basic profiles of all users", "Allow the application to read the names of all users."),
			adminScope("a154be20-db9c-4678-8ab7-66f6cc099a59", "User.Read.All", "Read the full profiles of all users"),
			adminScope("84bccea3-f856-4a8a-967b-dbe0a3d53a64", "AppRoleAssignment.ReadWrite.All", "Manage app permission grants and app role assignments"),
			adminScope("c79f8feb-a9db-4090-85f9-90d820caa0eb", "Application.Read.All", "Read applications"),
			adminScope("bdfbf15f-ee85-4955-8675-146e8e5296b5", "Application.ReadWrite.All", "Read and write applications"),
			adminScope("41ce6ca6-6826-4807-84f1-1c82854f7ee5", "DelegatedPermissionGrant.ReadWrite.All", "Manage all delegated permission grants"),
			adminScope("06da0dbc-49e2-44d2-8312-53f166ab848a", "Directory.Read.All", "Read directory data"),
			adminScope("0e263e50-5827-48a4-b97c-d940288653c7", "Directory.AccessAsUser.All", "Access the directory as you"),
			adminScope("4908d5b9-3fb2-4b1e-9336-1888b7937185", "Organization.Read.All", "Read organization information")),
			applicationRole("9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30", "Application.Read.All", "Read all applications"),
			applicationRole("1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9", "Application.ReadWrite.All", "Read and write all applications"),
			applicationRole("06b708a9-e830-4db3-a914-8e69da51d44f", "AppRoleAssignment.ReadWrite.All", "Manage app permission grants and app role assignments"),
			applicationRole("8e8e4742-1d95-4f68-9d56-6ee75648c72a", "DelegatedPermissionGrant.ReadWrite.All", "Manage all delegated permission grants"),
			applicationRole("7ab1d382-f21e-4acd-a863-ba3e13f7da61", "Directory.Read.All", "Read directory data"),
			applicationRole("498476ce-e0fe-48b0-b801-37ba7e2685c6", "Organization.Read.All", "Read organization information"),
			applicationRole("df021288-bdef-4463-88db-98f22de89214", "User.Read.All", "Read all users' full profiles")),
		microsoft("de7e0000-0000-4000-8000-0000000000cd", PortalAppID, "ADIbizaUX", nil,
			userScope("de7e0000-0000-4000-8000-0000000000e9", "user_impersonation", "Access the portal's registrations", "Allow the application to manage registrations as you.")),
		microsoft("de7e0000-0000-4000-8000-0000000000cf", TokenExchangeAppID, "AAD Token Exchange Endpoint: Public", []string{TokenExchangeAudience}),
		microsoft("de7e0000-0000-4000-8000-0000000000ca", AzureCLIAppID, "Microsoft Azure CLI", nil),
		microsoft("de7e0000-0000-4000-8000-0000000000cb", GraphCLIAppID, "Microsoft Graph Command Line Tools", nil),
		microsoft("de7e0000-0000-4000-8000-0000000000ce", AzurePowerShellAppID, "Microsoft Azure PowerShell", nil),
	}
}

func userScope(id, value, name, description string) PermissionScope {
	return PermissionScope{
		ID: id, Value: value, Type: "User", IsEnabled: true,
		AdminConsentDisplayName: name, AdminConsentDescription: description,
		UserConsentDisplayName: name, UserConsentDescription: description,
	}
}

func adminScope(id, value, name string) PermissionScope {
	scope := userScope(id, value, name, "")
	scope.Type = "Admin"
	return scope
}

func withRoles(sp ServicePrincipal, roles ...AppRole) ServicePrincipal {
	sp.AppRoles = roles
	return sp
}

// applicationRole is an application permission: a role for applications that act for themselves.
func applicationRole(id, value, name string) AppRole {
	return AppRole{
		ID: id, Value: value, AllowedMemberTypes: []string{"Application"}, DisplayName: name,
		Description: "Allows the app to: " + name + ", without a signed-in user.", IsEnabled: true, Origin: "Application",
	}
}

// Client finds an application that may start a flow: one of the tenant's own that has a service principal, or one of
// Microsoft's command-line clients.
func (d *Directory) Client(appID string) (Application, bool) {
	sp, ok := d.ServicePrincipalByAppID(appID)
	if !ok || !sp.AccountEnabled {
		return Application{}, false
	}
	if MicrosoftClient(appID) {
		return Application{
			ID: sp.ID, AppID: sp.AppID, DisplayName: sp.DisplayName, SignInAudience: "AzureADMultipleOrgs",
			PublicClient: PublicClientApplication{RedirectURIs: []string{
				"http://localhost", "https://login.microsoftonline.com/common/oauth2/nativeclient",
			}},
			IsFallbackPublicClient: true,
		}, true
	}
	return d.Registration(appID)
}

// MicrosoftClient says whether a client is one of Microsoft's. They need no consent for Microsoft's own APIs; for an API of
// the tenant they need it as others do, or that the API pre-authorizes them.
func MicrosoftClient(appID string) bool {
	return appID == AzureCLIAppID || appID == GraphCLIAppID || appID == AzurePowerShellAppID
}
