package apperror

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
