package main

const (
	here  = "devtenant"
	azure = "devtenant/azurenames"
	graph = "devtenant/graph"
)

// clients are the programs and libraries that sign in to devtenant as they would to Entra.
var clients = []client{
	{"MSAL for Go", "authorization code with PKCE, on-behalf-of, client credentials", test{here, "TestMSALGoConfidential"}},
	{"MSAL for Go", "silent renewal, and its end after a revocation", test{here, "TestMSALGoRefreshes"}},
	{"MSAL for Go", "certificate", test{here, "TestMSALGoCertificate"}},
	{"MSAL for Go", "public client, authorization code", test{here, "TestMSALGoPublicAuthCode"}},
	{"MSAL for Go", "public client, device code", test{here, "TestMSALGoPublicDeviceCode"}},
	{"MSAL for Go", "user name and password", test{here, "TestMSALGoPassword"}},
	{"MSAL for Go", "federated credential", test{here, "TestMSALGoFederated"}},
	{"MSAL for Go", "users of two organizations", test{here, "TestMSALGoOrganizations"}},
	{"MSAL for Go", "managed identity of App Service", test{here, "TestMSALGoManagedIdentity"}},
	{"MSAL for Go", "by Microsoft's own host name, with instance discovery", test{here, "TestInstanceDiscoveryBehindMicrosoftsName"}},
	{"azidentity and armsubscriptions", "on-behalf-of, subscriptions in pages", test{here, "TestAzidentityAndArmsubscriptions"}},
	{"go-oidc", "discovery and keys", test{here, "TestGoOIDC"}},
	{"go-oidc and golang.org/x/oauth2", "authorization code with PKCE, renewal without scope, userinfo", test{here, "TestGoOIDCAndOAuth2"}},
	{"oauth2-proxy", "sign-in and renewal, providers oidc and entra-id", test{here, "TestOAuth2Proxy"}},
	{"openid-client", "authorization code with PKCE, renewal without scope, userinfo, hybrid flow, client credentials", test{here, "TestOpenIDClient"}},
	{"MSAL for browsers, in Chromium", "single-page application: redirect, silent, renewal, sign-out", test{here, "TestMSALBrowser"}},
	{"@azure/identity", "secret, certificate, assertion, on-behalf-of, device code, user name and password", test{here, "TestAzureIdentityNode"}},
	{"MSAL for Node", "authorization code, silent, on-behalf-of, certificate, claims", test{here, "TestMSALNode"}},
	{"MSAL for Python", "authorization code, silent, on-behalf-of, certificate, client credentials, device code, password", test{azure, "TestMSALPython"}},
	{"The Python sample's calls", "sign-in, exchange, subscriptions, sign-out", test{azure, "TestPythonSample"}},
	{"Azure CLI", "az login by device code", test{azure, "TestLoginByDeviceCode"}},
	{"Azure CLI", "az login by user name and password", test{azure, "TestLoginByPassword"}},
	{"Azure CLI", "az login as a service principal: secret, certificate, role on a subscription", test{azure, "TestServicePrincipalLogin"}},
	{"Azure CLI", "az account get-access-token for an API of your own", test{azure, "TestTokenForAnOwnAPI"}},
	{"Azure CLI", "az rest", test{azure, "TestRest"}},
	{"Azure CLI", "az ad app create, list, show, update, delete, owner", test{azure, "TestApplications"}},
	{"Azure CLI", "az ad sp create, list, show, update, delete", test{azure, "TestServicePrincipals"}},
	{"Azure CLI", "az ad sp create-for-rbac, az ad sp and app credential reset", test{azure, "TestCredentialReset"}},
	{"Azure CLI", "az ad app permission add, grant, list-grants, admin-consent, delete", test{azure, "TestPermissions"}},
}

// features are what the services do, first what devtenant has, then what it hasn't.
var features = []feature{
	{"On-behalf-of, with everything that makes it fail", "yes", false, []test{{here, "TestOnBehalfOf"}, {here, "TestOnBehalfOfRefused"}}},
	{"Consent for a web app and the API behind it on one page (known client applications, `/.default`)", "yes", true, []test{{here, "TestDaveConsentsOnce"}}},
	{"65001 at the exchange, and consent that makes it pass", "yes", true, []test{{here, "TestConsentWithoutKnownClients"}}},
	{"Conditional Access at the exchange: claims to sign in with", "one rule: a second factor for an API", true, []test{{here, "TestCarolsClaims"}}},
	{"Continuous access evaluation: Resource Manager's challenge, and what renews a token", "yes", true, []test{{here, "TestContinuousAccessEvaluation"}}},
	{"Every failure on demand, for one user or all", "yes", false, []test{{here, "TestEveryFailureOnDemand"}, {here, "TestSwitchForOneUser"}}},
	{"Challenges, answers and keys in every form that clients met in the field, by switch", "yes", false, []test{{here, "TestChallengeForms"}, {here, "TestExchangeForms"}, {here, "TestOddPages"}, {here, "TestOddKeys"}}},
	{"Answers to its own host names only (DNS rebinding)", "yes", false, []test{{here, "TestOnlyOwnHosts"}}},
	{"Errors as recorded: codes, suberrors, statuses, texts", "yes", false, []test{{here, "TestErrorsAsRecorded"}}},
	{"Access tokens in v1.0 and v2.0 form, by the resource", "yes", false, []test{{here, "TestAccessTokenFormatFollowsTheResource"}}},
	{"Graph's tokens can be verified by Graph only", "yes", false, []test{{here, "TestGraphTokensAreGraphsAlone"}}},
	{"Federated credentials, and a managed identity endpoint", "yes", false, []test{{here, "TestFederatedCredential"}, {here, "TestManagedIdentityRefuses"}}},
	{"Two tenants: `/organizations`, administrators' consent for a tenant, 650052 and 700016, guests", "yes", false, []test{{here, "TestOrganizations"}, {here, "TestAdminConsent"}, {here, "TestNotLetIn"}}},
	{"The parameter `resource` (RFC 8707), refused unless it fits the scopes: 9010010", "yes", false, []test{{here, "TestResourceParameter"}}},
	{"Single-page applications: CORS, 9002326, 9002327", "yes", false, []test{{here, "TestSinglePageApplication"}, {here, "TestCrossOriginRedemption"}}},
	{"Hybrid and implicit flow, where a registration enables them", "yes", false, []test{{here, "TestHybridAndImplicitFlows"}}},
	{"Graph: applications and service principals with all their members", "yes", false, []test{{graph, "TestObjectsHaveGraphsMembers"}}},
	{"Graph: app roles and their assignment, in `roles` of tokens", "yes", false, []test{{graph, "TestAppRoles"}, {azure, "TestPermissions"}}},
	{"Graph: new objects that aren't everywhere at once", "on request", false, []test{{graph, "TestLag"}}},
	{"Graph: `/me` with a token on behalf of the user, and its claims challenge", "yes", false, []test{{here, "TestMeOnBehalfOf"}}},
	{"Applications that want their users assigned: 50105", "yes", false, []test{{here, "TestAssignmentRequired"}}},
	{"Resource Manager: tenants, subscriptions, locations, role assignments", "yes", false, []test{{here, "TestResourceManagerObjects"}, {here, "TestRoleAssignments"}}},
	{"For tests in other languages: tokens, users, switches, what was asked, reset, over HTTP", "yes", false, []test{{here, "TestRemoteTokens"}, {here, "TestRemoteUsersAndReset"}, {here, "TestRemoteRequestsAndSettings"}}},
	{"Graph: `$search`, `$orderby`, `$expand`", "no: refused by name", false, []test{{graph, "TestFilters"}}},
	{"Resource Manager: resources", "no: refused", false, []test{{here, "TestResourceManagerObjects"}}},
	{"Passwords at the sign-in page", "no; user name and password grant where a flag allows it", false, []test{{here, "TestPasswordGrantIsOffByDefault"}}},
	{"Passkeys, SCIM, SAML, WS-Federation, groups, B2C and personal accounts", "no", false, nil},
	{"Licences, devices, locations, risk", "no", false, nil},
}
