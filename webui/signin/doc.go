// Package signin is hop 1: a browser comes in, goes to Entra and back, and out come a session and, for as long as that lives,
// access tokens for the API. It never shows a page of its own, and never calls the API.
//
// Each page of a signed-in user begins with Require, in signin.go. The plain flow is four files, in this order:
//
//	login.go         the browser goes to Entra: state, nonce and PKCE
//	callback.go      it comes back (callbackquery.go reads with what), and the code becomes tokens
//	idtoken.go       who the ID token says it is
//	renewal.go       an access token for each later page: the session's, renewed in time, by one of several requests
//
// Around it:
//
//	tokens.go        MSAL renews a token, out of the user's own cache (tokencache.go)
//	adminconsent.go  an administrator lets web UI and API into an organization
//	challenge.go     signing in again, when Entra, Azure or a restart makes it necessary; loopguard.go: never in a circle
//	storepatience.go a callback waits for a store that is just coming back
//	returnpath.go    where a user may be sent on to
//	signout.go       the end, here and at Entra, and no Back; frontchannel.go: from another application
package signin
