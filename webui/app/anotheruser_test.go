package app_test

import (
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// TestASilentSignInAsAnotherUserSignsNobodyIn: Entra takes whoever is signed in there; the user whose record was lost must
// not find themselves to be that one.
func TestASilentSignInAsAnotherUserSignsNobodyIn(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	for user, want := range map[string]bool{"alice": true, "bob": false} {
		t.Run(user, func(t *testing.T) {
			v := s.visitor(t)
			v.signIn("alice")
			s.startWebUI(t, nil)
			asked := v.begin("/?page=2")
			if asked.Get("prompt") != "none" {
				t.Fatalf("prompt is %q", asked.Get("prompt"))
			}
			asked.Del("prompt") // the tests' way to sign in at the tenant
			got := v.get("/account/callback?" + v.codeFor(user, asked).Encode())
			if got.status != http.StatusSeeOther || (got.header.Get("Location") == "/?page=2") != want {
				t.Errorf("%d to %q", got.status, got.header.Get("Location"))
			}
			if got := v.get("/"); got.isSignedOut() == want {
				t.Errorf("then: %d, %d rows", got.status, got.rows())
			}
		})
	}
}

// TestAnsweringAChallengeAsAnotherUserStartsOver: whoever chooses another account at Entra is that user from then on, on
// the start page and not on the one that the first user was on.
func TestAnsweringAChallengeAsAnotherUserStartsOver(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{api: problemOfAPI(401, "mfa_required", "WWW-Authenticate", claimsOf(base64.StdEncoding.EncodeToString([]byte(wantedClaims))))})
	v := s.visitor(t)
	v.signIn("alice")
	alices := v.sessionCookie()
	asked := v.begin("/?page=2")
	got := v.get("/account/callback?" + v.codeFor("bob", asked).Encode())
	if got.status != http.StatusSeeOther || got.header.Get("Location") != "/" {
		t.Fatalf("%d to %q", got.status, got.header.Get("Location"))
	}
	if asked := v.begin("/"); asked.Get("login_hint") != "bob@devtenant.example" { // his first challenge
		t.Errorf("login_hint is %q", asked.Get("login_hint"))
	}
	former := s.visitor(t)
	former.setCookies(alices)
	if asked := former.begin("/"); asked.Get("prompt") != "none" {
		t.Error("alice's session is still there")
	}
}

// TestAnAccountThatIsGoneIsAskedForOnce: the page that says so is also the end of the session.
func TestAnAccountThatIsGoneIsAskedForOnce(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	v := s.visitor(t)
	shortLived(s)
	v.signIn("alice")
	s.tenant.Faults().Set(devtenant.Fault{Name: "end", Endpoint: "token:refresh_token", AADSTS: 50057})
	v.get("/").want(t, http.StatusUnauthorized, "user_disabled")
	for range 2 {
		if got := v.get("/"); !got.isSignedOut() {
			t.Errorf("then: %d %s", got.status, got.code())
		}
	}
	if got := s.tenant.Count("token:refresh_token"); got != 1 {
		t.Errorf("Entra was asked %d times", got)
	}
}

// TestOddClaimsDontCostTheSession: Entra asks for claims that no address can be made of.
func TestOddClaimsDontCostTheSession(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	v := s.visitor(t)
	shortLived(s)
	v.signIn("alice")
	s.tenant.Faults().Set(devtenant.Fault{
		Name: "odd", Endpoint: "token:refresh_token", Times: 1, Status: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/json"}},
		Body: []byte(`{"error":"interaction_required","error_codes":[50076],"claims":"{\"access_token\":1}"}`),
	})
	v.get("/").want(t, http.StatusBadGateway, "identity_provider_malformed")
	if got := v.get("/"); got.rows() != 3 {
		t.Errorf("then: %d %s", got.status, got.code())
	}
}
