package signin

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"
)

// Logout answers POST /account/logout. The record goes first, with all tokens in it: whatever happens behind that, a copy
// of the cookie opens nothing. Then the browser ends its session at Entra, which would otherwise sign the user in again
// without a question (OpenID Connect RP-Initiated Logout 1.0).
//
// Where to go on to is a setting; the request has no say in it.
func (f *Flow) Logout(c *gin.Context) {
	record, err := f.o.Sessions.SignOut(c.Writer, c.Request)
	if err != nil {
		f.failStore(c, err)
		return
	}
	f.loopGuard.forget(c)
	f.o.Cookies.Set(c.Writer, f.clearName(), "1", 600)
	setUser(c, record.User)
	c.Redirect(http.StatusSeeOther, f.endSessionURL(c, record.LoginHint))
}

// endSessionURL is Entra's sign-out, or the start page while the tenant can't be reached. With the hint Entra doesn't ask a user of
// several accounts which one it is about.
func (f *Flow) endSessionURL(c *gin.Context, hint string) string {
	metadata, err := f.o.Provider.Metadata(c.Request.Context())
	if err != nil {
		f.o.Log.WarnContext(c.Request.Context(), "the user is signed out here, but not at Entra", "error", err)
		return f.o.Cookies.Path + startPage
	}
	address, err := url.Parse(metadata.EndSessionEndpoint)
	if err != nil || address.Host == "" {
		return f.o.Cookies.Path + startPage
	}
	query := address.Query()
	query.Set("post_logout_redirect_uri", f.o.PostLogoutRedirectURI)
	query.Set("client_id", f.o.ClientID)
	if fits(hint) {
		query.Set("logout_hint", hint)
	}
	address.RawQuery = query.Encode()
	return address.String()
}

// maxHint bounds a hint, in bytes: it becomes part of an address, and whoever is too long for one is asked who they are.
const maxHint = 1024

func fits(hint string) bool { return hint != "" && len(hint) <= maxHint }

// clearName is the cookie that remembers, while the browser is at Entra, to drop the pages of a user who has signed out (Clear Site
// Data, W3C).
//
// no-store alone doesn't: Chromium keeps whole pages in memory for Back, and takes one for worth keeping if no cookie changed
// while it was kept. The session's cookie goes before the page is put away, so that Back would show the user's list to whoever
// sits down next. Clear-Site-Data with an answer that comes after that drops it.
func (f *Flow) clearName() string { return f.o.Cookies.Name("webui-clear") }

func clearSiteData(c *gin.Context) { c.Header("Clear-Site-Data", `"cache"`) }
