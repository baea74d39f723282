package app

import (
	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/challenge"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/problem"
)

// fail ends a request with an error, as problem details.
func (a *App) fail(c *gin.Context, err error) {
	// Copies of the error and of its challenge: requests that waited for one exchange share them.
	failed := *apperror.As(err)
	if failed.Challenge != nil {
		asked := *failed.Challenge
		if asked.Error == challenge.InsufficientClaims {
			metadata, _ := a.provider.Metadata(c.Request.Context())
			asked.AuthorizationURI = metadata.AuthorizationEndpoint // where the caller's user signs in
		}
		a.describeMCP(c, &asked)
		failed.Challenge = &asked
	}
	problem.Write(c, &failed)
}
