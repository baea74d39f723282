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
