package app_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
)

// TestFieldCase20AdminConsentAndBookmarks: what Entra's own consent link and a bookmark lead to is no attack.
func TestFieldCase20AdminConsentAndBookmarks(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	for query, want := range map[string]string{ // "" is the page that welcomes
		"admin_consent=True&tenant=11111111-2222-3333-4444-555555555555":                                "",
		"admin_consent=true&tenant=x&state=12345":                                                       "sign_in_expired", // nothing began with that
		"tenant=x&admin_consent=TRUE&scope=a%2Fb":                                                       "",
		"admin_consent=True&tenant=x&error=access_denied&error_description=AADSTS65004%3A+declined":     "consent_declined",
		"admin_consent=True&tenant=x&error=permission_denied":                                           "consent_declined",
		"admin_consent=False&tenant=x":                                                                  "consent_declined",
		"admin_consent=True&error=invalid_client&error_description=AADSTS650053%3A+x":                   "permission_not_listed",
		"admin_consent=True&error=access_denied&error_subcode=cancel":                                   "sign_in_cancelled",
		"admin_consent=True&error=temporarily_unavailable":                                              "identity_provider_unavailable",
		"admin_consent=True&code=x":                                                                     "sign_in_mismatch",
		"admin_consent=True&admin_consent=False":                                                        "sign_in_mismatch",
		"admin_consent=True&tenant=" + url.QueryEscape("<script>alert(1)</script>"):                     "",
		"admin_consent=True&error=" + url.QueryEscape("<script>") + "&error_description=AADSTS1%3A+%3C": "consent_declined",
	} {
		v := s.visitor(t)
		got := v.get("/account/callback?" + query)
		welcomes := got.status == http.StatusOK && strings.Contains(got.body, `id="admin-consented"`) && strings.Contains(got.body, `href="/account/login"`)
		if got.code() != want || welcomes != (want == "") || strings.Contains(got.body, "<script") {
			t.Errorf("%s: %d %q", query, got.status, got.code())
		}
		if v.signedIn() || s.tenant.Count("token") != 0 {
			t.Error("an address that anybody can open signs somebody in")
		}
	}
	for _, path := range []string{"/account/callback", "/account/callback?", "/account/callback?session_state=x&utm_source=mail", "/account/callback?state=&code="} {
		if got := s.visitor(t).get(path); got.status != http.StatusSeeOther || got.header.Get("Location") != "/" {
			t.Errorf("%s: %d to %q", path, got.status, got.header.Get("Location"))
		}
	}
}

// TestFieldCase21Cancelled: whoever presses Cancel isn't told that Entra refused.
func TestFieldCase21Cancelled(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	for query, want := range map[string]string{
		"error=access_denied&error_subcode=cancel":                                          "sign_in_cancelled",
		"error=access_denied&error_subcode=cancel&error_description=the+user+cancelled":     "sign_in_cancelled",
		"error=access_denied&error_subcode=cancel&error_description=AADSTS99999999%3A+text": "sign_in_cancelled",
		"error=access_denied&error_subcode=cancel&error_description=AADSTS65004%3A+text":    "consent_declined",
		"error=access_denied&error_subcode=other":                                           "sign_in_refused",
		"error=access_denied": "sign_in_refused",
	} {
		v := s.visitor(t)
		got := v.get("/account/callback?" + query + "&state=" + v.begin("/account/login").Get("state"))
		if got.code() != want || !strings.Contains(got.body, `href="/account/login"`) {
			t.Errorf("%s: %d %q", query, got.status, got.code())
		}
	}
}

// TestFieldCase22SignOutLeadsAnywhere: each page with the sign-out button lets the redirects behind it go on, and no other page
// lets a form lead anywhere.
func TestFieldCase22SignOutLeadsAnywhere(t *testing.T) {
	t.Parallel()
	for scheme, want := range map[string]string{"http": "form-action 'self' https: http:;", "https": "form-action 'self' https:;"} {
		s := startStack(t, options{config: func(cfg *app.Config) { cfg.RedirectURI.Scheme = scheme }})
		if scheme == "http" {
			v := s.visitor(t)
			v.signIn("alice")
			for _, path := range []string{"/", "/nowhere", "/account/callback?state=x&code=y"} {
				if policy := v.get(path).header.Get("Content-Security-Policy"); !strings.Contains(policy, want) {
					t.Errorf("%s: %s", path, policy)
				}
			}
		}
		for _, path := range []string{"/", "/nowhere", "/account/callback?state=x&code=y", "/static/style.css"} {
			if policy := s.visitor(t).get(path).header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self';") {
				t.Errorf("%s, signed out: %s", path, policy)
			}
		}
	}
}

// TestFieldCase23LogoutHint: Entra is told whom to sign out where the registration has the claim for it.
func TestFieldCase23LogoutHint(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	for name, hint := range map[string]any{
		"a hint": "O.CiQ1-opaque", "characters of addresses": "alice+test@contoso.example&x=y", "no claim": nil, "empty": "",
		"too long for an address": strings.Repeat("x", 10_000),
	} {
		t.Run(name, func(t *testing.T) {
			v := s.visitor(t)
			asked := v.begin("/account/login")
			answerWithIDToken(s, s.idToken(asked.Get("nonce"), setClaim("login_hint", hint)))
			if got := v.get("/account/callback?" + url.Values{"state": {asked.Get("state")}, "code": {"code"}}.Encode()); got.status != http.StatusSeeOther {
				t.Fatalf("%d %s", got.status, got.code())
			}
			got := v.send(http.MethodPost, "/account/logout")
			target, err := url.Parse(got.header.Get("Location"))
			want, _ := hint.(string)
			if len(want) > 1024 {
				want = ""
			}
			if err != nil || target.Query().Get("logout_hint") != want || target.Query().Has("logout_hint") != (want != "") {
				t.Errorf("goes to %s", target)
			}
		})
	}
}

// TestFieldCase24TwoWebUIsOnOneMachine: neither signs out the other's users. Cookies know hosts, and no ports.
func TestFieldCase24TwoWebUIsOnOneMachine(t *testing.T) {
	t.Parallel()
	one, two := startStack(t, options{}), startStack(t, options{})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	first, second := &visitor{t: t, stack: one, jar: jar}, &visitor{t: t, stack: two, jar: jar}
	asked, alsoAsked := first.begin("/account/login"), second.begin("/account/login")
	for v, asked := range map[*visitor]url.Values{first: asked, second: alsoAsked} {
		if got := v.get("/account/callback?" + v.codeFor("alice", asked).Encode()); got.status != http.StatusSeeOther {
			t.Fatalf("%d %s", got.status, got.code())
		}
	}
	for range 2 {
		if a, b := first.get("/"), second.get("/"); a.rows() != 3 || b.rows() != 3 {
			t.Errorf("both signed in: %d and %d", a.status, b.status)
		}
	}
	first.send(http.MethodPost, "/account/logout")
	if a, b := first.get("/"), second.get("/"); !a.isSignedOut() || b.rows() != 3 {
		t.Errorf("one signed out: %d, the other: %d %s", a.status, b.status, b.code())
	}
}

// TestFieldCase24PlantedCookies: a cookie that a path or a neighbour planted keeps nobody signed in, and signs nobody out.
func TestFieldCase24PlantedCookies(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	for name, planted := range map[string][]*http.Cookie{
		"for the sign-out":  {{Value: "x", Path: "/account"}},
		"for a longer path": {{Value: "x", Path: "/account/logout"}, {Value: "y", Path: "/account"}},
		"empty":             {{Value: "", Path: "/account"}},
		"signed by another": {{Value: "MTcwMDAwMDAwMHxhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg==", Path: "/account"}},
	} {
		t.Run(name, func(t *testing.T) {
			v := s.visitor(t)
			v.signIn("alice")
			copied := v.sessionCookie()
			for _, cookie := range planted {
				cookie.Name = s.sessionCookie()
			}
			v.setCookies(planted...)
			if got := v.get("/"); got.rows() != 3 {
				t.Errorf("with the planted cookie: %d %s", got.status, got.code())
			}
			if got := v.send(http.MethodPost, "/account/logout"); got.status != http.StatusSeeOther {
				t.Errorf("signing out: %d %s", got.status, got.code())
			}
			thief := s.visitor(t)
			thief.setCookies(copied)
			if got := thief.get("/"); got.rows() >= 0 {
				t.Error("the session is still there")
			}
			v.signIn("bob")
			if got := v.get("/"); got.rows() != 0 {
				t.Errorf("the next user: %d %s", got.status, got.code())
			}
		})
	}
}

// TestFieldCase24ManyPlantedCookies: however many of the name come first, whoever signs out is signed out.
func TestFieldCase24ManyPlantedCookies(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	for name, planted := range map[string]string{"short ones": "x", "empty ones": "", "those of half a cookie": strings.Repeat("x", 100)} {
		t.Run(name, func(t *testing.T) {
			v, thief := s.visitor(t), s.visitor(t)
			v.signIn("alice")
			mine := v.sessionCookie()
			thief.setCookies(mine)
			many := strings.Repeat(mine.Name+"="+planted+"; ", 200) + mine.Name + "=" + mine.Value
			for _, path := range []string{"/", "/orders"} {
				if got := s.visitor(t).get(path, "Cookie", many); got.isSignedOut() {
					t.Errorf("%s: %d %s", path, got.status, got.code())
				}
			}
			if got := s.visitor(t).send(http.MethodPost, "/account/logout", "Cookie", many); got.status != http.StatusSeeOther {
				t.Errorf("signing out: %d %s", got.status, got.code())
			}
			if thief.get("/").rows() >= 0 {
				t.Error("the session is still there")
			}
		})
	}
}

// TestFieldCase25LateSilentSignIns: what comes of a silent sign-in signs out nobody who has signed in meanwhile.
func TestFieldCase25LateSilentSignIns(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	t.Run("the redirect to Entra comes late", func(t *testing.T) {
		v := s.visitor(t)
		v.signIn("alice")
		s.startWebUI(t, nil)
		late := s.visitor(t)
		late.setCookies(v.cookies()...)
		begun := late.get("/")
		if begun.status != http.StatusSeeOther {
			t.Fatal(begun.status)
		}
		v.signIn("bob")
		v.setCookies((&http.Response{Header: begun.header}).Cookies()...)
		if got := v.get("/"); got.rows() != 0 {
			t.Errorf("bob: %d %s", got.status, got.code())
		}
	})
	for name, query := range map[string]string{"in vain": "error=login_required", "broken": "error=server_error"} {
		t.Run("Entra's answer comes late, "+name, func(t *testing.T) {
			v := s.visitor(t)
			v.signIn("alice")
			s.startWebUI(t, nil)
			state := v.begin("/").Get("state")
			v.signIn("bob")
			v.get("/account/callback?" + query + "&state=" + state)
			if got := v.get("/"); got.rows() != 0 {
				t.Errorf("bob: %d %s", got.status, got.code())
			}
		})
	}
	for name, test := range map[string]struct {
		user string
		want string
	}{"another user has signed in": {"bob", "/"}, "the same one has": {"alice", "/?page=2"}} {
		t.Run("Entra's answer comes late, with a code, when "+name, func(t *testing.T) {
			v := s.visitor(t)
			v.signIn("alice")
			s.startWebUI(t, nil)
			asked := v.begin("/?page=2")
			asked.Del("prompt") // Entra still knows alice
			code := v.codeFor("alice", asked)
			v.signIn(test.user)
			mine := v.sessionCookie().Value
			if got := v.get("/account/callback?" + code.Encode()); got.status != http.StatusSeeOther || got.header.Get("Location") != test.want {
				t.Errorf("%d to %q", got.status, got.header.Get("Location"))
			}
			if v.sessionCookie().Value != mine || v.get("/").status != http.StatusOK {
				t.Error("whoever has signed in no longer is")
			}
		})
	}
	t.Run("tried once for each session", func(t *testing.T) {
		v := s.visitor(t)
		for range 2 {
			v.signIn("alice")
			s.startWebUI(t, nil)
			state := v.begin("/?page=2").Get("state")
			v.get("/account/callback?error=login_required&state=" + state)
			for range 3 {
				if got := v.get("/"); !got.isSignedOut() {
					t.Errorf("afterwards: %d to %s", got.status, got.header.Get("Location"))
				}
			}
		}
	})
}

// TestFieldCase27Names: what directories and Azure call people and things changes no text but its own.
func TestFieldCase27Names(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	for name, want := range map[string]string{
		"\u202eevil":                     "evil",
		"\u2066a\u2067b\u2068c\u2069":    "abc",
		"Ali\u0000ce\n\u001b[31m\u200f!": "Alice[31m!",
		"":                               "alice@devtenant.example",
		" \t\u200b\u2060 ":               "alice@devtenant.example",
		"\u202e\u202c":                   "alice@devtenant.example",
		"\u3164\u115f\uffa0":             "alice@devtenant.example", // letters that are blank
		"\u2800":                         "alice@devtenant.example",
		strings.Repeat("é", 5000):        strings.Repeat("é", 256) + "…",
		"دانا دار":                       "دانا دار",
		"👩\u200d💻 Ada":                   "👩\u200d💻 Ada",
	} {
		v := s.visitor(t)
		asked := v.begin("/account/login")
		answerWithIDToken(s, s.idToken(asked.Get("nonce"), setClaim("name", name)))
		v.get("/account/callback?" + url.Values{"state": {asked.Get("state")}, "code": {"code"}}.Encode())
		got := v.get("/")
		if !strings.Contains(got.body, `<bdi class="name">`+want+`</bdi>`) || !strings.Contains(got.body, "that <bdi>"+want+"</bdi> may see.") || strings.ContainsAny(got.body, "\u202e\u2066\u001b") {
			t.Errorf("%q isn't shown as %q: %d %s", name, want, got.status, got.code())
		}
	}
	v := s.visitor(t)
	v.signIn("alice")
	s.apiHandler.set(answerOfAPI(200, "application/json", `{"value":[{"displayName":"\u202Eevil\u0007","state":"\u202EEnabled"}],"count":1}`))
	if got := v.get("/"); !strings.Contains(got.body, "<bdi>evil</bdi>") || strings.Contains(strings.Split(got.body, "<details")[0], "\u202e") {
		t.Errorf("a subscription's name: %s", got.body)
	}
}

// TestFieldCase28BelowAPath: behind a proxy that hands a prefix on, and behind one that takes it away.
func TestFieldCase28BelowAPath(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"/app", "/a/b-c_d.e"} {
		for name, inside := range map[string]string{"handed on": prefix, "taken away": ""} {
			t.Run(prefix+" "+name, func(t *testing.T) {
				t.Parallel()
				s := startStack(t, options{config: func(cfg *app.Config) { cfg.RedirectURI.Path = prefix + "/account/callback" }})
				s.tenant.SetSampleURLs(s.url+prefix, "")
				v := s.visitor(t)
				landing := v.get(inside + "/")
				for _, link := range []string{`href="` + prefix + `/account/login"`, `href="` + prefix + `/static/style.css"`, `href="` + prefix + `/"`} {
					if !strings.Contains(landing.body, link) {
						t.Errorf("the page lacks %s", link)
					}
				}
				begun := v.get(inside + "/account/login?return_to=" + url.QueryEscape(prefix+"/?page=2"))
				target, err := url.Parse(begun.header.Get("Location"))
				if err != nil || target.Query().Get("redirect_uri") != s.url+prefix+"/account/callback" {
					t.Fatalf("goes to %s", target)
				}
				// The jar of the tests would send the cookies to the prefix alone, as browsers do.
				ended := v.get(inside+"/account/callback?"+v.codeFor("alice", target.Query()).Encode(), "Cookie", cookieHeader(begun))
				if ended.status != http.StatusSeeOther || ended.header.Get("Location") != prefix+"/?page=2" {
					t.Fatalf("%d %s to %s", ended.status, ended.code(), ended.header.Get("Location"))
				}
				for _, got := range []page{begun, ended} {
					for _, cookie := range (&http.Response{Header: got.header}).Cookies() {
						if cookie.Path != prefix {
							t.Errorf("%s", cookie)
						}
					}
				}
				got := v.get(inside+"/?page=2", "Cookie", cookieHeader(ended))
				if got.rows() != 3 || !strings.Contains(got.body, `action="`+prefix+`/account/logout"`) {
					t.Errorf("%d %s", got.status, got.code())
				}
				v.get(inside+"/account/nowhere").want(t, http.StatusNotFound, "not_found")
				if got := v.get(inside + "/healthz"); got.status != http.StatusOK {
					t.Errorf("healthz is %d", got.status)
				}
				if got := s.visitor(t).get(prefix); !got.isSignedOut() || got.header.Get("Content-Security-Policy") == "" {
					t.Errorf("%s: %d", prefix, got.status)
				}
				v.get(prefix+"x/").want(t, http.StatusNotFound, "not_found")
			})
		}
	}
	good := startStack(t, options{}).settings
	for path, fine := range map[string]bool{
		"/account/callback": true, "/app/account/callback": true, "//app/account/callback": false, "/app//account/callback": false,
		"/../account/callback": false, "/app/./account/callback": false, "/a%2Fb/account/callback": false, "/a;b/account/callback": false,
		"/account/callback/": false, "/app": false, "/appaccount/callback": false,
	} {
		settings := map[string]string{}
		for name, value := range good {
			settings[name] = value
		}
		settings["WEBUI_REDIRECT_URI"] = "https://webui.example" + path
		if _, err := readConfig(settings); (err == nil) != fine {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestFieldCase29ThrottledForATimeThatNobodyNamed: the page speaks of a time where there is one.
func TestFieldCase29ThrottledForATimeThatNobodyNamed(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	v := s.visitor(t)
	v.signIn("alice")
	for name, test := range map[string]struct {
		api   http.Handler
		named string
	}{
		"Azure, unnamed": {problemOfAPI(429, "resource_manager_throttled"), ""},
		"Azure, 30 s":    {problemOfAPI(429, "resource_manager_throttled", "Retry-After", "30"), "30 seconds"},
		"Azure, 0 s":     {problemOfAPI(429, "resource_manager_throttled", "Retry-After", "0"), ""},
		"Azure, no time": {problemOfAPI(429, "resource_manager_throttled", "Retry-After", "soon"), ""},
		"Entra, unnamed": {problemOfAPI(503, "identity_provider_throttled"), "5 seconds"}, // the web UI's own advice, as of each 503
		"Entra, 12 s":    {problemOfAPI(503, "identity_provider_throttled", "Retry-After", "12"), "12 seconds"},
	} {
		s.apiHandler.set(test.api)
		got := v.get("/")
		if strings.Contains(got.body, "time that the page names") || strings.Contains(got.body, "<b>Wait ") != (test.named != "") || !strings.Contains(got.body, test.named) {
			t.Errorf("%s: it should name %q", name, test.named)
		}
	}
}

// TestFieldCase18DeepAnswers: an answer that is short and deep costs no more than it is long.
func TestFieldCase18DeepAnswers(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	v := s.visitor(t)
	v.signIn("alice")
	nested := func(open, close string, depth int) string {
		return `{"value":[{"displayName":"x","tags":` + strings.Repeat(open, depth) + "1" + strings.Repeat(close, depth) + `}],"count":1}`
	}
	for name, test := range map[string]struct {
		body string
		code string
		most int
	}{
		"9,000 objects":            {nested(`{"a":`, "}", 9000), "api_malformed", 64 << 10},
		"9,000 lists":              {nested("[", "]", 9000), "api_malformed", 64 << 10},
		"20,000 lists":             {nested("[", "]", 20000), "api_malformed", 64 << 10},
		"one level too deep":       {nested("[", "]", 62), "api_malformed", 64 << 10},
		"as deep as may be":        {nested("[", "]", 61), "", 64 << 10},
		"brackets inside of texts": {`{"value":[{"displayName":"` + strings.Repeat(`[{\"`, 9000) + `"}],"count":1}`, "", 512 << 10},
		"wide and deep":            {nested(strings.Repeat("[", 55)+strings.Repeat("1,", 50_000), strings.Repeat("]", 55), 1), "", 512 << 10},
	} {
		s.apiHandler.set(answerOfAPI(200, "application/json", test.body))
		got := v.get("/")
		if got.code() != test.code || len(got.body) > test.most {
			t.Errorf("%s: %d %q, %d bytes", name, got.status, got.code(), len(got.body))
		}
	}
}

// TestFieldCase02ClaimsOnTheWire: every form of a claims request that the API may hand on reaches Entra as it was, and what is
// none doesn't.
func TestFieldCase02ClaimsOnTheWire(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	const claims = `{"access_token":{"acrs":{"essential":true,"value":"c1>>>???~~~"}}}`
	var ids []string
	for i := range 38 {
		ids = append(ids, fmt.Sprintf(`"11111111-2222-3333-4444-%012d"`, i))
	}
	policies := `{"access_token":{"capolids":{"essential":true,"values":[` + strings.Join(ids, ",") + `]}}}`
	std, url64 := base64.StdEncoding.EncodeToString, base64.RawURLEncoding.EncodeToString
	for name, test := range map[string]struct{ header, claims string }{
		"insufficient_claims":                {claimsOf(std([]byte(claims))), claims},
		"without padding":                    {claimsOf(base64.RawStdEncoding.EncodeToString([]byte(claims))), claims},
		"the URL alphabet":                   {claimsOf(url64([]byte(claims))), claims},
		"Resource Manager's invalid_token":   {`Bearer authorization_uri="https://login.windows.net/", error="invalid_token", error_description="User session has been revoked", claims="` + std([]byte(claims)) + `"`, claims},
		"case 04: 38 policies":               {claimsOf(std([]byte(policies))), policies},
		"case 04: 38 policies, URL alphabet": {claimsOf(url64([]byte(policies))), policies},
		"case 03: null":                      {claimsOf(std([]byte("null"))), ""},
		"case 03: a list":                    {claimsOf(std([]byte("[]"))), ""},
		"case 03: a null member":             {claimsOf(std([]byte(`{"access_token":null}`))), ""},
		"case 04: longer than the bound":     {claimsOf(std([]byte(`{"access_token":{"x":"` + strings.Repeat("x", 7<<10) + `"}}`))), ""},
	} {
		t.Run(name, func(t *testing.T) {
			s.apiHandler.set(problemOfAPI(401, "insufficient_claims", "WWW-Authenticate", test.header))
			v := s.visitor(t)
			v.signIn("alice")
			before := len(s.log.String())
			asked := v.begin("/")
			var got, want map[string]map[string]any
			if err := json.Unmarshal([]byte(asked.Get("claims")), &got); err != nil {
				t.Fatal(err)
			}
			delete(got["access_token"], "xms_cc") // the client's capabilities, which MSAL adds
			if test.claims != "" {
				_ = json.Unmarshal([]byte(test.claims), &want)
			} else if !strings.Contains(s.log.String()[before:], "claims request") {
				t.Error("the log doesn't say that claims were left out")
			}
			if fmt.Sprint(got["access_token"]) != fmt.Sprint(want["access_token"]) {
				t.Errorf("Entra is asked for %s", asked.Get("claims"))
			}
		})
	}
}

// TestFieldCase06NoTripThatCannotHelp: what an administrator has to mend sends nobody to sign in again.
func TestFieldCase06NoTripThatCannotHelp(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	for _, code := range []string{"admin_consent_required", "unknown_resource", "resource_manager_token_refused", "wrong_client_secret"} {
		for _, status := range []int{401, 403, 502} {
			s.apiHandler.set(problemOfAPI(status, code))
			before := s.tenant.Count("token:authorization_code")
			got := s.browser(t).signIn("alice")
			if trips := s.tenant.Count("token:authorization_code") - before - 1; got.code() != code || trips != 0 {
				t.Errorf("%d %s: the page says %q after %d trips", status, code, got.code(), trips)
			}
			if strings.Contains(got.body, "laims lost") {
				t.Errorf("%s: the page speaks of claims, and there were none", code)
			}
		}
	}
}

// TestFieldCase36AFloodOfBegunSignIns: through the routes, with return paths as long as they may be; alice's sign-in, begun
// before all of them, ends well.
func TestFieldCase36AFloodOfBegunSignIns(t *testing.T) {
	t.Parallel()
	sessions, attempts := memory(), memory()
	s := startStack(t, options{config: func(cfg *app.Config) { cfg.Sessions, cfg.Attempts = sessions, attempts }})
	alice := s.visitor(t)
	asked := alice.begin("/account/login")
	path := "/account/login?return_to=/" + strings.Repeat("x", 1000)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 500 {
				s.webUI.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
			}
		})
	}
	group.Wait()
	if kept, _ := attempts.Usage(); kept != 0 {
		t.Errorf("begun sign-ins left %d entries", kept)
	}
	if got := alice.get("/account/callback?" + alice.codeFor("alice", asked).Encode()); got.status != http.StatusSeeOther {
		t.Errorf("alice: %d %s", got.status, got.code())
	}
}

// TestFieldCase40OneCodeForEachAttempt: 200 callbacks with garbage codes are one token request.
func TestFieldCase40OneCodeForEachAttempt(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	for name, atOnce := range map[string]int{"one after the other": 1, "at once": 20} {
		v := s.visitor(t)
		state := v.begin("/account/login").Get("state")
		cookies := v.cookies()
		before := s.tenant.Count("token")
		var group sync.WaitGroup
		for worker := range atOnce {
			group.Go(func() {
				for i := range 200 / atOnce {
					request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("/account/callback?state=%s&code=garbage-%d-%d", state, worker, i), nil)
					for _, cookie := range cookies { // whatever the answers say, they come again
						request.AddCookie(cookie)
					}
					s.webUI.Handler().ServeHTTP(httptest.NewRecorder(), request)
				}
			})
		}
		group.Wait()
		if more := s.tenant.Count("token") - before; more != 1 {
			t.Errorf("%s: %d token requests", name, more)
		}
	}
	v := s.visitor(t) // an error uses it up as well
	asked := v.begin("/account/login")
	cookies := v.cookies()
	v.get("/account/callback?error=access_denied&state=" + asked.Get("state"))
	v.setCookies(cookies...)
	v.get("/account/callback?"+v.codeFor("alice", asked).Encode()).want(t, http.StatusBadRequest, "sign_in_expired")
}

// TestFieldCase37ACookieHeaderOfAHundredKilobytes: one request, whatever it brings along, is one command to the store at most.
func TestFieldCase37ACookieHeaderOfAHundredKilobytes(t *testing.T) {
	t.Parallel()
	store := &breakable{Store: memory()}
	s := startStack(t, options{config: func(cfg *app.Config) { cfg.Sessions, cfg.Attempts = store, store }})
	var header strings.Builder
	for i := range 1900 {
		fmt.Fprintf(&header, "webui-signin-%s-%043d=x; ", portOf(s.url), i)
	}
	for _, path := range []string{"/", "/account/login", "/account/callback?state=x&code=y"} {
		before := store.asked.Load()
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		request.Header.Set("Cookie", header.String())
		answer := httptest.NewRecorder()
		started := time.Now()
		s.webUI.Handler().ServeHTTP(answer, request)
		if asked := store.asked.Load() - before; asked > 1 {
			t.Errorf("%s: %d commands", path, asked)
		}
		if set := strings.Join(answer.Result().Header.Values("Set-Cookie"), "\n"); len(set) > 4<<10 {
			t.Errorf("%s: %d bytes of Set-Cookie", path, len(set))
		}
		t.Logf("%s took %s", path, time.Since(started))
	}
}

// TestFieldCase35SomebodyElseIsThrottled: 429 for one user is a page for that user, with the session as it was.
func TestFieldCase35SomebodyElseIsThrottled(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	alice, bob := s.visitor(t), s.visitor(t)
	alice.signIn("alice")
	shortLived(s)
	bob.signIn("bob")
	s.tenant.Faults().Set(devtenant.Fault{Name: "busy", Endpoint: "token:refresh_token", Status: http.StatusTooManyRequests})
	got := bob.get("/")
	got.want(t, http.StatusServiceUnavailable, "identity_provider_throttled")
	if got := alice.get("/"); got.rows() != 3 {
		t.Errorf("alice: %d %s", got.status, got.code())
	}
	s.tenant.Faults().Clear("")
	if got := bob.get("/"); got.rows() != 0 {
		t.Errorf("bob, later: %d %s", got.status, got.code())
	}
}

// setClaim changes a claim, or drops it.
func setClaim(name string, value any) func(map[string]any) {
	return func(claims map[string]any) {
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
	}
}
