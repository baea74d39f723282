package signin

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
)

// loopGuard remembers in the browser for which reasons its user has just been signed in again, until a page is shown that is
// no redirect. Each reason counts once: what comes a second time, signing in doesn't mend, and without this the browser
// would go in a circle between Entra and here until it gives up with an error of its own.
//
// It is a cookie without a signature: to change it gets its owner one trip more or less.
type loopGuard struct {
	secure   bool
	lifetime time.Duration
}

func (l *loopGuard) name() string {
	if l.secure {
		return "__Host-webui-again"
	}
	return "webui-again"
}

// before returns the reasons so far.
func (l *loopGuard) before(c *gin.Context) reason {
	cookie, err := c.Request.Cookie(l.name())
	if err != nil {
		return 0
	}
	value, err := strconv.ParseUint(cookie.Value, 10, 8)
	if err != nil {
		return 0
	}
	return reason(value)
}

// remember is called when a sign-in that had reasons has ended well.
func (l *loopGuard) remember(c *gin.Context, all reason) {
	l.set(c, strconv.Itoa(int(all)), int(l.lifetime.Seconds()))
}

// end is called when a page is shown.
func (l *loopGuard) end(c *gin.Context) {
	if _, err := c.Request.Cookie(l.name()); err == nil {
		l.set(c, "", -1)
	}
}

func (l *loopGuard) set(c *gin.Context, value string, maxAge int) {
	http.SetCookie(c.Writer, &http.Cookie{
		Name: l.name(), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: l.secure, SameSite: http.SameSiteLaxMode,
	})
}
