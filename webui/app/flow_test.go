package app_test

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
)

func TestEachUserSeesTheirOwn(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	for user, want := range map[string]struct {
		rows int
		says string
	}{
		"alice": {3, "Contoso production"},
		"bob":   {0, "you have no role on any subscription"},
		"dave":  {1, "Dave"},
		"frank": {0, "you are a guest here"},
		"grace": {25, "250 subscriptions"},
	} {
		t.Run(user, func(t *testing.T) {
			got := s.browser(t).signIn(user)
			if got.status != http.StatusOK || got.rows() != want.rows && want.rows != 1 || !strings.Contains(got.body, want.says) {
				t.Errorf("%d, %d rows of %d, %s", got.status, got.rows(), want.rows, got.code())
			}
		})
	}
}

func TestConsentOnce(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	dave := s.browser(t)
	for i, want := range []string{"sign-in consent", "sign-in"} {
		if got := dave.signIn("dave"); got.status != http.StatusOK {
			t.Fatalf("%d %s", got.status, got.code())
		}
		if pages := strings.Join(dave.Pages, " "); pages != want {
			t.Errorf("sign-in %d showed %q, want %q", i+1, pages, want)
		}
		dave.signOut()
	}
}

func TestDecliningConsent(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	dave := s.browser(t)
	dave.Consent = false
	dave.signIn("dave").want(t, http.StatusForbidden, "consent_declined")
	dave.Consent = true
	if got := dave.signIn("dave"); got.rows() < 0 {
		t.Errorf("the way back: %d %s", got.status, got.code())
	}
}

// TestSecondFactor is the whole chain of a claims challenge: the exchange asks, the API answers 401, the web UI signs the
// user in again with the claims, and the page is there.
func TestSecondFactor(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	carol := s.browser(t)
	got := carol.signIn("carol")
	if got.rows() < 0 || got.url != s.url+"/" {
		t.Fatalf("%s: %d %s", got.url, got.status, got.code())
	}
	if pages := strings.Join(carol.Pages, " "); pages != "sign-in second-factor" {
		t.Errorf("pages: %s", pages)
	}
	if again := carol.open("/"); again.rows() < 0 {
		t.Errorf("the second page: %d %s", again.status, again.code())
	}
}

func TestSecondFactorDenied(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	carol := s.browser(t)
	carol.SecondFactor = false
	got := carol.signIn("carol")
	if got.code() == "" || got.status >= 500 {
		t.Fatalf("%s: %d %s", got.url, got.status, got.body)
	}
	carol.SecondFactor = true
	if got := carol.as("carol"); got.rows() < 0 {
		t.Errorf("the way back: %d %s", got.status, got.code())
	}
}

// TestCountedRequests: what a sign-in and a hundred pages cost at Entra.
func TestCountedRequests(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	alice := s.browser(t)
	alice.signIn("alice")
	for range 20 {
		if got := alice.open("/"); got.rows() != 3 {
			t.Fatalf("%d %s", got.status, got.code())
		}
	}
	for endpoint, want := range map[string]int{
		"token:authorization_code": 1, "token:refresh_token": 0,
		"discovery": 2, "keys": 2, // once for each tier
	} {
		if got := s.tenant.Count(endpoint); got != want {
			t.Errorf("%s: %d requests, want %d", endpoint, got, want)
		}
	}
	for resource, count := range s.exchanges() {
		if count != 1 {
			t.Errorf("%d exchanges for %s, want 1", count, resource)
		}
	}
	if len(s.exchanges()) == 0 {
		t.Error("no token was exchanged")
	}
}

// exchanges counts the exchanges on behalf of users, by what they were for.
func (s *stack) exchanges() map[string]int {
	counts := map[string]int{}
	for _, request := range s.tenant.Requests() {
		if request.Endpoint == "token:on_behalf_of" {
			counts[request.Scope]++
		}
	}
	return counts
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	alice := s.browser(t)
	alice.signIn("alice")
	got := alice.signOut()
	// The tenant's page tells the other applications, and goes on to where the application asked.
	if got.status != http.StatusOK || s.tenant.Count("logout") != 1 || !strings.Contains(got.body, s.url+"/") {
		t.Errorf("%s: %d", got.url, got.status)
	}
	if got := alice.open("/"); !got.isSignedOut() {
		t.Errorf("afterwards: %d, %d rows", got.status, got.rows())
	}
}

func TestFrontChannelSignOut(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	alice := s.browser(t)
	alice.signIn("alice")
	frame, err := url.Parse(frontChannelOf(t, alice))
	if err != nil || frame.Path != "/account/frontchannel-logout" {
		t.Fatal(frame, err)
	}
	stranger := s.visitor(t) // Entra's frame sends no cookie of ours
	for name, change := range map[string]func(url.Values){
		"no sid":         func(q url.Values) { q.Del("sid") },
		"no iss":         func(q url.Values) { q.Del("iss") },
		"another issuer": func(q url.Values) { q.Set("iss", "https://login.example/v2.0") },
		"sid twice":      func(q url.Values) { q.Add("sid", "another") },
	} {
		query := frame.Query()
		change(query)
		if got := stranger.get(frame.Path + "?" + query.Encode()); got.status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	if got := alice.open("/"); got.rows() != 3 {
		t.Fatalf("a request that was refused signed the user out: %d", got.status)
	}
	got := stranger.get(frame.RequestURI())
	if got.status != http.StatusOK || !strings.Contains(got.header.Get("Content-Security-Policy"), "frame-ancestors "+s.tenant.BrowserURL()) {
		t.Errorf("%d, %s", got.status, got.header.Get("Content-Security-Policy"))
	}
	if got := alice.open("/"); !got.isSignedOut() {
		t.Errorf("the session is still there: %d", got.status)
	}
}

// frontChannelOf signs the user out at the tenant, as from another application, and returns what its page opens in a frame.
func frontChannelOf(t *testing.T, b *browser) string {
	t.Helper()
	tenant := b.stack.tenant
	got := b.read(b.Get(t.Context(), tenant.BrowserURL()+"/"+tenant.Directory().TenantID()+"/oauth2/v2.0/logout"))
	match := regexp.MustCompile(`<iframe[^>]*src="([^"]+)"`).FindStringSubmatch(got.body)
	if match == nil {
		t.Fatalf("the tenant's sign-out page has no frame: %s", got.body)
	}
	return html.UnescapeString(match[1])
}

// TestRestart: a restart of the web UI in mid-session costs the user no error and no page.
func TestRestart(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	alice := s.browser(t)
	alice.signIn("alice")
	s.startWebUI(t, nil)
	if got := alice.open("/"); got.rows() != 3 || got.url != s.url+"/" {
		t.Errorf("%s: %d %s", got.url, got.status, got.code())
	}
	if len(alice.Pages) != 1 {
		t.Errorf("pages since the sign-in: %q", alice.Pages)
	}
}

// TestRestartAndSignedOutAtEntra: the silent trip ends without a user, and that is the signed-out page, once.
func TestRestartAndSignedOutAtEntra(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	alice := s.browser(t)
	alice.signIn("alice")
	s.startWebUI(t, nil)
	if err := s.tenant.RevokeSessions("alice"); err != nil {
		t.Fatal(err)
	}
	before := s.tenant.Count("authorize")
	for i := range 3 {
		if got := alice.open("/"); !got.isSignedOut() {
			t.Errorf("visit %d: %d %s", i+1, got.status, got.code())
		}
	}
	if trips := s.tenant.Count("authorize") - before; trips != 1 {
		t.Errorf("%d trips to Entra, want 1", trips)
	}
}

// TestRecordsThatVanish: a store that keeps nothing, as when it is far too small, leads to the signed-out page and never
// in a circle.
func TestRecordsThatVanish(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{config: func(cfg *app.Config) { cfg.Sessions = forgetful{memory()} }})
	alice := s.browser(t)
	if got := alice.signIn("alice"); !got.isSignedOut() {
		t.Errorf("%s: %d %s", got.url, got.status, got.code())
	}
	if trips := s.tenant.Count("authorize"); trips > 4 {
		t.Errorf("%d trips to Entra", trips)
	}
}

// TestCase33TwoTabs: both that sign in at once succeed.
func TestCase33TwoTabs(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	v := s.visitor(t)
	first, second := v.begin("/account/login"), v.begin("/account/login")
	for i, asked := range []map[string][]string{second, first} {
		if got := v.get("/account/callback?" + v.codeFor("alice", asked).Encode()); got.status != http.StatusSeeOther {
			t.Errorf("tab %d: %d %s", i+1, got.status, got.code())
		}
	}
	if got := v.get("/"); got.rows() != 3 {
		t.Errorf("afterwards: %d", got.status)
	}
}

// shortLived makes the tenant give out access tokens that MSAL takes for expired.
func shortLived(s *stack) {
	s.tenant.Faults().Set(devtenant.Fault{Name: "short", Endpoint: "token:authorization_code", Times: 1, Lifetime: 4 * time.Minute})
}

// TestOneRenewal: of fifty requests at once one renews the token.
func TestOneRenewal(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	v := s.visitor(t)
	shortLived(s)
	v.signIn("alice")
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if got := v.get("/"); got.rows() != 3 {
				t.Errorf("%d %s", got.status, got.code())
			}
		})
	}
	group.Wait()
	if got := s.tenant.Count("token:refresh_token"); got != 1 {
		t.Errorf("%d renewals, want 1", got)
	}
}

// TestTokenGoesOnServing: a token that should be renewed and can't be serves as long as it is good, and the provider that
// is down isn't asked by each page.
func TestTokenGoesOnServing(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	s.tenant.Faults().Set(devtenant.Fault{Name: "refresh-in", Endpoint: "token:authorization_code", Times: 1, RefreshIn: time.Second})
	v := s.visitor(t)
	v.signIn("alice")
	s.tenant.Faults().Set(devtenant.Fault{Name: "down", Endpoint: "token:refresh_token", Status: http.StatusServiceUnavailable})
	eventually(t, "the time to renew", func() bool {
		if got := v.get("/"); got.rows() != 3 {
			t.Fatalf("%d %s", got.status, got.code())
		}
		return s.tenant.Count("token:refresh_token") > 0
	})
	asked := s.tenant.Count("token:refresh_token")
	for range 10 {
		if got := v.get("/"); got.rows() != 3 {
			t.Errorf("%d %s", got.status, got.code())
		}
	}
	if more := s.tenant.Count("token:refresh_token") - asked; more != 0 {
		t.Errorf("ten pages asked the provider %d times", more)
	}
}

// TestCase44ManyUsers: fifty browsers at once, and nobody sees what is another's.
func TestCase44ManyUsers(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	users := map[string]string{"alice": "Alice Archer", "bob": "Bob Baker", "carol": "Carol", "dave": "Dave", "frank": "Frank"}
	var group sync.WaitGroup
	for user, name := range users {
		for range 10 {
			group.Go(func() {
				b := s.browser(t)
				for i := range 3 {
					got := b.as(user)
					if i == 0 {
						got = b.signIn(user)
					}
					body := got.body
					if !strings.Contains(body, name) {
						t.Errorf("%s: their name isn't on the page", user)
					}
					for other, otherName := range users {
						if other != user && strings.Contains(body, otherName) {
							t.Errorf("%s sees %s", user, other)
						}
					}
				}
			})
		}
	}
	group.Wait()
}

// memory is a backend with room enough.
func memory() *store.Memory { return store.NewMemory(store.MemoryOptions{}) }

// forgetful is a backend that keeps nothing.
type forgetful struct{ store.Store }

func (forgetful) Get(context.Context, string, time.Duration) ([]byte, error) {
	return nil, store.ErrNotFound
}

// TestReturnPathThroughASignIn: it is kept on the server, and the callback's own parameters have no say in it.
func TestReturnPathThroughASignIn(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	for asked, want := range map[string]string{"/?here=1": "/?here=1", "//evil.example": "/"} {
		v := s.visitor(t)
		answer := v.codeFor("alice", v.begin("/account/login?return_to="+url.QueryEscape(asked)))
		answer.Set("return_to", "https://evil.example")
		got := v.get("/account/callback?" + answer.Encode())
		if got.status != http.StatusSeeOther || got.header.Get("Location") != want {
			t.Errorf("%s: %d to %q", asked, got.status, got.header.Get("Location"))
		}
	}
}
