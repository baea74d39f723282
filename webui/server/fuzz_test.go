package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/server"
)

// FuzzCallbackQuery: a query is turned away, or has one state, and one code or one error.
func FuzzCallbackQuery(f *testing.F) {
	for _, seed := range []string{
		"", "state=s&code=c", "state=s&code=c&session_state=x&client_info=y", "state=s&error=access_denied&error_description=AADSTS65004%3A+x",
		"state=s&code=c&state=t", "state=s&code=c&code=d", "state=&code=c", "code=c", "state=s", "state=s&code=c&error=e", "state=s&code=c&iss=https%3A%2F%2Fx",
		"state=s&error=%3Cscript%3E", "error=e", "%zz", "state=s;code=c", "state=s&code=c&a=1&a=2", "state=s&error=e&error_description=AADSTS99999999999",
		"STATE=s&code=c", "state=s&code=" + strings.Repeat("c", 13<<10), "state=s&code=c&\x00=1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		state, code, issuer, oauthError, aadsts, err := server.ReadCallback(query)
		if err != nil {
			if state != "" || code != "" || oauthError != "" || strings.Contains(err.Error(), "<") {
				t.Errorf("%q: %v, and %q %q %q", query, err, state, code, oauthError)
			}
			return
		}
		if state == "" || (code == "") == (oauthError == "") || aadsts < 0 || aadsts > 999999999 {
			t.Errorf("%q gave state %q, code %q, error %q, AADSTS%d", query, state, code, oauthError, aadsts)
		}
		values, err := url.ParseQuery(query)
		if err != nil || len(values["state"]) != 1 || len(values["code"])+len(values["error"]) > 2 || len(values["iss"]) > 1 || values.Get("iss") != issuer {
			t.Errorf("%q passed: %v", query, values)
		}
	})
}

// FuzzReturnPath: whatever is asked, the browser stays here. It is read as browsers do, by the URL standard's rules where
// they differ from RFC 3986: backslashes are slashes, tabs and line ends are dropped.
func FuzzReturnPath(f *testing.F) {
	for _, test := range returnPaths {
		f.Add(test.asked)
	}
	f.Fuzz(func(t *testing.T, asked string) {
		got := server.LocalPath(asked)
		if got != "/" && got != asked {
			t.Fatalf("%q became %q", asked, got)
		}
		seen := strings.NewReplacer("\\", "/", "\t", "", "\r", "", "\n", "").Replace(got)
		if !strings.HasPrefix(seen, "/") || strings.HasPrefix(seen, "//") {
			t.Fatalf("%q leads to %q", asked, got)
		}
		base, _ := url.Parse("http://localhost:8000/account/callback")
		target, err := base.Parse(seen)
		if err != nil || target.Host != "localhost:8000" || target.Scheme != "http" || target.User != nil {
			t.Fatalf("%q leads to %v (%v)", asked, target, err)
		}
		recorder := httptest.NewRecorder()
		http.Redirect(recorder, httptest.NewRequest(http.MethodGet, "/account/callback", nil), got, http.StatusSeeOther)
		if location := recorder.Header().Get("Location"); strings.ContainsAny(location, "\r\n\t ") || strings.HasPrefix(location, "//") {
			t.Fatalf("%q leads to %q", asked, location)
		}
	})
}

// FuzzSessionCookie: a Cookie header that the web UI didn't make opens nothing and breaks nothing.
func FuzzSessionCookie(f *testing.F) {
	for _, cookie := range sessionCookies("MTcwMDAwMDAwMHxhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg==", "MTcwMDAwMDAwMXxhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg==") {
		f.Add(cookie)
	}
	f.Add("webui-again=7; webui-session=x")
	f.Add("webui-again=999999999999999999999; webui-signin-x=1.2")
	handler := lonelyWebUI(f)
	f.Fuzz(func(t *testing.T, cookie string) {
		for path, want := range map[string]int{"/": http.StatusOK, "/account/callback?state=x&code=y": http.StatusBadRequest} {
			request := httptest.NewRequest(http.MethodGet, path, nil)
			request.Header.Set("Cookie", cookie)
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, request)
			if recorder.Code != want {
				t.Errorf("%s with %q: %d", path, cookie, recorder.Code)
			}
		}
	})
}

// FuzzChallenge: of a WWW-Authenticate header nothing comes out but a word and a JSON object.
func FuzzChallenge(f *testing.F) {
	for _, test := range challenges {
		f.Add(test.header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		oauthError, claims := server.ReadChallenge(http.Header{"Www-Authenticate": {header}})
		if strings.ContainsAny(oauthError, "<>\"'& \r\n") || len(oauthError) > 64 {
			t.Errorf("%q: error %q", header, oauthError)
		}
		var object map[string]json.RawMessage
		if claims != "" && (json.Unmarshal([]byte(claims), &object) != nil || object == nil) {
			t.Errorf("%q: claims %q", header, claims)
		}
		if (oauthError != "" || claims != "") && !strings.EqualFold(header[:7], "Bearer ") {
			t.Errorf("%q is not of the scheme Bearer", header)
		}
	})
}
