package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
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
	context.Context
	user  session.User
	token signin.Token
	api   *apiClient
	extra templates.Extra
	aside context.Context // the request's own, for what is asked beside the page's question
}

// get asks the API for a resource on behalf of the user.
func (v *visit) get(path string, into any) error { return v.api.get(v, v.token.Value, path, into) }

// frame is what the page has around it.
func (v *visit) frame(title string) templates.Frame {
	return templates.Frame{Title: title, User: &v.user, Extra: v.extra}
}

// page makes a page for a user. What it returns as an error it got from [visit.get], or made of the answer.
type page func(*visit) (templ.Component, error)

// forUsers makes a handler of a page: it gets the session and its token, sends whoever has none to sign in, once where Entra or
// Azure wants that, and keeps the session alive.
func (a *App) forUsers(make page) gin.HandlerFunc {
	return func(c *gin.Context) {
		started := time.Now()
		current, token, ok := a.signIn.Require(c)
		if !ok {
			return
		}
		ctx := c.Request.Context()
		v := &visit{user: current.User, token: token, api: a.api, aside: ctx}
		ctx, v.extra = a.hooks.visit(ctx, Visit{Session: current.Record, Token: token, TokenTook: time.Since(started)})
		v.Context = ctx
		shown, err := make(v)
		if err != nil {
			a.signIn.Refused(c, current, err)
			return
		}
		if err := current.KeepAlive(ctx, c.Writer); err != nil {
			a.fail(c, err)
			return
		}
		a.signIn.Shown(c)
		a.write(c, http.StatusOK, shown)
	}
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
	c.Data(status, "text/html; charset=utf-8", body.Bytes())
}

// errShape: the API sent JSON that isn't what it should be.
var errShape = errors.New("not of the shape that it should be")
