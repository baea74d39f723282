package app

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app/templates"
)

// signedOut is the page for visitors: what this is, and the button to sign in.
func (a *App) signedOut(c *gin.Context) {
	a.write(c, http.StatusOK, templates.SignedOut(templates.Frame{
		Title: "Your Azure subscriptions", Extra: templates.Extra{Section: a.hooks.SignedOut},
	}))
}
