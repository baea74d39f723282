package signin

import (
	"net/url"
	"regexp"
	"strings"
)

// startPage is where whoever has no better place to go ends up.
const startPage = "/"

// maxReturnPath bounds a return path, in bytes: it is kept with the sign-in.
const maxReturnPath = 1024

var returnPath = regexp.MustCompile(`^/[A-Za-z0-9._~/?=&%+-]*$`)

// localPath returns where to go on after signing in: the path asked for if it is one of this site, and the start page
// otherwise. A redirect that anyone can aim is an open redirect (RFC 9700, section 4.11): the link would begin with this
// site's name and end at a page that looks like it.
//
// It is a list of what is allowed, because what browsers take for the beginning of a host name can't be listed: "//host",
// "/\host", "/\t/host", full-width slashes.
func localPath(asked string) string {
	if len(asked) > maxReturnPath || !returnPath.MatchString(asked) || strings.HasPrefix(asked, "//") {
		return startPage
	}
	parsed, err := url.Parse(asked)
	if err != nil || parsed.Scheme != "" || parsed.Host != "" || parsed.User != nil {
		return startPage
	}
	// What is escaped is looked at as well: something in between may unescape it. And nobody comes back to sign in.
	path := strings.TrimSuffix(parsed.Path, "/") + "/"
	for _, hidden := range []string{"//", "\\", "/account/", "/../"} {
		if strings.Contains(path, hidden) {
			return startPage
		}
	}
	if strings.ContainsFunc(parsed.Path, func(char rune) bool { return char <= ' ' || char > '~' }) {
		return startPage
	}
	return asked
}
