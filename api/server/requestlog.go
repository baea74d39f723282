package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
)

// What middleware and handlers tell one another about a request, under keys that only this file knows.
const (
	callerKey  = "caller"
	problemKey = "problem"
	trailKey   = "trail"
)

func setCaller(c *gin.Context, user caller) { c.Set(callerKey, user) }

// callerOf returns who made the request. It is the zero caller on routes without the door.
func callerOf(c *gin.Context) caller {
	found, _ := c.Get(callerKey)
	user, _ := found.(caller)
	return user
}

func recordProblem(c *gin.Context, p *problem) { c.Set(problemKey, p) }

func problemOf(c *gin.Context) *problem {
	found, _ := c.Get(problemKey)
	recorded, _ := found.(*problem)
	return recorded
}

func leaveTrail(c *gin.Context) {
	c.Set(trailKey, &trail{})
	c.Next()
}

// trailOf returns the request's trail, nil in production.
func trailOf(c *gin.Context) *trail {
	found, _ := c.Get(trailKey)
	left, _ := found.(*trail)
	return left
}

// logRequests writes one line for each request. The route is the pattern and not the path, and the query is left out:
// whoever puts a token into a URL shall not find it in this log as well.
//
// The user is in it by oid. That is no secret, and it is by oid that Entra's own sign-in logs name them: with it and the
// trace id a line here and one there are brought together. Names and addresses of people stay out.
func (s *Server) logRequests(c *gin.Context) {
	started := time.Now()
	c.Next()
	route := c.FullPath()
	if route == "" {
		route = "none"
	}
	attributes := []slog.Attr{
		slog.String("method", c.Request.Method),
		slog.String("route", route),
		slog.Int("status", c.Writer.Status()),
		slog.Duration("took", time.Since(started)),
	}
	if user := callerOf(c); user.objectID != "" {
		attributes = append(attributes, slog.String("user_oid", user.objectID), slog.String("client", user.clientID))
	}
	level := slog.LevelInfo
	if route == "/healthz" || route == "/readyz" {
		level = slog.LevelDebug // asked every few seconds
	}
	if p := problemOf(c); p != nil {
		attributes = append(attributes, slog.String("code", p.code))
		if p.check != "" {
			attributes = append(attributes, slog.String("check", p.check))
		}
		if p.cause != nil {
			attributes = append(attributes, slog.String("cause", p.cause.Error()))
		}
		if c.Writer.Status() >= http.StatusInternalServerError {
			level = slog.LevelError
		}
	}
	s.log.LogAttrs(c.Request.Context(), level, "request", attributes...)
}

// recoverPanics answers a panic with a problem and keeps the process alive. gin's own recovery writes the request's
// headers to the log, the bearer token among them.
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
			panic(http.ErrAbortHandler) // half an answer must not look like a whole one
		}
		(&problem{code: apperror.Internal, cause: cause}).answer(c)
	}()
	c.Next()
}
