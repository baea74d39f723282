package middleware

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
)

// User is who made a request, as far as the log is concerned. The ids are no secret, and it is by them that Entra's own sign-in
// logs name people: with them and the trace id a line here and one there are brought together. Names and addresses stay out.
type User struct {
	TenantID string
	ObjectID string
	ClientID string // the application that the user used; "" where that says nothing
}

// Under these keys a request's context holds what handlers tell the log.
const (
	userKey  = "middleware.user"
	errorKey = "middleware.error"
	causeKey = "middleware.cause"
)

// SetUser notes who made the request.
func SetUser(c *gin.Context, user User) { c.Set(userKey, user) }

// SetError notes the error that the request is answered with.
func SetError(c *gin.Context, err *apperror.Error) { c.Set(errorKey, err) }

// SetCause notes why a request is answered with a redirect, which is no error for the user.
func SetCause(c *gin.Context, err error) { c.Set(causeKey, err) }

func value[T any](c *gin.Context, key string) T {
	found, _ := c.Get(key)
	typed, _ := found.(T)
	return typed
}

// statusGone is what the log says of a request whose client went away before there was an answer. HTTP has no status for that;
// this is nginx's.
const statusGone = 499

// ClientGone ends a request whose client doesn't wait for the answer any more, and reports whether it has. Whatever failed did so
// because of that.
func ClientGone(c *gin.Context) bool {
	if !errors.Is(c.Request.Context().Err(), context.Canceled) {
		return false
	}
	c.Status(statusGone)
	c.Abort()
	return true
}

// logRequests writes one line for each request. The route is the pattern and not the path, and the query is left out: a callback's
// holds a code, and whoever puts a token into a URL shall not find it in the log as well.
func (o Options) logRequests(c *gin.Context) {
	started := time.Now()
	c.Next()
	route, status := cmp.Or(c.FullPath(), "none"), c.Writer.Status()
	attributes := []slog.Attr{
		slog.String("method", c.Request.Method), slog.String("route", route),
		slog.Int("status", status), slog.Duration("took", time.Since(started)),
	}
	if user := value[User](c, userKey); user.ObjectID != "" {
		attributes = append(attributes, slog.String("user_oid", user.ObjectID), slog.String("user_tid", user.TenantID))
		if user.ClientID != "" {
			attributes = append(attributes, slog.String("client", user.ClientID))
		}
	}
	level := slog.LevelInfo
	if slices.Contains(o.Quiet, route) {
		level = slog.LevelDebug
	}
	cause := value[error](c, causeKey)
	if failed := value[*apperror.Error](c, errorKey); failed != nil {
		// Whoever was shown the error has its trace id, and has to find it here.
		level = levelOf(status)
		attributes = append(attributes, slog.String("code", failed.Code))
		if failed.Check != "" {
			attributes = append(attributes, slog.String("check", failed.Check))
		}
		cause = cmp.Or(failed.Cause, cause)
	}
	if cause != nil {
		attributes = append(attributes, slog.String("cause", cause.Error()))
	}
	o.Log.LogAttrs(c.Request.Context(), level, "request", attributes...)
}

func levelOf(status int) slog.Level {
	switch {
	case status == statusGone:
		return slog.LevelInfo
	case status >= http.StatusInternalServerError:
		return slog.LevelError
	}
	return slog.LevelWarn
}
