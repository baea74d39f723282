// Package onbehalfof gets tokens for other APIs on behalf of the user whose token this API was called with ("Microsoft identity
// platform and OAuth 2.0 On-Behalf-Of flow", a profile of RFC 7523). A caller and scopes come in; an access token of that same
// user goes out, or an [*apperror.Error]. It never returns a token that is not the caller's, and never validates the caller's:
// package bearer has done so.
//
// credential.go is the whole of the flow. retry.go, refusals.go and cache.go wrap it, in this order from the inside out, each as an
// [Exchanger]: any of them can be left out (newExchanger in package app). result.go and errors.go are parts of these.
//
//	credential.go  the exchange itself, and an azcore.TokenCredential over it
//	retry.go       a second attempt, where Entra had a fault for a moment
//	refusals.go    Entra is not asked again before the time that it named, nor a moment after it refused
//	cache.go       a result serves until it ends, and is exchanged once in a process however many wait; internal/store keeps it
//	result.go      what is kept, and for how long
//	errors.go      what the caller is told when there is no token
package onbehalfof
