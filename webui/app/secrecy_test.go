package app_test

import (
	"net/http"
	"strings"
	"testing"
)

// pagesOfAllKinds are requests whose answers between them are of every kind that there is.
func pagesOfAllKinds(v *visitor) map[string]page {
	kinds := map[string]page{
		"signed out":  v.get("/"),
		"sign-in":     v.get("/account/login"),
		"callback":    v.get("/account/callback?state=x&code=y"),
		"not found":   v.get("/nowhere"),
		"method":      v.send(http.MethodPost, "/"),
		"cross-site":  v.send(http.MethodPost, "/account/logout", "Sec-Fetch-Site", "cross-site"),
		"front":       v.get("/account/frontchannel-logout"),
		"no style":    v.get("/static/nothing.css"),
		"style sheet": v.get("/static/style.css"),
	}
	v.signIn("alice")
	kinds["list"] = v.get("/")
	kinds["sign-out"] = v.send(http.MethodPost, "/account/logout")
	return kinds
}

// TestHeaders are cases 34, 41 and 42: what every answer carries, error pages included.
func TestHeaders(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	for name, got := range pagesOfAllKinds(s.visitor(t)) {
		t.Run(name, func(t *testing.T) {
			forms := "'self'"
			if strings.Contains(got.body, "Sign out</button>") {
				forms += " https: http:" // signing out ends wherever Entra says; without http: where browsers come by https
			}
			for header, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
				"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action " + forms + "; frame-ancestors 'none'",
			} {
				if got.header.Get(header) != want {
					t.Errorf("cases 41 and 42: %s is %q", header, got.header.Get(header))
				}
			}
			if caching := got.header.Get("Cache-Control"); caching != "no-store" && name != "style sheet" {
				t.Errorf("case 34: Cache-Control is %q", caching)
			}
			for _, inline := range []string{"<script", "style=", "<style", "onclick", "onload", "javascript:", "http-equiv"} {
				if strings.Contains(got.body, inline) && name != "style sheet" {
					t.Errorf("the page has something inline: %s", inline)
				}
			}
			for _, foreign := range []string{`src="`, `@import`, `url(`} {
				if strings.Contains(got.body, foreign) {
					t.Errorf("the page loads something: %s", foreign)
				}
			}
		})
	}
}

// TestCase45NothingLeaks: no token, code, secret or cookie in the log; no token, code or secret in what browsers get; no
// token in an address.
func TestCase45NothingLeaks(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	v := s.visitor(t)
	shortLived(s)
	asked := v.begin("/account/login")
	answer := v.codeFor("alice", asked)
	kinds := pagesOfAllKinds(s.visitor(t))
	kinds["signed in"] = v.get("/account/callback?" + answer.Encode())
	cookie := v.sessionCookie().Value
	kinds["list"] = v.get("/")
	kinds["replay"] = v.get("/account/callback?" + answer.Encode())

	secrets := map[string]string{
		"a token": "eyJ", "a code": answer.Get("code"), "the client secret": s.settings["WEBUI_CLIENT_SECRET"],
		"the session key": s.settings["WEBUI_SESSION_KEY"],
	}
	for name, got := range kinds {
		for what, value := range secrets {
			if strings.Contains(got.body, value) {
				t.Errorf("%s: %s is on the page", name, what)
			}
			for header, values := range got.header {
				if strings.Contains(strings.Join(values, "\n"), value) {
					t.Errorf("%s: %s is in %s", name, what, header)
				}
			}
		}
	}
	secrets["a cookie"], secrets["a state"], secrets["a nonce"] = cookie, asked.Get("state"), asked.Get("nonce")
	log := s.log.String()
	for what, value := range secrets {
		if strings.Contains(log, value) {
			t.Errorf("%s is in the log", what)
		}
	}
	if !strings.Contains(log, "signed in") || !strings.Contains(log, "trace_id") {
		t.Error("the log is not the one that this test is about")
	}
}
