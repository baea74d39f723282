package e2e

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
)

// TestClaimsChallenge follows continuous access evaluation through the whole chain: Resource Manager refuses a token, the
// API exchanges once more with the claims and then hands them on, the web UI signs the user in again with them, and the
// user is back on the page that they wanted.
func TestClaimsChallenge(t *testing.T) {
	t.Parallel()
	s := start(t)
	alice := newBrowser(t, s, "alice")
	alice.wantList("before", alice.visit("/account/login"))
	s.Tenant.MoveClock(time.Minute) // the sign-in is older than the challenge will be

	throw(t, s, "cae")
	seen := len(s.Tenant.Requests())
	alice.wantList("after the challenge", alice.visit("/?page=2"))
	if got := strings.Join(alice.Pages, " "); got != "sign-in" {
		t.Errorf("the tenant showed %q", got)
	}
	asked := s.Tenant.Requests()
	asked = asked[:len(asked)-seen] // last first
	slices.Reverse(asked)
	var endpoints []string
	for _, request := range asked {
		endpoints = append(endpoints, request.Endpoint)
	}
	want := "subscriptions token:on_behalf_of authorize sign-in authorize token:authorization_code token:on_behalf_of subscriptions"
	if got := strings.Join(endpoints, " "); got != want {
		t.Errorf("the tenant was asked\n%s, want\n%s", got, want)
	}
	// The claims go into the authorization request, and with its code into the token; CP1 goes into each request.
	nbf := regexp.MustCompile(`"nbf":\{[^}]*"value":"\d+"`)
	for _, request := range asked {
		for _, parameter := range request.Parameters {
			if parameter.Name != "claims" || request.Endpoint == "sign-in" {
				continue
			}
			answers := request.Endpoint == "authorize" || request.AADSTS == 50173
			if !strings.Contains(parameter.Value, `"CP1"`) || answers && !nbf.MatchString(parameter.Value) {
				t.Errorf("%s carries the claims %s", request.Endpoint, parameter.Value)
			}
		}
	}
	// All of it is one trace a page: what the browser asked first, and what it asked after it was back.
	for _, endpoint := range []string{"subscriptions", "token:on_behalf_of"} {
		if i := slices.IndexFunc(asked, func(r devtenant.Request) bool { return r.Endpoint == endpoint }); i < 0 || asked[i].Traceparent == "" {
			t.Errorf("%s has no traceparent", endpoint)
		}
	}

	throw(t, s, "cae", devtenant.Times(0))
	signIns := s.Tenant.Count("token:authorization_code")
	got := alice.visit("/")
	alice.wantPage("a second time", got, apperror.StillRefused, -1)
	if trips := s.Tenant.Count("token:authorization_code") - signIns; trips != 1 {
		t.Errorf("she was signed in %d times before the explanation", trips)
	}
	s.Tenant.ClearSwitches()
	alice.wantList("the way back", alice.visit("/"))
}

// TestChallengeOfTheAPI is the API's part of it, as any other client sees it.
func TestChallengeOfTheAPI(t *testing.T) {
	t.Parallel()
	s := start(t)
	token := s.Tenant.AccessToken("alice")
	s.Tenant.MoveClock(time.Minute)
	for _, test := range []struct {
		name, code string
		aadsts     int
		claims     string // a member of what is asked for
	}{
		{"cae", "session_revoked", 50173, "nbf"},
		{"mfa", apperror.MFARequired, 50076, "capolids"},
		{"mfa-enrolment", apperror.MFAEnrolment, 50079, "polids"},
		{"consent-missing", apperror.ConsentRequired, 65001, ""},
		{"blocked", "blocked_by_policy", 53003, ""},
		{"user-disabled", apperror.UserDisabled, 50057, ""},
	} {
		// A claim more makes each a token of its own: what was exchanged for one must not serve for the next.
		token := s.Tenant.AccessToken("alice", func(claims map[string]any) { claims["uti"] = test.name })
		throw(t, s, test.name)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.API.URL+"/subscriptions", nil)
		if err != nil {
			t.Fatal(err)
		}
		if test.name == "cae" {
			token = s.Tenant.AccessToken("alice", func(claims map[string]any) {
				claims["aio"] = "of an older sign-in"
				claims["iat"] = s.Tenant.Now().Add(-time.Hour).Unix()
			})
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		var details struct {
			Code   string `json:"code"`
			AADSTS int    `json:"aadsts"`
		}
		challenge := response.Header.Get("WWW-Authenticate")
		if err := json.Unmarshal(body, &details); err != nil || response.StatusCode != 401 || details.Code != test.code || details.AADSTS != test.aadsts ||
			!strings.HasPrefix(challenge, `Bearer realm="", authorization_uri="`+s.Tenant.BrowserURL()) || !strings.Contains(challenge, `error="insufficient_claims"`) {
			t.Errorf("%s: %d %s\n%s", test.name, response.StatusCode, challenge, body)
		}
		claims := ""
		if match := regexp.MustCompile(`claims="([^"]*)"`).FindStringSubmatch(challenge); match != nil {
			raw, err := base64.StdEncoding.DecodeString(match[1])
			if err != nil {
				t.Errorf("%s: the claims: %v", test.name, err)
			}
			claims = string(raw)
		}
		if (test.claims == "") != (claims == "") || !strings.Contains(claims, test.claims) {
			t.Errorf("%s: the claims are %s", test.name, claims)
		}
		s.Tenant.ClearSwitches()
	}
	if _, err := callAPI(t.Context(), s, token); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestSecondFactor: carol approves and sees her subscriptions; she denies, is told, and may try again.
func TestSecondFactor(t *testing.T) {
	t.Parallel()
	s := start(t)
	carol := newBrowser(t, s, "carol")
	carol.SecondFactor = false
	carol.wantPage("denied", carol.visit("/account/login"), apperror.SignInRefused, 500121)
	carol.wantPage("denied again", carol.visit("/account/login"), apperror.SignInRefused, 500121)
	carol.SecondFactor = true
	got := carol.visit("/account/login")
	carol.wantList("approved", got)
	if got.pages != "sign-in second-factor" {
		t.Errorf("the tenant showed %q", got.pages)
	}
	carol.wantList("and then", carol.visit("/"))
	if len(carol.Pages) != 0 {
		t.Errorf("she was asked again: %q", carol.Pages)
	}
}

// TestConsentDownstream: what is missing is the API's consent, not the web UI's. The user is asked for it, may decline,
// and is back on the page once they accept.
func TestConsentDownstream(t *testing.T) {
	t.Parallel()
	s := start(t)
	grace := newBrowser(t, s, "grace")
	grace.wantList("before", grace.visit("/account/login"))
	throw(t, s, "consent-withdrawn", devtenant.For("grace"))
	if err := s.API.Restart(t.Context(), nil); err != nil { // the token it has would serve until it expires
		t.Fatal(err)
	}
	grace.Consent = false
	grace.wantPage("declined", grace.visit("/"), apperror.ConsentDeclined, 65004)
	grace.Consent = true
	got := grace.visit("/?page=3")
	grace.wantList("accepted", got)
	if got.pages != "consent" || got.path != "/" {
		t.Errorf("the tenant showed %q, and the user is on %s", got.pages, got.path)
	}
}

// TestSwitchesTogether: failures that come one after the other are one visit, and no circle.
func TestSwitchesTogether(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *stack.Options) { quick(o) })
	alice := newBrowser(t, s, "alice")
	for _, name := range []string{"mfa", "consent-withdrawn", "short-lived", "refresh-in"} {
		throw(t, s, name)
	}
	got := alice.visit("/account/login")
	alice.wantList("all at once", got)
	if got.pages != "sign-in consent second-factor" {
		t.Errorf("the tenant showed %q", got.pages)
	}
	for _, name := range []string{"cae", "session-revoked", "arm-hiccup", "rotate-keys"} {
		throw(t, s, name)
	}
	s.Tenant.MoveClock(time.Minute)
	got = alice.visit("/")
	alice.wantList("and more", got)
	if got.pages != "sign-in second-factor" { // of a new session, which has no second factor yet
		t.Errorf("the tenant showed %q", got.pages)
	}
}

// TestChallengesOneByOne: Entra asks a new user for one thing at a time, consent and then a second factor. Each is asked
// once; neither passes for the other one asked in vain.
func TestChallengesOneByOne(t *testing.T) {
	t.Parallel()
	s := start(t)
	alice := newBrowser(t, s, "alice")
	throw(t, s, "consent-missing")
	throw(t, s, "mfa")
	got := alice.visit("/account/login")
	alice.wantList("one by one", got)
	if got.pages != "sign-in consent second-factor" {
		t.Errorf("the tenant showed %q", got.pages)
	}
	throw(t, s, "consent-missing", devtenant.Times(0))
	alice.wantPage("in vain", alice.visit("/account/login"), apperror.StillRefused, 65001)
}
