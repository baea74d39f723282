package app

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/signin"
)

// BasePath is the part of WEBUI_REDIRECT_URI's path in front of the callback's: where a proxy puts the web UI under a prefix of a
// host, such as /app. "" for a host of its own.
func (c Config) BasePath() string {
	return strings.TrimSuffix(c.RedirectURI.EscapedPath(), signin.CallbackPath)
}

// basePaths are the prefixes that may stand in a cookie's Path and in a page's links as they are.
var basePaths = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*$`)

// underPrefix serves what is under a prefix. Some proxies hand the prefix on, and others take it away: both reach the same routes.
func underPrefix(prefix string, next http.Handler) http.Handler {
	if prefix == "" {
		return next
	}
	stripped := http.StripPrefix(prefix, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == prefix:
			r = r.Clone(r.Context())
			r.URL.Path, r.URL.RawPath = prefix+"/", ""
			stripped.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, prefix+"/"):
			stripped.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}
