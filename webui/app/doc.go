// Package app is the web UI itself: its routes, its pages, and hop 2, the call of the API. Requests come in, pages go out. Who the
// user is, and their access token, it gets from package signin; it never sees a token's content.
//
//	routes.go         which request gets where; headers.go and basepath.go are around all of them
//	page.go           what each page for signed-in users has around it
//	subscriptions.go  such a page: what it asks the API for, and what it shows. A new page is such a file and a line in routes.go
//	listing.go        which part of a long list it shows, by ?q= and ?page=
//	orders.go         another page, which changes things, too
//	profile.go        the greeting above it, which the page does without where Graph fails
//	signedout.go      the page for visitors; errorpage.go: what users are told when something fails
//	api.go            hop 2: the API is called with token A, and its answers are read
//	templates/        the pages' markup; static.go and static/ are style sheet and icon; compress.go packs both
//	hooks.go          where package explain is plugged in
//
// config.go reads the settings, app.go puts all of it together, stores.go opens the stores of sessions and sign-ins.
//
// The routes:
//
//	GET  /                             signed out: what this is, and a button to sign in; signed in: the subscriptions (HEAD too)
//	GET  /orders                       the user's orders, by the orders API (HEAD too)
//	POST /orders                       places or deletes one; refused from other sites
//	GET  /account/login                begins to sign in, at Entra; return_to is the local path to go on to
//	GET  /account/admin-consent        an administrator begins to consent for their organization
//	GET  /account/callback             where Entra sends the browser back to, with a code, a consent or an error
//	POST /account/logout               signs out, here and at Entra; refused from other sites
//	GET  /account/frontchannel-logout  Entra says that a user signed out elsewhere (iss, sid)
//	GET  /static/*file                 style sheet and icon (HEAD too)
//	GET  /healthz                      200 while the process lives (HEAD too)
//	GET  /readyz                       200 while it wants requests, else 503 (HEAD too)
package app
