package bearer

import (
	"slices"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/challenge"
)

// Rule decides whether the bearer of a valid token may use a route. Its errors are [apperror.Error] with status 403.
type Rule func(Caller) error

// Scope lets in users who come through one of the clients (application ids) with a delegated permission. It is compared by the
// letter and as a whole word: access_as_user_x is another permission.
func Scope(name string, clients []string) Rule {
	return func(c Caller) error {
		wanted := &challenge.Challenge{Error: challenge.InsufficientScope, Scope: name}
		switch {
		case c.Application: // acting on behalf of a user needs a user
			return &apperror.Error{Code: apperror.AppOnlyToken, Challenge: wanted}
		case !slices.Contains(clients, c.ClientID):
			return &apperror.Error{Code: apperror.ClientNotAllowed, Check: "azp"}
		case !slices.Contains(c.Scopes, name):
			return &apperror.Error{Code: apperror.InsufficientScope, Check: "scp", Challenge: wanted}
		}
		return nil
	}
}

// ApplicationRole lets in applications that act for themselves, without a user, and have an app role of this API. An administrator has
// assigned it to that very application, so that no list of clients is needed beside it. A user's token is refused whatever its roles
// are: those are the user's, and what the route shows is the API's own.
func ApplicationRole(name string) Rule {
	return func(c Caller) error {
		switch {
		case !c.Application:
			return &apperror.Error{Code: apperror.MissingRole, Check: "idtyp", Detail: "The token is a user's, and this route is for applications."}
		case !slices.Contains(c.Roles, name):
			return &apperror.Error{Code: apperror.MissingRole, Check: "roles"}
		}
		return nil
	}
}
