package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
)

// reason is why somebody is signed in again without having pressed a button. Reasons add up to a set.
type reason int

const (
	recordGone  reason = 1 << iota // the cookie is good and the server's record gone: a restart, an eviction, the end of its time
	noTokenLeft                    // Entra gives no new token for the session
	challenged                     // the API, Azure behind it, wants the user to sign in again
)

func (r reason) has(other reason) bool { return r&other != 0 }

// chain remembers in the browser for which reasons its user has just been signed in again, until a page is shown that is
// no redirect. Each reason counts once: what comes a second time, signing in doesn't mend, and without this the browser
// would go in a circle between Entra and here until it gives up with an error of its own.
//
// It is a cookie without a signature: to change it gets its owner one trip more or less.
type chain struct {
	secure   bool
	lifetime time.Duration
}

func (c *chain) name() string {
	if c.secure {
		return "__Host-webui-again"
	}
	return "webui-again"
}

// before returns the reasons so far.
func (c *chain) before(g *gin.Context) reason {
	cookie, err := g.Request.Cookie(c.name())
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
func (c *chain) remember(g *gin.Context, all reason) {
	c.set(g, strconv.Itoa(int(all)), int(c.lifetime.Seconds()))
}

// end is called when a page is shown.
func (c *chain) end(g *gin.Context) {
	if _, err := g.Request.Cookie(c.name()); err == nil {
		c.set(g, "", -1)
	}
}

func (c *chain) set(g *gin.Context, value string, maxAge int) {
	http.SetCookie(g.Writer, &http.Cookie{
		Name: c.name(), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteLaxMode,
	})
}
