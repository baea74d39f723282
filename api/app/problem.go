package app

import (
	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/challenge"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/problem"
)

// fail ends a request with an error, as problem details.
func (a *App) fail(c *gin.Context, err error) {
	failed := apperror.As(err)
	if failed.Challenge != nil && failed.Challenge.Error == challenge.InsufficientClaims {
		metadata, _ := a.provider.Metadata(c.Request.Context())
		failed.Challenge.AuthorizationURI = metadata.AuthorizationEndpoint // where the caller's user signs in
	}
	if failed.Challenge != nil {
		a.cfg.MCP.describe(c, failed.Challenge, a.mcpFullScope())
	}
	problem.Write(c, failed)
}
