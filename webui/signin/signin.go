package signin

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/middleware"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// Where the five handlers are registered. WEBUI_REDIRECT_URI ends with CallbackPath.
const (
	LoginPath              = "/account/login"
	AdminConsentPath       = "/account/admin-consent"
	CallbackPath           = "/account/callback"
	LogoutPath             = "/account/logout"
	FrontChannelLogoutPath = "/account/frontchannel-logout"
)

// Options are what signing in takes.
type Options struct {
	Provider              *entra.Provider
	Client                *http.Client // for Entra; it bounds time and size
	Credential            entra.Credential
	ClientID              string
	RedirectURI           string
	PostLogoutRedirectURI string
	SignInScope           string // <App ID URI>/.default: consent to all that web UI and API need, on one page
	APIScope              string // the scope that token A is for

	Cookies   session.Cookies
	Sessions  *session.Store
	Attempts  *session.Attempts
	Timeout   time.Duration // getting tokens, waiting for another request's renewal included
	LoopGuard time.Duration // how long a sign-in that nobody asked for is remembered
	Now       func() time.Time
	Log       *slog.Logger

	// Fail answers with an error's page.
	Fail func(*gin.Context, error)
	// SignedOut answers with the page for visitors.
	SignedOut func(*gin.Context)
	// AdminConsented answers with the page for an administrator who has consented for everybody.
	// tenantID is "" where nothing vouches for it: the consent didn't begin here.
	AdminConsented func(c *gin.Context, tenantID string)
	// AllowFraming lets the page at an address frame the answer.
	AllowFraming func(c *gin.Context, address string)
}

// Flow has the handlers that sign people in and out, and gets the access tokens of those who are.
type Flow struct {
	o         Options
	loopGuard *loopGuard
}

// New returns a flow.
func New(o Options) *Flow {
	return &Flow{o: o, loopGuard: &loopGuard{cookies: o.Cookies, lifetime: o.LoopGuard}}
}

// Require returns the session of the request's user and their access token for the API. Where there is none it answers the
// request: with the page for visitors, a trip to sign in, or an error.
func (f *Flow) Require(c *gin.Context) (*session.Session, Token, bool) {
	current, err := f.o.Sessions.Current(c.Request)
	if err != nil {
		f.noSession(c, err)
		return nil, Token{}, false
	}
	setUser(c, current.User)
	token, err := f.forAPI(c.Request.Context(), current)
	if err != nil {
		f.noToken(c, current, err)
		return nil, Token{}, false
	}
	return current, token, true
}

// Shown is called when a user gets the page that they wanted: what comes after it is a new story.
func (f *Flow) Shown(c *gin.Context) { f.loopGuard.forget(c) }

// redirect sends the browser to a path of the web UI.
func (f *Flow) redirect(c *gin.Context, path string) {
	c.Redirect(http.StatusSeeOther, f.o.Cookies.Path+path)
}

func (f *Flow) signedOut(c *gin.Context) {
	f.loopGuard.forget(c)
	if _, err := c.Request.Cookie(f.clearName()); err == nil {
		f.o.Cookies.Forget(c.Writer, f.clearName())
		clearSiteData(c)
	}
	f.o.SignedOut(c)
}

func (f *Flow) failStore(c *gin.Context, err error) {
	f.o.Fail(c, apperror.New(apperror.StoreUnavailable, err))
}

func setUser(c *gin.Context, user session.User) {
	middleware.SetUser(c, middleware.User{TenantID: user.TenantID, ObjectID: user.ObjectID})
}
