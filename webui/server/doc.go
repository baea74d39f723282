// Package server is the web UI: it signs users in, keeps their tokens on the server, and shows them the Azure
// subscriptions that the API fetches on their behalf.
//
// A user goes through the files in this order:
//
//	routes.go         which request gets where; headers.go and requestlog.go are around all of them
//	signin.go         hop 1: the browser goes to Entra, and the code that it comes back with becomes token A
//	callback.go       it comes back; callbackquery.go reads strictly with what, idtoken.go says who signed in,
//	                  returnpath.go where they go on
//	tokens.go         token A out of the user's own cache, renewed when it is time; tokencache.go keeps that cache small
//	subscriptions.go  hop 2: the API is called with token A; apianswer.go reads the answer, challenge.go what it may want
//	again.go          signing in again, when Entra, Azure or a restart makes it necessary; loopguard.go: never in a circle
//	signout.go        the end; goodbye.go has the browser forget the pages
//	errors.go         what users are told when any of this fails
//	page.go           the pages, whose markup is in templates, and the static files; hops.go is "How this page came to
//	                  be", claims.go what the two tokens say
//
// config.go reads the settings, server.go puts all of it together, stores.go opens the places for sessions and sign-ins.
//
// The routes:
//
//	GET  /                             signed out: what this is; signed in: the subscriptions (HEAD too)
//	GET  /account/login                begins to sign in; return_to is the local path to go on to
//	GET  /account/callback             where Entra sends the browser back to, with a code or an error
//	POST /account/logout               signs out, here and at Entra; refused from other sites
//	GET  /account/frontchannel-logout  Entra says that a user signed out elsewhere (iss, sid)
//	GET  /static/*file                 style sheet and icon (HEAD too)
//	GET  /healthz                      200 while the process lives (HEAD too)
//	GET  /readyz                       200 while the web UI wants requests (HEAD too)
package server
