package bearer

import (
	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/middleware"
)

// callerKey is where a request's context holds its caller.
const callerKey = "bearer.caller"

// Require returns the middleware in front of a route: it lets in who sends a valid token and keeps the rule. fail answers everyone
// else with the error that they get.
func Require(v *Validator, rule Rule, fail func(*gin.Context, error)) gin.HandlerFunc {
	return func(c *gin.Context) {
		caller, err := v.Validate(c.Request.Context(), c.Request.Header)
		if err == nil {
			err = rule(caller)
		}
		if err != nil {
			fail(c, err)
			c.Abort()
			return
		}
		middleware.SetUser(c, middleware.User{TenantID: caller.TenantID, ObjectID: caller.ObjectID, ClientID: caller.ClientID})
		c.Set(callerKey, caller)
		c.Next()
	}
}

// CallerOf returns who made the request. It is for routes behind [Require], and panics elsewhere: a caller that nobody has checked
// must not pass for one.
func CallerOf(c *gin.Context) Caller { return c.MustGet(callerKey).(Caller) }
