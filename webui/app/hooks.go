package app

import (
	"context"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app/templates"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/signin"
)

// Hooks let another package watch a page come to be, and add to it. What is nil does nothing.
type Hooks struct {
	// PageBegins is called for each page of a signed-in user. The context that it returns goes along with the page's calls of the
	// API; what it adds is rendered when those are done.
	PageBegins func(context.Context, PageInfo) (context.Context, templates.Extra)
	// Middleware is in front of every route.
	Middleware []gin.HandlerFunc
	// Identity stands around what Entra is asked.
	Identity func(http.RoundTripper) http.RoundTripper
	// Transport stands around the calls of the API.
	Transport func(http.RoundTripper) http.RoundTripper
	// Store is given the store of finished sign-ins, for what a page leaves for the next one: the replica that makes that one may be
	// another. What is put there isn't sealed.
	Store func(store.Store)
	// Failed is called for each error page, with the context that PageBegins returned where the page had begun.
	Failed func(context.Context, *apperror.Error) templates.Extra
	// Actions are POST routes by their paths, refused from other sites. The user is sent on to the page that the request names in "to".
	Actions map[string]Action
	// SignedOut is a section for the page that visitors see.
	SignedOut templ.Component
}

// Action is what a POST route of another package does. session is nil where nobody is signed in.
type Action func(ctx context.Context, session *session.Session) error

// act makes a handler of an action.
func (a *App) act(do Action) gin.HandlerFunc {
	return func(c *gin.Context) {
		current, err := a.sessions.Current(c.Request)
		if err != nil {
			current = nil
		}
		if err := do(c.Request.Context(), current); err != nil {
			a.fail(c, err)
			return
		}
		to := "/"
		if page := c.Query("to"); a.pages[page] {
			to = page
		}
		c.Redirect(http.StatusSeeOther, a.cookies.Path+to+"#how")
	}
}

// PageInfo is what is known when a page begins.
type PageInfo struct {
	Path      string // of the page, as the routes have it
	Session   session.Record
	Token     signin.Token
	TokenTook time.Duration // how long it took to get the token
}
