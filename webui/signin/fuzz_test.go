package signin

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzCallbackQuery: a query is turned away, or has one state, and one code or one error.
func FuzzCallbackQuery(f *testing.F) {
	for _, seed := range []string{
		"", "state=s&code=c", "state=s&code=c&session_state=x&client_info=y", "state=s&error=access_denied&error_description=AADSTS65004%3A+x",
		"state=s&code=c&state=t", "state=s&code=c&code=d", "state=&code=c", "code=c", "state=s", "state=s&code=c&error=e", "state=s&code=c&iss=https%3A%2F%2Fx",
		"state=s&error=%3Cscript%3E", "error=e", "%zz", "state=s;code=c", "state=s&code=c&a=1&a=2", "state=s&error=e&error_description=AADSTS99999999999",
		"STATE=s&code=c", "admin_consent=True&tenant=t", "admin_consent=True&code=c", "state=s&code=" + strings.Repeat("c", 13<<10), "state=s&code=c&\x00=1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		came, err := readCallback(query)
		state, code, oauthError := came.state, came.code, came.err
		if err != nil {
			if state != "" || code != "" || oauthError != "" || strings.Contains(err.Error(), "<") {
				t.Errorf("%q: %v, and %q %q %q", query, err, state, code, oauthError)
			}
			return
		}
		if came.adminConsent { // it belongs to no sign-in of ours, and redeems nothing
			if code != "" {
				t.Errorf("%q gave the code %q", query, code)
			}
			return
		}
		if state == "" || (code == "") == (oauthError == "") || came.aadsts < 0 || came.aadsts > 999999999 {
			t.Errorf("%q gave state %q, code %q, error %q, AADSTS%d", query, state, code, oauthError, came.aadsts)
		}
		values, err := url.ParseQuery(query)
		if err != nil || len(values["state"]) != 1 || len(values["code"])+len(values["error"]) > 2 || len(values["iss"]) > 1 || values.Get("iss") != came.issuer {
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
		got := localPath(asked)
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
