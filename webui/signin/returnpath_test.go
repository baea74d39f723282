package signin

import (
	"strings"
	"testing"
)

// returnPaths are paths that a link to the sign-in may ask to go on to.
var returnPaths = []struct{ name, asked, want string }{
	{"case 19: //x", "//evil.example", "/"},
	{"case 19: ///x", "///evil.example", "/"},
	{"case 19: /.//x", "/.//evil.example", "/"},
	{"case 20: /\\x", `/\evil.example`, "/"},
	{"case 20: \\\\x", `\\evil.example`, "/"},
	{"case 20: /%5Cx", "/%5Cevil.example", "/"},
	{"case 21: /%09/x", "/%09/evil.example", "/"},
	{"case 21: a tab", "/\t/evil.example", "/"},
	{"case 21: /%2F/x", "/%2F/evil.example", "/"},
	{"case 22: CRLF", "/\r\nSet-Cookie: a=b", "/"},
	{"case 22: CRLF, escaped", "/%0d%0aSet-Cookie:%20a=b", "/"},
	{"case 23: data:", "data:text/html,<script>alert(1)</script>", "/"},
	{"case 24: javascript:", "javascript:alert(1)", "/"},
	{"case 25: full-width slashes", "/／evil.example", "/"},
	{"case 25: division slash", "/∕evil.example", "/"},
	{"case 25: an ideographic full stop", "/。evil.example", "/"},
	{"case 25: full-width slashes, escaped", "/%ef%bc%8fevil.example", "/"},
	{"case 26: userinfo", "//user@evil.example", "/"},
	{"case 26: userinfo with a scheme", "https://localhost:8000@evil.example/", "/"},
	{"another host", "https://evil.example/", "/"},
	{"a path without a slash", "evil", "/"},
	{"nothing", "", "/"},
	{"back to the sign-in", "/account/login", "/"},
	{"back to the sign-in, the long way", "/x/../account/login", "/"},
	{"back to the sign-in, escaped", "/%61ccount/login", "/"},
	{"too long", "/" + strings.Repeat("x", 1024), "/"},
	{"a broken escape", "/%zz", "/"},
	{"the start page", "/", "/"},
	{"the start page with a query", "/?show=all", "/?show=all"},
	{"a page with a slash at its end", "/subscriptions/", "/subscriptions/"},
	{"two slashes at the end", "/subscriptions//", "/"},
	{"a page", "/subscriptions/1?show=all&x=%20y", "/subscriptions/1?show=all&x=%20y"},
}

func TestReturnPaths(t *testing.T) {
	t.Parallel()
	for _, test := range returnPaths {
		t.Run(test.name, func(t *testing.T) {
			if got := localPath(test.asked); got != test.want {
				t.Errorf("goes to %q, want %q", got, test.want)
			}
		})
	}
}
