package app

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/middleware"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app/templates"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/signin"
)

// visit is a signed-in user's request for a page.
type visit struct {
	token signin.Token
	api   *apiClient
	frame templates.Frame // what the page has around it
	query url.Values      // of the page's address

	// background is the request's context, without what the hook added to it: for calls beside the page's own, which run at the same
	// time and are not shown on the page.
	background context.Context
}

// get asks the API for a resource on behalf of the user.
func (v *visit) get(ctx context.Context, path string, into any) error {
	return v.api.get(ctx, v.token.Value, path, into)
}

// page makes a page for a user. What it returns as an error it got from [visit.get], or made of the answer.
type page func(context.Context, *visit) (templ.Component, error)

// forUsers makes a handler of a page: it gets the session and its token, sends whoever has none to sign in, once where Entra or
// Azure wants that, and keeps the session alive.
func (a *App) forUsers(build page) gin.HandlerFunc {
	return func(c *gin.Context) {
		started := time.Now()
		current, token, ok := a.signIn.Require(c)
		if !ok {
			return
		}
		ctx := c.Request.Context()
		v := &visit{token: token, api: a.api, frame: a.frame("", &current.User), query: c.Request.URL.Query(), background: ctx}
		if a.hooks.PageBegins != nil {
			ctx, v.frame.Extra = a.hooks.PageBegins(ctx, PageInfo{Path: c.FullPath(), Session: current.Record, Token: token, TokenTook: time.Since(started)})
			c.Request = c.Request.WithContext(ctx) // an error page tells of it, too
		}
		shown, err := build(ctx, v)
		if err != nil {
			a.signIn.Refused(c, current, err)
			return
		}
		if err := current.KeepAlive(ctx, c.Writer); err != nil {
			a.fail(c, err)
			return
		}
		a.signIn.Shown(c)
		a.allowSignOut(c)
		a.write(c, http.StatusOK, shown)
	}
}

// frame is what a page has around it. user is who is signed in; nil for nobody.
func (a *App) frame(title string, user *session.User) templates.Frame {
	return templates.Frame{Title: title, User: user, Base: a.cookies.Path, Links: a.links}
}

// write writes a page as a whole or, where that fails, a plain sentence: half a page with status 200 would be taken for a
// whole one.
func (a *App) write(c *gin.Context, status int, page templ.Component) {
	body := templ.GetBuffer()
	defer templ.ReleaseBuffer(body)
	// templ writes nothing for a context that is done. A browser that stops listening while a page is made has its page
	// coming all the same, and is not a fault of ours in the log.
	if err := page.Render(context.WithoutCancel(c.Request.Context()), body); err != nil {
		middleware.SetError(c, apperror.New(apperror.Internal, fmt.Errorf("writing a page: %w", err)))
		c.String(http.StatusInternalServerError, "This page can't be shown.\n")
		return
	}
	a.compressor.data(c, status, "text/html; charset=utf-8", body.Bytes())
}
