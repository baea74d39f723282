package server

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
)

// providerRetryAfter is what a caller is told to wait while Entra can't be reached and hasn't named a time.
const providerRetryAfter = 5 * time.Second

// explain turns what went wrong with an exchange into what the caller is told.
func (e *exchanger) explain(ctx context.Context, err error, claims string) *problem {
	if known, ok := errors.AsType[*problem](err); ok {
		return known
	}
	refused := entra.AsTokenError(err)
	if _, entras := errors.AsType[*entra.TokenError](err); !entras && ctx.Err() == nil {
		return &problem{code: apperror.Internal, cause: err}
	}
	switch refused.Kind {
	case entra.Interaction:
		// This tier has no user in front of it. Its caller has: it signs the user in again, with Entra's claims where
		// there are any, or with those that the service asked for.
		metadata, _ := e.provider.Metadata(ctx)
		return &problem{
			code: codeFor(refused, apperror.InteractionRequired), status: http.StatusUnauthorized, aadsts: refused.AADSTS,
			challenge: claimsChallenge(metadata.AuthorizationEndpoint, cmp.Or(refused.Claims, claims)), cause: refused,
		}
	case entra.Rejected:
		// The caller can do nothing: this API asked for something wrong, or isn't set up for it.
		return &problem{code: codeFor(refused, apperror.TokenRejected), status: http.StatusBadGateway, aadsts: refused.AADSTS, cause: refused}
	case entra.Throttled:
		return &problem{code: apperror.ProviderThrottled, aadsts: refused.AADSTS, retryAfter: cmp.Or(refused.RetryAfter, providerRetryAfter), cause: refused}
	case entra.NoCredential:
		return &problem{code: apperror.NoCredential, cause: refused}
	case entra.Malformed:
		return &problem{code: apperror.ProviderMalformed, cause: refused}
	}
	return &problem{code: apperror.ProviderUnavailable, aadsts: refused.AADSTS, retryAfter: cmp.Or(refused.RetryAfter, providerRetryAfter), cause: refused}
}

// codeFor returns the code of the failure that Entra's number stands for, or a general one.
func codeFor(refused *entra.TokenError, general string) string {
	if row, ok := apperror.ForAADSTS(apperror.Exchange, refused.AADSTS); ok {
		return row.Code
	}
	return general
}
