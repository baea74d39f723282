package app

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app/templates"
)

// signedOut is the page for visitors: what this is, and the button to sign in, which leads back to the page that they asked for.
func (a *App) signedOut(c *gin.Context) {
	frame := a.frame("Your Azure subscriptions", nil)
	frame.Extra.Section = a.hooks.SignedOut
	a.write(c, http.StatusOK, templates.SignedOut(frame, c.Request.URL.RequestURI()))
}

// adminConsented is the page for an administrator who comes from Entra's consent page.
func (a *App) adminConsented(c *gin.Context, tenantID string) {
	a.write(c, http.StatusOK, templates.AdminConsented(a.frame("Consent was given", nil), tenantID))
}
