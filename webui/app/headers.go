package app

import (
	"context"
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
		"form-action "+a.formTargets(c.Request.Context())+"; "+frameAncestorsNone)
	c.Header("Cache-Control", "no-store")
	c.Header("X-Content-Type-Options", "nosniff")
	c.Header("Referrer-Policy", "same-origin")
	c.Header("Cross-Origin-Opener-Policy", "same-origin")
	c.Header("Cross-Origin-Resource-Policy", "same-origin")
	c.Header("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	if a.secure {
		// One year, this host alone: neighbouring hosts are not ours to decide about (RFC 6797, section 6.1).
		c.Header("Strict-Transport-Security", "max-age=31536000")
	}
	c.Next()
}

// formTargets is where a form may lead: Chromium holds the redirects behind it against form-action, too, and signing out
// goes on to Entra. Before the tenant could be reached nobody is asked for it: no page waits for a header.
func (a *App) formTargets(ctx context.Context) string {
	if a.provider.Ready() != nil {
		return "'self'"
	}
	metadata, err := a.provider.Metadata(ctx)
	if err != nil {
		return "'self'"
	}
	return strings.TrimSpace("'self' " + originOf(metadata.EndSessionEndpoint))
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
