package app_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
)

// Hop 4: what becomes of a request when Resource Manager answers one way or another.

// hang keeps a request until its sender has given up. It doesn't end the answer then: a sender that is about to close the
// connection may still read it, and would have got half an answer with a good end.
func hang(r *http.Request) {
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

// azureError is an error of Resource Manager's.
func azureError(status int, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		sendJSON(w, status, map[string]any{"error": map[string]string{"code": code, "message": "secret words"}})
	}
}

func TestResourceManagerFails(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		handler  http.HandlerFunc
		status   int
		code     string
		retry    string // Retry-After
		requests int
		hangs    bool
		golden   string
	}{
		{name: "403", handler: azureError(403, "AuthorizationFailed"), status: 403, code: "resource_manager_forbidden", requests: 1, golden: "resource_manager_forbidden"},
		{name: "404", handler: azureError(404, "SubscriptionNotFound"), status: 404, code: "resource_manager_not_found", requests: 1},
		{name: "429 for half a minute", handler: throttle("30"), status: 429, code: "resource_manager_throttled", retry: "30", requests: 1, golden: "resource_manager_throttled"},
		{name: "429 without a time", handler: throttle(""), status: 429, code: "resource_manager_throttled", requests: 3},
		{name: "500", handler: azureError(500, "InternalServerError"), status: 502, code: "resource_manager_unavailable", requests: 3},
		{name: "502 with HTML", handler: answerWith(502, "text/html", "<html>secret words</html>"), status: 502, code: "resource_manager_unavailable", requests: 3},
		{name: "503", handler: azureError(503, "ServerBusy"), status: 503, code: "resource_manager_unavailable", retry: "5", requests: 3},
		{name: "504", handler: azureError(504, "GatewayTimeout"), status: 504, code: "resource_manager_timeout", requests: 3},
		{name: "400", handler: azureError(400, "InvalidApiVersionParameter"), status: 502, code: "resource_manager_malformed", requests: 1},
		{name: "401 without a challenge", handler: azureError(401, "InvalidAuthenticationToken"), status: 502, code: "resource_manager_token_refused", requests: 1},
		{name: "hangs", handler: func(_ http.ResponseWriter, r *http.Request) { hang(r) }, hangs: true, status: 504, code: "resource_manager_timeout", requests: 1, golden: "resource_manager_timeout"},
		{name: "hangs in the middle", handler: func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, `{"value":[`)
			_ = http.NewResponseController(w).Flush()
			hang(r)
		}, hangs: true, status: 504, code: "resource_manager_timeout", requests: 1},
		{name: "cut short", handler: cutShort(`{"value":[{"displayName":"secret words`), status: 502, code: "resource_manager_malformed", requests: 3},
		{name: "breaks off", handler: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, status: 502, code: "resource_manager_unavailable", requests: 3},
		{name: "HTML", handler: answerWith(200, "text/html", "<html>secret words</html>"), status: 502, code: "resource_manager_malformed", requests: 1},
		{name: "nothing", handler: answerWith(200, "application/json", ""), status: 502, code: "resource_manager_malformed", requests: 1},
		{name: "an object without a list", handler: answerWith(200, "application/json", `{"secret words":1}`), status: 502, code: "resource_manager_malformed", requests: 1},
		{name: "a list of something else", handler: answerWith(200, "application/json", `{"value":["secret words"]}`), status: 502, code: "resource_manager_malformed", requests: 1},
		{name: "huge", handler: func(w http.ResponseWriter, _ *http.Request) {
			// Well-formed to the end: what refuses it is its size.
			_, _ = io.WriteString(w, `{"value":[`+strings.Repeat(" ", 4<<20)+`]}`)
		}, status: 502, code: "resource_manager_malformed", requests: 1},
		{name: "a redirect", handler: redirect("/subscriptions?api-version=1"), status: 502, code: "resource_manager_malformed", requests: 1},
		{name: "a list without end", handler: func(w http.ResponseWriter, r *http.Request) {
			sendJSON(w, 200, map[string]any{"value": []any{subscription(1)}, "nextLink": "https://" + r.Host + "/subscriptions?page=next"})
		}, status: 502, code: "resource_manager_endless", requests: 5},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			issuer := newTenant(t)
			issuer.set(func(i *tenant) { i.azureHandler = test.handler })
			api := startAPI(t, issuer, func(cfg *app.Config) {
				// Only what hangs is to run out of time, however busy the machine.
				cfg.Limits.CallTry, cfg.Limits.Call = time.Minute, 2*time.Minute
				if test.hangs {
					cfg.Limits.CallTry = 500 * time.Millisecond
				}
				cfg.Limits.Pages = 5
			})
			got := api.get(t, "Bearer "+issuer.token(nil))
			if problem := got.problem(t); got.status != test.status || problem.Code != test.code {
				t.Fatalf("got %d %s\n%s", got.status, got.body, api.log)
			}
			if retry := got.header.Get("Retry-After"); retry != test.retry {
				t.Errorf("Retry-After is %q, want %q", retry, test.retry)
			}
			if challenge := got.header.Get("WWW-Authenticate"); challenge != "" {
				t.Errorf("WWW-Authenticate is %q: the caller's token is good", challenge)
			}
			if requests := issuer.count("subscriptions"); requests != test.requests {
				t.Errorf("%d requests, want %d", requests, test.requests)
			}
			for _, secret := range []string{"eyJ", "secret words", "the-clients-secret"} {
				if strings.Contains(api.log.String()+got.body, secret) {
					t.Errorf("log or answer hold %q:\n%s\n%s", secret, api.log, got.body)
				}
			}
			if test.golden != "" {
				golden(t, test.golden, got)
			}
		})
	}
}

func TestResourceManagerIsAway(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	api := startAPI(t, issuer, func(cfg *app.Config) {
		settings := settingsFor(t, issuer)
		// Nobody listens on port 1. A port that a server of this test had given back could be another's by now.
		settings["API_RESOURCE_MANAGER_URL"] = "https://127.0.0.1:1"
		cfg.ResourceManagerURL = readConfig(t, settings).ResourceManagerURL
	})
	got := api.get(t, "Bearer "+issuer.token(nil))
	if got.status != http.StatusBadGateway || got.problem(t).Code != "resource_manager_unavailable" {
		t.Errorf("got %d %s", got.status, got.body)
	}
	if !strings.Contains(api.log.String(), "connection refused") {
		t.Errorf("the log doesn't say why: %s", api.log)
	}
}

func TestResourceManagerRecovers(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"503": answerWith(503, "text/plain", "busy"), "429 for a single second": throttle("1"), "cut short": cutShort(`{"value":[`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			issuer := newTenant(t)
			issuer.set(func(i *tenant) {
				i.azureHandler = func(w http.ResponseWriter, r *http.Request) {
					i.set(func(i *tenant) { i.azureHandler = nil })
					handler(w, r)
				}
			})
			api := startAPI(t, issuer, nil)
			api.get(t, "Bearer "+issuer.token(nil)).list(t)
			if got := issuer.count("subscriptions"); got != 2 {
				t.Errorf("%d requests, want 2", got)
			}
		})
	}
}

// TestOneDeadline: each page is fast enough, and all of them together are not.
func TestOneDeadline(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	issuer.set(func(i *tenant) {
		i.azureHandler = func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(150 * time.Millisecond):
			case <-r.Context().Done():
			}
			sendJSON(w, 200, map[string]any{"value": []any{}, "nextLink": "https://" + r.Host + "/subscriptions?page=next"})
		}
	})
	api := startAPI(t, issuer, func(cfg *app.Config) { cfg.Limits.Call = 500 * time.Millisecond })
	got := api.get(t, "Bearer "+issuer.token(nil))
	if got.status != http.StatusGatewayTimeout || got.problem(t).Code != "resource_manager_timeout" {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	issuer.set(func(i *tenant) {
		i.azureHandler = func(w http.ResponseWriter, r *http.Request) {
			page := map[string]string{"": "0", "1": "1", "2": "2"}[r.URL.Query().Get("$skiptoken")]
			first := int(page[0]-'0')*100 + 1
			body := map[string]any{"value": []any{subscription(first), subscription(first + 1)}}
			if page != "2" {
				body["nextLink"] = fmt.Sprintf("https://%s/subscriptions?api-version=2022-12-01&$skiptoken=%d", r.Host, page[0]-'0'+1)
			}
			sendJSON(w, 200, body)
		}
	})
	api := startAPI(t, issuer, nil)
	list := api.get(t, "Bearer "+issuer.token(nil)).list(t)
	names := []string{}
	for _, entry := range list.Value {
		names = append(names, strings.TrimPrefix(fmt.Sprint(entry["displayName"]), "Subscription "))
	}
	if got := strings.Join(names, " "); got != "1 2 101 102 201 202" || list.Count != 6 {
		t.Errorf("the list is %s, count %d", got, list.Count)
	}
	if pages := issuer.count("subscriptions"); pages != 3 || issuer.count("token") != 1 {
		t.Errorf("%d pages, %d exchanges", pages, issuer.count("token"))
	}
}

// TestPagesAreBoundedTogether: each page is small enough, and all of them together are not.
func TestPagesAreBoundedTogether(t *testing.T) {
	t.Parallel()
	const page, pages = 10_000, 4
	for name, test := range map[string]struct{ limit, status, requests int }{
		"as much as is read": {page * pages, http.StatusOK, pages},
		"one byte more":      {page*pages - 1, http.StatusBadGateway, pages},
		"a page more":        {page*pages - page - 1, http.StatusBadGateway, pages - 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			issuer := newTenant(t)
			issuer.set(func(i *tenant) {
				i.azureHandler = func(w http.ResponseWriter, r *http.Request) {
					body := `{"value":[]}`
					if n := issuer.count("subscriptions"); n < pages {
						body = fmt.Sprintf(`{"value":[],"nextLink":"https://%s/subscriptions?page=%d"}`, r.Host, n)
					}
					_, _ = io.WriteString(w, body+strings.Repeat(" ", page-len(body)))
				}
			})
			api := startAPI(t, issuer, func(cfg *app.Config) { cfg.Limits.ListBytes = test.limit })
			got := api.get(t, "Bearer "+issuer.token(nil))
			if got.status != test.status || issuer.count("subscriptions") != test.requests {
				t.Errorf("got %d after %d pages, want %d after %d: %s", got.status, issuer.count("subscriptions"), test.status, test.requests, got.body)
			}
			if got.status != http.StatusOK && got.problem(t).Code != "resource_manager_endless" {
				t.Errorf("got %s", got.body)
			}
		})
	}
}

func TestNoSubscriptionsIsAnEmptyList(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	issuer.set(func(i *tenant) { i.azureHandler = answerWith(200, "application/json", `{"value":[]}`) })
	api := startAPI(t, issuer, nil)
	if got := api.get(t, "Bearer "+issuer.token(nil)); got.status != 200 || strings.TrimSpace(got.body) != `{"value":[],"count":0}` {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

// TestForeignNextLink: the user's token goes to Resource Manager's own host or nowhere.
func TestForeignNextLink(t *testing.T) {
	t.Parallel()
	var foreign atomic.Int32
	other := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		foreign.Add(1)
		sendSubscriptions(w, nil)
	}))
	t.Cleanup(other.Close)
	otherHost := strings.TrimPrefix(other.URL, "https://")
	for name, link := range map[string]func(own string) string{
		"another host":          func(string) string { return other.URL + "/subscriptions" },
		"plain http":            func(own string) string { return "http://" + own + "/subscriptions" },
		"ours as the user":      func(own string) string { return "https://" + own + "@" + otherHost + "/subscriptions" },
		"ours as a subdomain":   func(own string) string { return "https://" + own + ".example/subscriptions" },
		"without a scheme":      func(string) string { return "//" + otherHost + "/subscriptions" },
		"no address":            func(string) string { return "::::" },
		"another port":          func(string) string { return "https://127.0.0.1:1/subscriptions" },
		"the metadata endpoint": func(string) string { return "http://169.254.169.254/metadata" },
	} {
		t.Run(name, func(t *testing.T) {
			issuer := newTenant(t)
			issuer.set(func(i *tenant) {
				i.azureHandler = func(w http.ResponseWriter, r *http.Request) {
					sendJSON(w, 200, map[string]any{"value": []any{subscription(1)}, "nextLink": link(r.Host)})
				}
			})
			api := startAPI(t, issuer, nil)
			got := api.get(t, "Bearer "+issuer.token(nil))
			if got.status != http.StatusBadGateway || got.problem(t).Code != "resource_manager_malformed" {
				t.Errorf("got %d %s", got.status, got.body)
			}
			if issuer.count("subscriptions") != 1 || foreign.Load() != 0 {
				t.Errorf("%d requests here, %d there", issuer.count("subscriptions"), foreign.Load())
			}
		})
	}
}

const caeClaims = `{"access_token":{"nbf":{"essential":true,"value":"1726077595"},"xms_caeerror":{"value":"10012"}}}`

// challengeUnless answers 401 with a claims challenge, unless token B was asked for with claims.
func challengeUnless(i *tenant) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if payloadOf(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))["meets"] == true {
			sendSubscriptions(w, r)
			return
		}
		w.Header().Set("WWW-Authenticate", `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", `+
			`client_id="x", error="insufficient_claims", claims="`+base64.StdEncoding.EncodeToString([]byte(caeClaims))+`"`)
		sendJSON(w, 401, map[string]any{"error": map[string]string{"code": "InvalidAuthenticationToken"}})
	}
}

func TestClaimsChallengeIsMetByTheExchange(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	issuer.set(func(i *tenant) {
		i.azureHandler = challengeUnless(i)
		i.tokenHandler = func(w http.ResponseWriter, r *http.Request) {
			meets := strings.Contains(r.PostForm.Get("claims"), "xms_caeerror") && strings.Contains(r.PostForm.Get("claims"), "CP1")
			sendTokenB(w, r, tokenB(aliceOID, map[string]any{"meets": meets}), nil)
		}
	})
	api := startAPI(t, issuer, nil)
	token := "Bearer " + issuer.token(nil)
	api.get(t, token).list(t)
	if issuer.count("token") != 2 || issuer.count("subscriptions") != 2 {
		t.Errorf("%d exchanges, %d calls; want one each, and one more each with the claims", issuer.count("token"), issuer.count("subscriptions"))
	}
	for range 3 {
		api.get(t, token).list(t)
	}
	if issuer.count("token") != 2 || issuer.count("subscriptions") != 5 {
		t.Errorf("%d exchanges, %d calls: the token that meets the claims is not used again", issuer.count("token"), issuer.count("subscriptions"))
	}
}

func TestClaimsChallengeReachesTheCaller(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		token  http.HandlerFunc // the answer to the exchange with claims
		code   string
		claims string
	}{
		{"the exchange succeeds and Resource Manager still refuses", nil, "insufficient_claims", caeClaims},
		{"the exchange is refused with claims", refusal(400, 50076, "interaction_required", "basic_action", mfaClaims), "mfa_required", mfaClaims},
		{"the exchange is refused without claims", refusal(400, 50173, "invalid_grant", "bad_token", ""), "session_revoked", caeClaims},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			issuer := newTenant(t)
			issuer.set(func(i *tenant) {
				i.azureHandler = challengeUnless(i)
				i.tokenHandler = func(w http.ResponseWriter, r *http.Request) {
					if test.token != nil && strings.Contains(r.PostForm.Get("claims"), "xms_caeerror") {
						test.token(w, r)
						return
					}
					i.sendToken(w, r)
				}
			})
			api := startAPI(t, issuer, nil)
			token := "Bearer " + issuer.token(nil)
			got := api.get(t, token)
			if got.status != http.StatusUnauthorized || got.problem(t).Code != test.code {
				t.Fatalf("got %d %s", got.status, got.body)
			}
			checkClaimsChallenge(t, issuer, got, test.claims, false)
			if issuer.count("token") != 2 {
				t.Errorf("%d exchanges, want one and one with the claims", issuer.count("token"))
			}
			if test.token == nil {
				golden(t, "insufficient_claims", answer{header: scrubbed(got.header, issuer), body: got.body})
				api.get(t, token)
				if issuer.count("token") != 2 {
					t.Error("each request asks Entra again for a token that it has")
				}
			}
		})
	}
}

func TestBrokenClaimsChallenges(t *testing.T) {
	t.Parallel()
	b64 := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	for name, challenge := range map[string]string{
		"not base64":        `Bearer error="insufficient_claims", claims="%%%"`,
		"not JSON":          `Bearer error="insufficient_claims", claims="` + b64("secret words") + `"`,
		"not an object":     `Bearer error="insufficient_claims", claims="` + b64("[1]") + `"`,
		"no claims":         `Bearer error="insufficient_claims"`,
		"another scheme":    `PoP error="insufficient_claims", claims="` + b64(caeClaims) + `"`,
		"an unclosed quote": `Bearer error="insufficient_claims", claims="` + b64(caeClaims),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			issuer := newTenant(t)
			issuer.set(func(i *tenant) {
				i.azureHandler = func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("WWW-Authenticate", challenge)
					w.WriteHeader(401)
				}
			})
			api := startAPI(t, issuer, nil)
			got := api.get(t, "Bearer "+issuer.token(nil))
			if got.status == http.StatusOK || got.header.Get("WWW-Authenticate") != "" {
				t.Errorf("got %d, challenge %q", got.status, got.header.Get("WWW-Authenticate"))
			}
			if got.status != http.StatusBadGateway {
				t.Errorf("status %d %s", got.status, got.body)
			}
			if strings.Contains(got.body+api.log.String(), "secret words") {
				t.Error("the claims are in the log or the answer")
			}
		})
	}
}

// TestARefusedTokenIsForgotten: the next request exchanges anew instead of showing the same token again for an hour.
func TestARefusedTokenIsForgotten(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	api := startAPI(t, issuer, nil)
	token := "Bearer " + issuer.token(nil)
	api.get(t, token).list(t)
	issuer.set(func(i *tenant) {
		i.azureHandler = answerWith(401, "application/json", `{"error":{"code":"ExpiredAuthenticationToken"}}`)
	})
	if got := api.get(t, token); got.status != http.StatusBadGateway {
		t.Errorf("got %d", got.status)
	}
	issuer.set(func(i *tenant) { i.azureHandler = nil })
	api.get(t, token).list(t)
	if got := issuer.count("token"); got != 2 {
		t.Errorf("%d exchanges, want a second one after the refusal", got)
	}
}

func TestTheCallerLeaves(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	asked, left := make(chan struct{}), make(chan struct{})
	issuer.set(func(i *tenant) {
		i.azureHandler = func(_ http.ResponseWriter, r *http.Request) {
			close(asked)
			<-r.Context().Done() // the API ends its call when its caller has gone
			close(left)
		}
	})
	api := startAPI(t, issuer, nil)
	ctx, leave := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, api.url+"/subscriptions", nil)
		if err != nil {
			return
		}
		request.Header.Set("Authorization", "Bearer "+issuer.token(nil))
		_, _ = http.DefaultTransport.RoundTrip(request)
	}()
	<-asked
	leave()
	<-left
	<-done
	if got := issuer.count("subscriptions"); got != 1 {
		t.Errorf("%d requests for a caller who left", got)
	}
	waitFor(t.Context(), t, func() bool { return strings.Contains(api.log.String(), "status=499") })
	if log := api.log.String(); strings.Contains(log, "level=ERROR") {
		t.Errorf("that a caller leaves is no error of the API's: %s", log)
	}
}
