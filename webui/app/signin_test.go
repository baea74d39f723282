package app_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// signInCase is one row of what can come back from Entra, or from somebody who would like to be taken for it. The numbers
// are those of the list of cases that the tests of the project share.
type signInCase struct {
	name   string
	answer func(v *visitor) page // begins a sign-in and comes back with something bad
	status int                   // 0 is 400
	code   string
	check  string
	tokens int // how often the token endpoint may have been asked
}

func signInCases() []signInCase {
	// with makes a good answer and changes its query.
	with := func(change func(url.Values)) func(*visitor) page {
		return func(v *visitor) page {
			answer := v.codeFor("alice", v.begin("/account/login"))
			change(answer)
			return v.get("/account/callback?" + answer.Encode())
		}
	}
	// raw adds to a good answer what url.Values can't hold.
	raw := func(more string) func(*visitor) page {
		return func(v *visitor) page {
			return v.get("/account/callback?" + v.codeFor("alice", v.begin("/account/login")).Encode() + more)
		}
	}
	// refused comes back with an error and a good state.
	refused := func(change url.Values) func(*visitor) page {
		return func(v *visitor) page {
			answer := url.Values{"state": {v.begin("/account/login").Get("state")}}
			maps.Copy(answer, change)
			return v.get("/account/callback?" + answer.Encode())
		}
	}
	// idToken has the token endpoint answer with an ID token that Entra would not make.
	idToken := func(change func(claims map[string]any)) func(*visitor) page {
		return func(v *visitor) page {
			asked := v.begin("/account/login")
			answerWithIDToken(v.stack, v.stack.idToken(asked.Get("nonce"), change))
			defer v.stack.tenant.Faults().Clear("id-token")
			return v.get("/account/callback?" + url.Values{"state": {asked.Get("state")}, "code": {"code"}}.Encode())
		}
	}
	set := func(name string, value any) func(map[string]any) {
		return func(claims map[string]any) { claims[name] = value }
	}
	fromNow := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	replay := func(v *visitor) page {
		answer := "/account/callback?" + v.codeFor("alice", v.begin("/account/login")).Encode()
		v.get(answer)
		v.forgetSession()
		return v.get(answer)
	}
	// inject brings the code of one attempt back with the state of another.
	inject := func(v *visitor) page {
		victim := v.begin("/account/login")
		stolen := v.codeFor("alice", v.stack.visitor(v.t).begin("/account/login"))
		return v.get("/account/callback?" + url.Values{"state": {victim.Get("state")}, "code": {stolen.Get("code")}}.Encode())
	}
	return []signInCase{
		{name: "case 01: state missing", code: "sign_in_mismatch", answer: with(func(q url.Values) { q.Del("state") })},
		{name: "case 01: state empty", code: "sign_in_mismatch", answer: with(func(q url.Values) { q.Set("state", "") })},
		{name: "case 01: nothing at all", status: http.StatusSeeOther, code: "", answer: func(v *visitor) page { return v.get("/account/callback") }},
		{name: "case 02: state wrong", code: "sign_in_expired", answer: with(func(q url.Values) { q.Set("state", "another") })},
		{name: "case 03: state reused", code: "sign_in_expired", tokens: 1, answer: replay},
		{name: "case 04: state of another browser", code: "sign_in_mismatch", answer: func(v *visitor) page {
			return v.get("/account/callback?" + v.codeFor("alice", v.stack.visitor(v.t).begin("/account/login")).Encode())
		}},
		{name: "case 05: POST", status: http.StatusMethodNotAllowed, code: "method_not_allowed", answer: func(v *visitor) page {
			return v.send(http.MethodPost, "/account/callback?"+v.codeFor("alice", v.begin("/account/login")).Encode())
		}},
		{name: "case 05: HEAD", status: http.StatusMethodNotAllowed, answer: func(v *visitor) page {
			return v.send(http.MethodHead, "/account/callback?"+v.codeFor("alice", v.begin("/account/login")).Encode())
		}},
		{name: "case 06: the callback sent twice", code: "sign_in_expired", tokens: 1, answer: replay},
		{name: "case 06: a code that was redeemed", code: "code_redeemed", tokens: 1, answer: func(v *visitor) page {
			v.stack.tenant.Faults().Set(devtenant.Fault{Name: "redeemed", Endpoint: "token:authorization_code", Times: 1, AADSTS: 54005})
			return with(func(url.Values) {})(v)
		}},
		{name: "case 07: a code of another attempt", code: "pkce_mismatch", tokens: 1, answer: inject},
		{name: "case 07: a code that nobody issued", code: "code_redeemed", tokens: 1, answer: with(func(q url.Values) { q.Set("code", "invented") })},
		{name: "case 08: nonce differs", code: "id_token_rejected", check: "nonce", tokens: 1, answer: idToken(set("nonce", "another"))},
		{name: "case 08: nonce missing", code: "id_token_rejected", check: "nonce", tokens: 1, answer: idToken(set("nonce", nil))},
		{name: "case 09: aud of another application", code: "id_token_rejected", check: "aud", tokens: 1, answer: idToken(set("aud", "de7e0000-0000-4000-8000-0000000000a2"))},
		{name: "case 09: azp of another application", code: "id_token_rejected", check: "azp", tokens: 1, answer: idToken(set("azp", "de7e0000-0000-4000-8000-0000000000a2"))},
		{name: "case 10: iss of another tenant", code: "id_token_rejected", check: "iss", tokens: 1, answer: idToken(set("iss", "https://login.microsoftonline.com/de7e0000-0000-4000-8000-000000000000/v2.0"))},
		{name: "case 11: exp past", code: "id_token_rejected", check: "exp", tokens: 1, answer: idToken(set("exp", fromNow(-time.Minute)))},
		{name: "case 11: nbf ahead", code: "id_token_rejected", check: "nbf", tokens: 1, answer: idToken(set("nbf", fromNow(10*time.Minute)))},
		{name: "case 11: iat ahead", code: "id_token_rejected", check: "iat", tokens: 1, answer: idToken(set("iat", fromNow(10*time.Minute)))},
		{name: "case 12: tid of another tenant", code: "id_token_rejected", check: "tid", tokens: 1, answer: idToken(set("tid", "11111111-2222-3333-4444-555555555555"))},
		{name: "case 12: tid missing", code: "id_token_rejected", check: "tid", tokens: 1, answer: idToken(set("tid", nil))},
		{name: "case 12: oid missing", code: "id_token_rejected", check: "oid", tokens: 1, answer: idToken(set("oid", nil))},
		{name: "case 13: iss parameter of another issuer", code: "sign_in_mismatch", check: "iss", answer: with(func(q url.Values) { q.Set("iss", "https://evil.example/v2.0") })},
		{name: "case 13: iss parameter of another issuer, with an error", code: "sign_in_mismatch", check: "iss", answer: refused(url.Values{"error": {"access_denied"}, "iss": {"https://evil.example/v2.0"}})},
		{name: "case 14: a script in error_description", code: "sign_in_refused", answer: refused(url.Values{"error": {"access_denied"}, "error_description": {"<script>alert(1)</script>"}})},
		{name: "case 14: a script in error", code: "sign_in_refused", answer: refused(url.Values{"error": {"<script>alert(1)</script>"}})},
		{name: "case 14: a script behind a code", status: http.StatusForbidden, code: "consent_declined", answer: refused(url.Values{"error": {"access_denied"}, "error_description": {"AADSTS65004: <script>alert(1)</script>"}})},
		{name: "case 15: error without a state", code: "sign_in_mismatch", answer: func(v *visitor) page { return v.get("/account/callback?error=access_denied") }},
		{name: "case 15: error with a state that isn't ours", code: "sign_in_expired", answer: func(v *visitor) page { return v.get("/account/callback?error=access_denied&state=x") }},
		{name: "case 16: code twice", code: "sign_in_mismatch", answer: raw("&code=another")},
		{name: "case 16: state twice", code: "sign_in_mismatch", answer: raw("&state=another")},
		{name: "case 16: iss twice", code: "sign_in_mismatch", answer: raw("&iss=a&iss=b")},
		{name: "case 16: a code and an error", code: "sign_in_mismatch", answer: raw("&error=access_denied")},
		{name: "case 16: a query that isn't one", code: "sign_in_mismatch", answer: raw("&%zz")},
		{name: "case 16: a query without end", code: "sign_in_mismatch", answer: raw("&x=" + strings.Repeat("x", 14<<10))},
		{name: "case 17: login CSRF: somebody else's whole answer", code: "sign_in_mismatch", answer: func(v *visitor) page {
			attacker := v.stack.visitor(v.t)
			return v.get("/account/callback?" + attacker.codeFor("bob", attacker.begin("/account/login")).Encode())
		}},
		{name: "an error that Entra would mend by itself", status: http.StatusServiceUnavailable, code: "identity_provider_unavailable", answer: refused(url.Values{"error": {"temporarily_unavailable"}})},
	}
}

func TestSigningIn(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	for _, test := range signInCases() {
		t.Run(test.name, func(t *testing.T) {
			v, asked := s.visitor(t), s.tenant.Count("token")
			got := test.answer(v)
			if test.status == 0 {
				test.status = http.StatusBadRequest
			}
			got.want(t, test.status, test.code)
			if test.check != "" && !strings.Contains(got.body, "<code>"+test.check+"</code>") {
				t.Errorf("the page doesn't name the check %s", test.check)
			}
			if more := s.tenant.Count("token") - asked; more != test.tokens {
				t.Errorf("%d requests to the token endpoint, want %d", more, test.tokens)
			}
			if v.signedIn() {
				t.Error("there is a session")
			}
			if strings.Contains(got.body, "<script") {
				t.Error("the page has a script")
			}
			if test.status == http.StatusMethodNotAllowed && got.header.Get("Allow") != http.MethodGet {
				t.Errorf("Allow is %q", got.header.Get("Allow"))
			}
		})
	}
}

// TestWhatIsAsked: the request to the authorization endpoint.
func TestWhatIsAsked(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	v := s.visitor(t)
	first, second := v.begin("/account/login"), v.begin("/account/login")
	for _, name := range []string{"state", "nonce", "code_challenge", "client-request-id"} {
		if len(first.Get(name)) < 26 || first.Get(name) == second.Get(name) {
			t.Errorf("%s: %q and %q", name, first.Get(name), second.Get(name))
		}
	}
	resource := strings.TrimSuffix(s.settings["WEBUI_API_SCOPE"], "/access_as_user")
	for name, want := range map[string]string{
		"response_type": "code", "code_challenge_method": "S256", "client_id": s.settings["WEBUI_CLIENT_ID"],
		"redirect_uri": s.settings["WEBUI_REDIRECT_URI"], "scope": resource + "/.default openid profile offline_access",
		"claims": `{"access_token":{"xms_cc":{"values":["CP1"]}}}`, "prompt": "select_account",
	} {
		if first.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, first.Get(name), want)
		}
	}
}

// forgetSession deletes the visitor's session cookie.
func (v *visitor) forgetSession() {
	v.setCookies(&http.Cookie{Name: v.stack.sessionCookie(), Path: "/", MaxAge: -1})
}

// idToken signs an ID token for alice with the tenant's key.
func (s *stack) idToken(nonce string, change func(claims map[string]any)) string {
	now := time.Now().Unix()
	alice, _ := s.tenant.Directory().User("alice")
	return s.tenant.Sign(map[string]any{
		"aud": s.settings["WEBUI_CLIENT_ID"], "iss": s.settings["AUTHORITY"] + "/v2.0", "iat": now, "nbf": now, "exp": now + 3600,
		"nonce": nonce, "oid": alice.ID, "tid": s.tenant.Directory().TenantID(), "sub": "subject", "ver": "2.0", "name": "Alice Archer",
		"preferred_username": "alice@devtenant.example",
	}, change)
}

// answerWithIDToken has the token endpoint answer the next code with an ID token.
func answerWithIDToken(s *stack, idToken string) {
	scope := s.settings["WEBUI_API_SCOPE"]
	body, _ := json.Marshal(map[string]any{
		"token_type": "Bearer", "expires_in": 3600, "access_token": s.tenant.AccessToken("alice"),
		"scope":         scope + " " + strings.TrimSuffix(scope, "access_as_user") + ".default openid profile offline_access",
		"refresh_token": "refresh", "id_token": idToken, "client_info": "eyJ1aWQiOiJhIiwidXRpZCI6ImIifQ",
	})
	s.tenant.Faults().Set(devtenant.Fault{
		Name: "id-token", Endpoint: "token:authorization_code", Times: 1, Status: http.StatusOK,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: body,
	})
}

// TestTheForgedAnswerIsGoodOtherwise: what the rows above change is all that is wrong with it.
func TestTheForgedAnswerIsGoodOtherwise(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	v := s.visitor(t)
	asked := v.begin("/account/login")
	answerWithIDToken(s, s.idToken(asked.Get("nonce"), func(map[string]any) {}))
	got := v.get("/account/callback?" + url.Values{"state": {asked.Get("state")}, "code": {"code"}, "iss": {s.settings["AUTHORITY"] + "/v2.0"}}.Encode())
	if got.status != http.StatusSeeOther || !v.signedIn() {
		t.Errorf("%d %s", got.status, got.code())
	}
}
