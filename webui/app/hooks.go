package app

import (
	"context"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app/templates"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/signin"
)

// Hooks let another package watch a page come to be, and add to it. What is nil does nothing.
type Hooks struct {
	// Visit is called for each page of a signed-in user. The context that it returns goes along with the page's calls of the
	// API; what it adds is rendered when those are done.
	Visit func(context.Context, Visit) (context.Context, templates.Extra)
	// Middleware is in front of every route.
	Middleware []gin.HandlerFunc
	// Identity stands around what Entra is asked.
	Identity func(http.RoundTripper) http.RoundTripper
	// Transport stands around the calls of the API.
	Transport func(http.RoundTripper) http.RoundTripper
	// Failed is called for each error page, with the context that Visit returned where the page had begun.
	Failed func(context.Context, *apperror.Error) templates.Extra
	// SignedOut is a section for the page that visitors see.
	SignedOut templ.Component
}

// Visit is what there is when a page begins.
type Visit struct {
	Path      string // of the page, as the routes have it
	Session   session.Record
	Token     signin.Token
	TokenTook time.Duration // how long it took to get the token
}

func (h Hooks) visit(ctx context.Context, v Visit) (context.Context, templates.Extra) {
	if h.Visit == nil {
		return ctx, templates.Extra{}
	}
	return h.Visit(ctx, v)
}
