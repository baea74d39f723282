package entra

import (
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
)

// Explain returns what an error of the token endpoint means in a step of the flow.
func (e *TokenError) Explain(hop apperror.Hop) *apperror.Error {
	explained := &apperror.Error{Hop: hop, AADSTS: e.AADSTS, RetryAfter: e.RetryAfter, Cause: e}
	switch e.Kind {
	case Throttled:
		explained.Code = apperror.ProviderThrottled
	case Unavailable, Abandoned:
		explained.Code = apperror.ProviderUnavailable
		if e.Network == outbound.UnknownAuthority {
			explained.Code = apperror.ProviderUntrusted
		}
	case NoCredential:
		explained.Code = apperror.NoCredential
	case Malformed:
		explained.Code = apperror.ProviderMalformed
	default:
		row, ok := apperror.ForAADSTS(hop, e.AADSTS)
		switch {
		case ok:
			explained.Code = row.Code
		case e.Kind == Interaction:
			explained.Code = apperror.InteractionRequired
		default:
			explained.Code = apperror.TokenRejected
		}
	}
	return explained
}
