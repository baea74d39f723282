package signin

import (
	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// siteData makes the browser drop the pages of a user who has signed out (Clear Site Data, W3C).
//
// no-store alone doesn't: Chromium keeps whole pages in memory for Back, and takes one for worth keeping if no cookie changed
// while it was kept. The session's cookie goes before the page is put away, so that Back would show the user's list to whoever
// sits down next. Clear-Site-Data with an answer that comes after that drops it; which answer that is, a cookie remembers.
type siteData struct{ cookies session.Cookies }

func (s *siteData) name() string { return s.cookies.Name("webui-clear") }

// remember is called when a user signs out and the browser leaves for Entra.
func (s *siteData) remember(c *gin.Context) { s.cookies.Set(c.Writer, s.name(), "1", 600) }

// clear is called with the page that the browser comes back to.
func (s *siteData) clear(c *gin.Context) {
	if _, err := c.Request.Cookie(s.name()); err == nil {
		s.cookies.Forget(c.Writer, s.name())
		clearSiteData(c)
	}
}

func clearSiteData(c *gin.Context) { c.Header("Clear-Site-Data", `"cache"`) }
