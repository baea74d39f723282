package onbehalfof

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/challenge"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
)

// explain turns what went wrong with an exchange into what the caller is told. claims are those that the service asked for.
func explain(ctx context.Context, err error, claims string) error {
	if known, ok := errors.AsType[*apperror.Error](err); ok {
		return known
	}
	refused, ok := errors.AsType[*entra.TokenError](err)
	if !ok {
		if ctx.Err() == nil {
			return apperror.New(apperror.Internal, err)
		}
		refused = entra.AsTokenError(ctx.Err())
	}
	explained := refused.Explain(apperror.Exchange)
	switch {
	case errors.Is(refused.ClaimsError, challenge.ErrTooLong): // without them the sign-in would be in vain
		explained.Code = apperror.ClaimsUnusable
	case refused.Kind == entra.Interaction:
		// This tier has no user in front of it. Its caller has: it signs the user in again, with Entra's claims where there are
		// any, or with those that the service asked for.
		explained.Status = http.StatusUnauthorized
		explained.Challenge = &challenge.Challenge{Error: challenge.InsufficientClaims, Claims: cmp.Or(refused.Claims, claims)}
	case refused.Kind == entra.Rejected && explained.Row().Status != http.StatusForbidden:
		// The caller can do nothing: this API asked for something wrong, or isn't set up for it.
		explained.Status = http.StatusBadGateway
	}
	return explained
}
