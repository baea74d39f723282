package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// What handlers tell the log about a request, under keys that only this file knows.
const (
	userKey    = "user"
	problemKey = "problem"
	causeKey   = "cause"
)

func recordUser(c *gin.Context, user session.User) { c.Set(userKey, user) }

func userOf(c *gin.Context) session.User {
	found, _ := c.Get(userKey)
	user, _ := found.(session.User)
	return user
}

func recordProblem(c *gin.Context, p *problem) { c.Set(problemKey, p) }

func problemOf(c *gin.Context) *problem {
	found, _ := c.Get(problemKey)
	recorded, _ := found.(*problem)
	return recorded
}

// recordCause keeps why a request was answered with a trip to sign in rather than with a page.
func recordCause(c *gin.Context, err error) { c.Set(causeKey, err) }

func causeOf(c *gin.Context) error {
	found, _ := c.Get(causeKey)
	cause, _ := found.(error)
	return cause
}

// statusGone is what the log says of a request whose browser went away before there was an answer. HTTP has no status for
// that; this is nginx's.
const statusGone = 499

// browserIsGone reports whether nobody waits for the answer any more.
func browserIsGone(c *gin.Context) bool {
	return errors.Is(c.Request.Context().Err(), context.Canceled)
}

// logRequests writes one line for each request. The route is the pattern and not the path, and the query is left out: the
// callback's holds a code.
//
// The user is in it by oid. That is no secret, and it is by oid that Entra's own sign-in logs name them: with it and the
// trace id a line here and one there are brought together. Names and addresses of people stay out.
func (s *Server) logRequests(c *gin.Context) {
	started := time.Now()
	c.Next()
	route := c.FullPath()
	if route == "" {
		route = "(none)"
	}
	attributes := []slog.Attr{
		slog.String("method", c.Request.Method), slog.String("route", route),
		slog.Int("status", c.Writer.Status()), slog.Duration("took", time.Since(started)),
	}
	if user := userOf(c); user.ObjectID != "" {
		attributes = append(attributes, slog.String("user_oid", user.ObjectID))
	}
	level := slog.LevelInfo
	if route == "/healthz" || route == "/readyz" || route == "/static/*file" {
		level = slog.LevelDebug // asked every few seconds
	}
	cause := causeOf(c)
	if p := problemOf(c); p != nil {
		attributes = append(attributes, slog.String("code", p.code))
		if p.check != "" {
			attributes = append(attributes, slog.String("check", p.check))
		}
		cause = cmp.Or(p.cause, cause)
		// The page of a problem has a trace id, and whoever looks for it has to find it here.
		switch status := c.Writer.Status(); {
		case status == statusGone:
			level = slog.LevelInfo
		case status >= http.StatusInternalServerError:
			level = slog.LevelError
		default:
			level = slog.LevelWarn
		}
	}
	if cause != nil {
		attributes = append(attributes, slog.String("cause", cause.Error()))
	}
	s.log.LogAttrs(c.Request.Context(), level, "request", attributes...)
}

// recoverPanics answers a panic with a page and keeps the process alive. gin's own recovery writes the request's headers
// to the log, the session's cookie among them.
func (s *Server) recoverPanics(c *gin.Context) {
	defer func() {
		reason := recover()
		if reason == nil {
			return
		}
		if err, ok := reason.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(reason) // net/http's own way to end a request
		}
		// The type alone: a panic's text may quote what it stumbled over.
		cause := fmt.Errorf("panic of type %T", reason)
		s.log.ErrorContext(c.Request.Context(), "a handler panicked", "cause", cause, "stack", string(debug.Stack()))
		if c.Writer.Written() {
			panic(http.ErrAbortHandler) // half a page must not look like a whole one
		}
		s.pages.fail(c, &problem{code: apperror.Internal, cause: cause})
	}()
	c.Next()
}
