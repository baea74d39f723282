package signin

import (
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// loopGuard remembers in the browser for which reasons its user has just been signed in again, until a page is shown that is
// no redirect. Each reason counts once: what comes a second time, signing in doesn't mend, and without this the browser
// would go in a circle between Entra and here until it gives up with an error of its own.
//
// It also remembers for which session a silent sign-in was tried: that is done once, whatever comes of it. To delete the session's
// own cookie would do, too, but the answer that does so may come late, when somebody has signed in meanwhile.
//
// Both are cookies without a signature: to change them gets their owner one trip more or less.
type loopGuard struct {
	cookies  session.Cookies
	lifetime time.Duration
}

func (l *loopGuard) name() string      { return l.cookies.Name("webui-again") }
func (l *loopGuard) triedName() string { return l.cookies.Name("webui-tried") }

// reasons returns for which ones the user has just been signed in again.
func (l *loopGuard) reasons(c *gin.Context) reason {
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
	l.cookies.Set(c.Writer, l.name(), strconv.Itoa(int(all)), int(l.lifetime.Seconds()))
}

// forget is called when the reasons are settled: a page is shown, the user signs out, or somebody else has signed in.
func (l *loopGuard) forget(c *gin.Context) {
	if _, err := c.Request.Cookie(l.name()); err == nil {
		l.cookies.Forget(c.Writer, l.name())
	}
}

// silentTried reports whether a silent sign-in was tried for a session.
func (l *loopGuard) silentTried(c *gin.Context, session string) bool {
	cookie, err := c.Request.Cookie(l.triedName())
	return err == nil && cookie.Value == session
}

// noteSilent notes that one is tried.
func (l *loopGuard) noteSilent(c *gin.Context, session string) {
	l.cookies.Set(c.Writer, l.triedName(), session, 0)
}
