// Package graph is a small client for the part of Microsoft Graph v1.0 that registering applications needs.
//
// It stands on azcore's pipeline, which brings the bearer token, the retries that honour Retry-After and the telemetry
// header of every Azure SDK client. Graph's generated SDK for Go would do the same and be larger than the rest of this
// sample together; what is used of Graph here fits on two pages:
//
//	GET    /me, /organization
//	GET    /applications(uniqueName='…'), /applications?$filter=tags/any(…), /applications/{id}/owners
//	PATCH  /applications(uniqueName='…')        create if it is missing
//	PATCH  /applications/{id}                   change
//	POST   /applications/{id}/addPassword, …/removePassword, …/owners/$ref
//	DELETE /applications/{id}, /servicePrincipals/{id}
//	GET    /servicePrincipals(appId='…'), /servicePrincipals/{id}/oauth2PermissionGrants
//	POST   /servicePrincipals, /oauth2PermissionGrants
//	PATCH  /servicePrincipals/{id}, /oauth2PermissionGrants/{id}
//	GET    /directory/deletedItems/microsoft.graph.application
//	POST   /directory/deletedItems/{id}/restore
//	DELETE /directory/deletedItems/{id}
//
// Each method's comment names its page in the Graph reference.
package graph
