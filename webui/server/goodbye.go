package server

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// goodbye makes the browser drop the pages of a user who has signed out.
//
// no-store alone doesn't: Chromium keeps whole pages in memory for Back, no-store or not, and takes one for worth keeping
// if no cookie changed while it was kept. The session's cookie goes before the page is put away, so that Back would show
// the user's list to whoever sits down next. Clear-Site-Data with an answer that comes after that drops it; which answer
// that is, a cookie remembers.
type goodbye struct{ secure bool }

func (g *goodbye) name() string {
	if g.secure {
		return "__Host-webui-goodbye"
	}
	return "webui-goodbye"
}

// begin is called when a user signs out and the browser leaves for Entra.
func (g *goodbye) begin(c *gin.Context) { g.set(c, "1", 600) }

// end is called with the page that the browser comes back to.
func (g *goodbye) end(c *gin.Context) {
	if _, err := c.Request.Cookie(g.name()); err == nil {
		g.set(c, "", -1)
		dropKeptPages(c)
	}
}

// dropKeptPages asks the browser to forget what it keeps of this site (Clear Site Data, W3C, "cache").
func dropKeptPages(c *gin.Context) { c.Header("Clear-Site-Data", `"cache"`) }

func (g *goodbye) set(c *gin.Context, value string, maxAge int) {
	http.SetCookie(c.Writer, &http.Cookie{
		Name: g.name(), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: g.secure, SameSite: http.SameSiteLaxMode,
	})
}
