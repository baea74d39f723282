package middleware

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
)

// recoverPanics answers a panic with an internal error and keeps the process alive.
func (o Options) recoverPanics(c *gin.Context) {
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
		o.Log.ErrorContext(c.Request.Context(), "a handler panicked", "cause", cause, "stack", string(debug.Stack()))
		if c.Writer.Written() {
			panic(http.ErrAbortHandler) // half an answer must not look like a whole one
		}
		o.Fail(c, apperror.New(apperror.Internal, cause))
	}()
	c.Next()
}
