// Package directory is the content of the development tenant: its applications, service principals, consents, users
// and subscriptions, in the shapes of Microsoft Graph v1.0 and of Azure Resource Manager.
//
// It is for development only. Everything lives in memory and is forgotten when the program ends.
//
// The package knows nothing of HTTP or of OAuth. Package devtenant reads it to answer protocol requests, and package
// graph puts Microsoft Graph on top of it, so that an application that is registered through Graph can sign users in at
// once.
//
// A [Directory] comes from [Default] (the embedded tenant.json), from [Load] (a file of the same form) or from [New]
// (an empty tenant). Its methods may be called from several goroutines: they take and return copies, and one
// mutex guards what is inside.
//
//	application.go       Application and its parts, as Graph spells them
//	rules.go             what Graph refuses in an application
//	applications.go      create, read, update, delete, restore applications
//	credentials.go       secrets and certificates of applications
//	federated.go         outside issuers that applications trust in place of a secret
//	managedidentities.go identities that Azure manages, without an application
//	serviceprincipals.go the applications as this tenant sees them, Microsoft's own included
//	builtin.go           Resource Manager, Graph and Microsoft's command-line clients
//	together.go          several tenants side by side
//	consent.go           oauth2PermissionGrants: who allowed which client what
//	users.go             the people of the tenant
//	subscriptions.go     what Resource Manager has, and who may see it
//	load.go              tenant.json
package directory
