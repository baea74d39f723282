package app

import (
	"net"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"
)

// securityHeaders are on every answer, error pages included.
//
// Nothing inline and nothing from other hosts: the one style sheet and the icon are this site's, and there is no script
// at all. no-store keeps Back from showing the page after its user has signed out. Referrer-Policy is same-origin and not
// no-referrer, with which browsers send "Origin: null" along with our own sign-out form.
func (a *App) securityHeaders(c *gin.Context) {
	c.Header("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "+
		formsToSelf+"; "+frameAncestorsNone)
	c.Header("Cache-Control", "no-store")
	c.Header("X-Content-Type-Options", "nosniff")
	c.Header("Referrer-Policy", "same-origin")
	c.Header("Cross-Origin-Opener-Policy", "same-origin")
	c.Header("Cross-Origin-Resource-Policy", "same-origin")
	c.Header("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	if a.hsts {
		// One year, this host alone: neighbouring hosts are not ours to decide about (RFC 6797, section 6.1).
		c.Header("Strict-Transport-Security", "max-age=31536000")
	}
	c.Next()
}

const formsToSelf = "form-action 'self'"

// allowSignOut lets the sign-out button of a page lead anywhere. Chromium holds each redirect behind a form against form-action,
// and where Entra, an identity provider behind it or WEBUI_POST_LOGOUT_REDIRECT_URI send the browser can't be listed: a user whose
// browser stops there still sees the list, and is signed out.
func (a *App) allowSignOut(c *gin.Context) {
	anywhere := formsToSelf + " https:"
	if !a.cookies.Secure {
		anywhere += " http:" // in development
	}
	policy := c.Writer.Header().Get("Content-Security-Policy")
	c.Header("Content-Security-Policy", strings.Replace(policy, formsToSelf, anywhere, 1))
}

const frameAncestorsNone = "frame-ancestors 'none'"

// allowFraming lets the page at an address frame this answer: the one to its front-channel sign-out.
func allowFraming(c *gin.Context, address string) {
	if origin := originOf(address); origin != "" {
		policy := c.Writer.Header().Get("Content-Security-Policy")
		c.Header("Content-Security-Policy", strings.Replace(policy, frameAncestorsNone, "frame-ancestors "+origin, 1))
		c.Header("Cross-Origin-Resource-Policy", "cross-origin")
	}
}

// originOf returns scheme and host of an address, and "" for what isn't one: it becomes part of a header.
func originOf(address string) string {
	parsed, err := url.Parse(address)
	if err != nil || (parsed.Scheme != "https" && parsed.Scheme != "http") || parsed.Host == "" || strings.ContainsAny(parsed.Host, " ;,'") {
		return ""
	}
	return parsed.Scheme + "://" + parsed.Host
}

// wantsHSTS reports whether browsers should be told to come by https alone. For this machine's own names they would hold it
// against every other program that listens there.
func wantsHSTS(address *url.URL) bool {
	host := strings.TrimSuffix(strings.ToLower(address.Hostname()), ".")
	local := host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(host).IsLoopback()
	return address.Scheme == "https" && !local
}
