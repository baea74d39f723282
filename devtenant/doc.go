// Package devtenant is for development only: a stand-in for one Microsoft Entra tenant, or two, and for Azure Resource Manager,
// so that the sample, its tests and its users need no Azure account.
//
// It is strict where the real service is strict: redirect URIs to the letter, PKCE, one-time codes, secrets and
// certificates, audiences, scopes, consent. What it does not check is listed in README.md. Everything lives in
// memory, keys are new at each start, and nothing of it is shared with production code.
//
// One handler stands behind three things: [Start] in a test, [Tenant.Serve] in a program, and [Tenant.Handler] behind a
// server of one's own. It is reached through two channels, because MSAL wants its authority on https and a browser should
// not meet a certificate warning:
//
//	front channel, plain http        what a person visits
//	GET  /                                            what this is, a path through it, who is in it       home.go, path.go
//	GET  /{tenant}/oauth2/v2.0/authorize              sign-in begins (POST too)                           authorize.go
//	POST /{tenant}/sign-in                            a user was picked                                   signin.go
//	POST /{tenant}/second-factor                      approved or denied                                  secondfactor.go
//	POST /{tenant}/consent                            accepted or declined                                consent.go
//	GET  /{tenant}/v2.0/adminconsent                  an administrator lets an application in             adminconsent.go
//	GET  /{tenant}/adminconsent                       the portal's link for the same                      adminconsent.go
//	GET  /devicelogin                                 a device's code is typed in (POST too)              devicecode.go
//	GET  /{tenant}/oauth2/v2.0/logout                 sign-out (POST too)                                 signout.go
//	GET  /switches                                    what can be made to fail (POST, DELETE too)         switchespage.go
//	POST /switches/{name}                             throws one; DELETE clears it                        switchesthrow.go
//	GET  /requests                                    what it was asked: a page for people, JSON for programs  requestspage.go
//	GET  /settings  /certificate  /users  /requests   for tests in other languages (/users, /requests: POST, DELETE)   remote.go
//	POST /tokens  /reset  /users/{name}/revoke-sessions   DELETE /users/{name}, too                                remote.go
//	GET  /error                                       what an AADSTS code means                           pages.go
//	GET  /healthz                                     200                                                 routes.go
//
//	back channel, TLS                what programs ask
//	GET  /{tenant}/v2.0/.well-known/openid-configuration                                                  discovery.go
//	GET  /{tenant}/.well-known/openid-configuration   v1.0                                                discovery_v1.go
//	GET  /common/discovery/instance                                                                       discovery.go
//	GET  /common/userrealm/{username}                 (/common/UserRealm/{username} too)                  grant_password.go
//	GET  /{tenant}/discovery/v2.0/keys                                                                    keys.go
//	GET  /{tenant}/discovery/keys                     v1.0                                                keys.go
//	POST /{tenant}/oauth2/v2.0/token                  one file a grant: grant_*.go                        token.go
//	GET  /oidc/userinfo                               (POST too)                                          userinfo.go
//	POST /{tenant}/oauth2/v2.0/devicecode                                                                 devicecode.go
//	GET  /tenants                                     Resource Manager                                    resourcemanager.go
//	GET  /subscriptions                                                                                   resourcemanager_subscriptions.go
//	GET  /subscriptions/{id}                                                                              resourcemanager_subscriptions.go
//	GET  /subscriptions/{id}/locations                                                                    resourcemanager_subscriptions.go
//	GET  /subscriptions/{id}/providers/Microsoft.Authorization/roleDefinitions                            resourcemanager_roles.go
//	GET  /subscriptions/{id}/providers/Microsoft.Authorization/roleAssignments                            resourcemanager_roles.go
//	PUT  /subscriptions/{id}/providers/Microsoft.Authorization/roleAssignments/{name}   DELETE, too       resourcemanager_roles.go
//	GET  /msi/token                                   App Service's and Container Apps' managed identity  managedidentity.go
//	GET  /issuers/{name}/.well-known/openid-configuration  issuers outside Entra, for federated credentials  testissuer.go
//	GET  /issuers/{name}/keys                         their keys                                          testissuer.go
//	POST /issuers/{name}/token                        a token of theirs for whoever asks                  testissuer.go
//	POST /api/RegisteredApplications/{id}/Consent     the portal's admin consent                          portal.go
//	any  /v1.0/…                                      Microsoft Graph                                     package graph
//
// Both channels serve all routes, so that the tenant can also stand as one https host.
//
// Several tenants stand side by side in one process ([Options.Others], [Tenant.In]), each with a directory of its own; which
// one answers a request is decided in tenants.go.
//
// Each failure can be caused on purpose: [Tenant.Switch] throws a switch of the tables in switches_*.go, [Tenant.Faults]
// takes any other fault.
package devtenant
