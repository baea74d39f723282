// Package server is the API: it lets in who carries an access token of ours, exchanges that token on behalf of its user
// for one for Azure Resource Manager, and lists the user's subscriptions with it.
//
// A request goes through the files in this order:
//
//	routes.go           which request gets where
//	bearer.go           the door: may this caller come in? tokenshape.go, claims.go and caller.go are its steps, and
//	                    recent.go remembers for a moment whom it let in
//	subscriptions.go    GET /subscriptions, which is hop 3 and hop 4 in a row
//	onbehalfof.go       hop 3: the user's token for this API becomes a token for another; exchangecache.go is in front of
//	                    it and remembers the results, in the form of exchanged.go, and backoff.go how long Entra wants to
//	                    be left alone
//	resourcemanager.go  hop 4: the call, with that token, for that user
//	problem.go          what a caller is told when any of this fails; challenge.go says it in WWW-Authenticate,
//	                    exchangeproblem.go and resourceproblem.go find out what failed in hops 3 and 4
//	requestlog.go       one line of log for each request, and what becomes of a panic
//	trail.go            in development, what each hop took and what the exchanged token says
//
// config.go reads the settings, server.go puts all of it together.
//
// The routes:
//
//	GET /subscriptions  the user's Azure subscriptions (bearer token with the scope API_REQUIRED_SCOPE)
//	GET /healthz        200 while the process lives
//	GET /readyz         200 while the API wants requests
package server
