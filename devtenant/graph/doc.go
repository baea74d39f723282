// Package graph is the part of Microsoft Graph v1.0 through which applications are registered, over the development
// tenant's directory.
//
// It is for development only. It is strict where Graph is strict, because a registration that only works here is worth
// nothing: permissions and roles of the caller, the form of every object, scopes that must be disabled before they go,
// references that must exist. On request it also has Graph's two habits that surprise programs: a new object isn't
// everywhere at once ([Lag]), and too many calls are sent away ([Options.Intercept], [Throttle]).
//
// Routes, all below the prefix that the handler is mounted at, /v1.0:
//
//	GET                 /me  /me/ownedObjects                           users.go
//	GET                 /users  /users/{key}                            users.go
//	GET                 /organization                                   directory.go
//	POST                /directoryObjects/getByIds                      directory.go
//	GET POST            /applications                                   applications.go
//	GET PATCH DELETE    /applications/{key}                             applications.go, patch.go, rules.go
//	POST                /applications/{key}/addPassword removePassword  credentials.go
//	GET POST            /applications/{key}/owners  owners/$ref         owners.go
//	DELETE              /applications/{key}/owners/{user}/$ref          owners.go
//	GET POST            /applications/{key}/federatedIdentityCredentials              federated.go
//	GET PATCH DELETE    /applications/{key}/federatedIdentityCredentials/{credential} federated.go
//	GET POST            /servicePrincipals                              serviceprincipals.go
//	GET PATCH DELETE    /servicePrincipals/{key}                        serviceprincipals.go
//	POST                /servicePrincipals/{key}/addPassword removePassword               credentials.go
//	GET                 /servicePrincipals/{key}/oauth2PermissionGrants grants.go
//	GET POST            /servicePrincipals/{key}/appRoleAssignments  appRoleAssignedTo    approles.go
//	DELETE              /servicePrincipals/{key}/appRoleAssignments/{id}  and the other   approles.go
//	GET POST            /users/{key}/appRoleAssignments                 approles.go
//	DELETE              /users/{key}/appRoleAssignments/{id}            approles.go
//	GET POST            /oauth2PermissionGrants                         grants.go
//	GET PATCH DELETE    /oauth2PermissionGrants/{id}                    grants.go
//	GET                 /directory/deletedItems/microsoft.graph.{type}  deleteditems.go
//	GET DELETE POST     /directory/deletedItems/{id}  {id}/restore      deleteditems.go
//
// A {key} is an object id, or the alternate key in parentheses: applications(appId='…'), applications(uniqueName='…').
// A {credential} is an id or a name. The case of the names in a path doesn't count.
//
// $filter takes eq, startswith and any, joined by and; every object has the members that Graph's have (shape.go,
// [directory.InertMembers]), and those that change nothing here are kept all the same.
//
// What it doesn't do: $search, $expand and $orderby (refused by name), $count, groups, batches, delta, owners of service principals, roles other
// than administrator or not, quotas, app management policies, and verified domains in App ID URIs.
package graph
