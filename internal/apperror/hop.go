package apperror

import (
	"cmp"
	"slices"
)

// Hop is a step of the flow. One AADSTS number means different things in different steps: that the tenant doesn't know a
// resource (500011) is about the API at sign-in, and about Azure in the exchange.
type Hop string

// The steps in which Entra can refuse.
const (
	SignIn       Hop = "sign-in"      // the authorization code flow, hop 1
	Renewal      Hop = "renewal"      // of token A, by the refresh token
	Exchange     Hop = "exchange"     // of token A for token B, hop 3
	Registration Hop = "registration" // of the two applications
)

// Number returns which of the four hops of README the error happened in, and 0 for one that is about none of them.
func (e *Error) Number() int {
	switch e.Hop {
	case SignIn, Renewal:
		return 1
	case Exchange:
		return 3
	}
	code := cmp.Or(e.Upstream, e.Code) // the API's, where it was the API
	if _, known := Lookup(code); !known {
		code = e.Code
	}
	in := func(rows []Failure) bool {
		return slices.ContainsFunc(rows, func(f Failure) bool { return f.Code == code })
	}
	switch {
	case in(signIn()) && e.Upstream == "": // the API has such an error of its exchange, and signs nobody in
		return 1
	case in(validation()), slices.Contains([]string{APIUnavailable, APIMalformed, APIRefused}, code):
		return 2
	case in(exchange()), in(credential()), in(signIn()):
		return 3
	case in(call()):
		return 4
	}
	return 0
}
