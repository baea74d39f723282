// Package bearer validates the access tokens that an API is called with (RFC 6750, RFC 7519, "Access tokens in the Microsoft
// identity platform"). A request's header comes in; a [Caller] goes out, or an error that names the check that failed and
// nothing of the token. It never fetches anything that a token names, and never exchanges a token.
//
// The checks go from what costs nothing to what costs a request to Entra, and from whether the token is real to whether its
// bearer may use the route: an answer never says more about a token than its bearer has shown to know.
//
//	header.go      the Authorization header
//	shape.go       the token's form and its own header
//	validator.go   signature, issuer, audience and times, with go-oidc
//	claims.go      what go-oidc doesn't look at
//	remembered.go  a token that was valid a moment ago is not verified again
//	rule.go        who may use which route
//	gin.go         the middleware for gin; nothing else here knows gin
package bearer
