package app_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/clocktest"
)

// Cases that users of such applications ran into, by the numbers of the list of field cases: the reported input first, then others
// of its kind.

// TestFieldCase01RevokedSession: whatever form a claims challenge has, the exchange is asked once more with the claims.
func TestFieldCase01RevokedSession(t *testing.T) {
	t.Parallel()
	encoded := base64.StdEncoding.EncodeToString([]byte(caeClaims))
	for name, challenge := range map[string]string{
		"as Resource Manager was recorded": `Bearer authorization_uri="https://login.windows.net/", error="invalid_token", error_description="User session has been revoked", claims="` + encoded + `"`,
		"case 02: without padding":         `Bearer error="insufficient_claims", claims="` + strings.TrimRight(encoded, "=") + `"`,
		"in the URL alphabet":              `Bearer error="invalid_token", claims="` + base64.RawURLEncoding.EncodeToString([]byte(caeClaims)) + `"`,
		"behind another scheme":            `PoP nonce="x", Bearer error="insufficient_claims", claims="` + encoded + `"`,
		"without an error":                 `Bearer claims="` + encoded + `"`,
	} {
		for _, met := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, met: %t", name, met), func(t *testing.T) {
				t.Parallel()
				issuer := newTenant(t)
				issuer.set(func(i *tenant) {
					i.azureHandler = func(w http.ResponseWriter, r *http.Request) {
						if payloadOf(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))["meets"] == true {
							sendSubscriptions(w, r)
							return
						}
						w.Header().Set("X-Ms-Failure-Cause", "gateway")
						w.Header().Set("WWW-Authenticate", challenge)
						sendJSON(w, 401, map[string]any{"error": map[string]string{"code": "AuthenticationFailed"}})
					}
					i.tokenHandler = func(w http.ResponseWriter, r *http.Request) {
						meets := met && strings.Contains(r.PostForm.Get("claims"), "xms_caeerror")
						sendTokenB(w, r, tokenB(aliceOID, map[string]any{"meets": meets}), nil)
					}
				})
				api := startAPI(t, issuer, nil)
				got := api.get(t, "Bearer "+issuer.token(nil))
				if issuer.count("token") != 2 {
					t.Errorf("%d exchanges, want one, and one with the claims", issuer.count("token"))
				}
				if met {
					got.list(t)
					return
				}
				if got.status != http.StatusUnauthorized || got.problem(t).Code != "insufficient_claims" {
					t.Fatalf("got %d %s", got.status, got.body)
				}
				checkClaimsChallenge(t, issuer, got, caeClaims, false)
			})
		}
	}
}

// TestFieldCase03NoClaimsOfAzure: what is no claims request never reaches the exchange.
func TestFieldCase03NoClaimsOfAzure(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ claims, code string }{
		"null":              {"null", "resource_manager_token_refused"},
		"a list":            {"[]", "resource_manager_token_refused"},
		"a text":            {`"x"`, "resource_manager_token_refused"},
		"an object of null": {`{"access_token":null}`, "resource_manager_token_refused"},
		"an object of text": {`{"access_token":"x"}`, "resource_manager_token_refused"},
		"not JSON":          {"{", "resource_manager_token_refused"},
		"far too many":      {policies(400), "claims_unusable"},
	} {
		for _, oauth := range []string{"insufficient_claims", "invalid_token"} {
			t.Run(name+" with "+oauth, func(t *testing.T) {
				t.Parallel()
				issuer := newTenant(t)
				issuer.set(func(i *tenant) {
					i.azureHandler = func(w http.ResponseWriter, _ *http.Request) {
						w.Header().Set("WWW-Authenticate", `Bearer realm="", error="`+oauth+`", claims="`+base64.StdEncoding.EncodeToString([]byte(test.claims))+`"`)
						sendJSON(w, 401, map[string]any{"error": map[string]string{"code": "InvalidAuthenticationToken"}})
					}
				})
				got := startAPI(t, issuer, nil).get(t, "Bearer "+issuer.token(nil))
				if got.status != http.StatusBadGateway || got.problem(t).Code != test.code || issuer.count("token") != 1 {
					t.Errorf("got %d %s after %d exchanges", got.status, got.body, issuer.count("token"))
				}
			})
		}
	}
}

// policies returns a claims request as a tenant with n Conditional Access policies sends it.
func policies(n int) string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf(`"%08x-1111-4111-8111-%012x"`, i, i)
	}
	return `{"access_token":{"capolids":{"essential":true,"values":[` + strings.Join(ids, ",") + `]}}}`
}

// TestFieldCase03and04ClaimsOfTheExchange: claims travel whole, or it is said that they can't; what is no claims request is none.
func TestFieldCase03and04ClaimsOfTheExchange(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, claims, travels string
	}{
		{"38 policies", policies(38), policies(38)},
		{"100 policies", policies(100), policies(100)},
		{"far too many", policies(400), "too long"},
		{"null", "null", ""},
		{"a list", "[]", ""},
		{"a text", `"x"`, ""},
		{"an object of nothing", `{"access_token":null}`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			issuer := newTenant(t)
			issuer.set(func(i *tenant) { i.tokenHandler = refusal(400, 50076, "invalid_grant", "basic_action", test.claims) })
			api := startAPI(t, issuer, nil)
			got := api.get(t, "Bearer "+issuer.token(nil))
			if test.travels != "too long" {
				if got.status != http.StatusUnauthorized || got.problem(t).Code != "mfa_required" {
					t.Fatalf("got %d %s", got.status, got.body)
				}
				checkClaimsChallenge(t, issuer, got, test.travels, true)
				return
			}
			if got.status != http.StatusBadGateway || got.problem(t).Code != "claims_unusable" || got.header.Get("WWW-Authenticate") != "" {
				t.Errorf("got %d %s", got.status, got.body)
			}
		})
	}
}

// TestFieldCase05and06NumbersByHop: a number has the row of the exchange, and nobody is sent to sign in where that can't help.
func TestFieldCase05and06NumbersByHop(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		number       int
		oauth        string
		status       int
		code         string
		trip, secret bool
	}{
		{500011, "invalid_resource", 502, "unknown_downstream", false, false},
		{70011, "invalid_scope", 502, "downstream_scope", false, false},
		{650057, "invalid_client", 502, "downstream_scope", false, false},
		{90094, "invalid_grant", 403, "admin_consent_required", false, false},
		{90095, "invalid_grant", 403, "admin_consent_required", false, false},
		{50105, "invalid_grant", 403, "user_not_assigned", false, false},
		{500208, "invalid_grant", 403, "account_of_another_tenant", false, false},
		{50020, "invalid_grant", 403, "account_of_another_tenant", false, false},
		{500212, "invalid_grant", 403, "account_of_another_tenant", false, false},
		{500213, "interaction_required", 403, "account_of_another_tenant", false, false},
		{65001, "invalid_grant", 401, "consent_required", true, false},
	} {
		t.Run(fmt.Sprint(test.number), func(t *testing.T) {
			t.Parallel()
			issuer := newTenant(t)
			issuer.set(func(i *tenant) { i.tokenHandler = refusal(400, test.number, test.oauth, "", "") })
			got := startAPI(t, issuer, nil).get(t, "Bearer "+issuer.token(nil))
			problem := got.problem(t)
			if got.status != test.status || problem.Code != test.code || problem.AADSTS != test.number {
				t.Errorf("got %d %s", got.status, got.body)
			}
			if trip := got.header.Get("WWW-Authenticate") != ""; trip != test.trip {
				t.Errorf("the caller is sent to sign its user in: %t", trip)
			}
			if strings.Contains(got.body, "WEBUI_API_SCOPE") || strings.Contains(problem.Hint, "claims") {
				t.Errorf("the advice is about something else: %s", problem.Hint)
			}
		})
	}
}

// TestFieldCase07Leniency: a page is read wherever the SDK reads it.
func TestFieldCase07Leniency(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a byte order mark":      "\xef\xbb\xbf" + `{"value":[{"displayName":"a"}]}`,
		"white space around":     "\r\n " + `{"value":[{"displayName":"a"}]}` + "\n\n",
		"a mark and white space": "\xef\xbb\xbf\n" + `{"value":[{"displayName":"a"}], "nextLink": null}`,
		"an empty link":          `{"value":[{"displayName":"a"}],"nextLink":""}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			issuer := newTenant(t)
			issuer.set(func(i *tenant) { i.azureHandler = answerWith(200, "application/json", body) })
			if list := startAPI(t, issuer, nil).get(t, "Bearer "+issuer.token(nil)).list(t); list.Count != 1 {
				t.Errorf("%d entries", list.Count)
			}
		})
	}
}

// TestFieldCase10SpareBits: one token has one text.
func TestFieldCase10SpareBits(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	api := startAPI(t, issuer, nil)
	good := issuer.token(nil)
	api.get(t, "Bearer "+good).list(t)
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	parts := strings.Split(good, ".")
	tried := 0
	for part, text := range parts {
		spare := len(text) * 6 % 8 // bits of the last character that belong to no byte
		last := strings.IndexByte(alphabet, text[len(text)-1])
		for other := range 1 << spare {
			variant := append([]string{}, parts...)
			variant[part] = text[:len(text)-1] + string(alphabet[last&^(1<<spare-1)|other])
			if variant[part] == text {
				continue
			}
			tried++
			if got := api.get(t, "Bearer "+strings.Join(variant, ".")); got.status != http.StatusUnauthorized {
				t.Errorf("part %d with spare bits %b: %d", part, other, got.status)
			}
		}
	}
	for _, variant := range []string{good + "=", strings.Replace(good, ".", "=.", 1), good + "\n"} {
		tried++
		if got := api.get(t, "Bearer "+strings.TrimRight(variant, "\n")+strings.Repeat("=", strings.Count(variant, "\n"))); got.status == http.StatusOK {
			t.Errorf("%q passed", variant[len(variant)-4:])
		}
	}
	if tried < 4 || issuer.count("token") != 1 {
		t.Errorf("%d variants, %d exchanges", tried, issuer.count("token"))
	}
}

// TestFieldCase11AzureRefusesTheToken: without claims nobody is sent to sign in, and Azure's own code is told.
func TestFieldCase11AzureRefusesTheToken(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"InvalidAuthenticationTokenTenant", "InvalidAuthenticationTokenAudience", "ExpiredAuthenticationToken", "<script>"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			issuer := newTenant(t)
			issuer.set(func(i *tenant) { i.azureHandler = azureError(401, code) })
			got := startAPI(t, issuer, nil).get(t, "Bearer "+issuer.token(nil))
			if got.status != http.StatusBadGateway || got.problem(t).Code != "resource_manager_token_refused" {
				t.Errorf("got %d %s", got.status, got.body)
			}
			if shown := strings.Contains(got.body, `"upstream":"`+code+`"`); shown != (code != "<script>") || strings.Contains(got.body, "cscript") {
				t.Errorf("Azure's code: %s", got.body)
			}
		})
	}
}

// TestFieldCase16LongTokens: many groups make a long token, which is served up to a bound that is told.
func TestFieldCase16LongTokens(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	api := startAPI(t, issuer, nil)
	for size, status := range map[int]int{10 << 10: 200, 20_000 * 3 / 4: 200, 20 << 10: 401} {
		got := api.get(t, "Bearer "+issuer.token(map[string]any{"groups": strings.Repeat("g", size)}))
		if got.status != status || (status == 401 && !strings.Contains(got.problem(t).Detail, "24 KiB")) {
			t.Errorf("%d bytes of groups: %d %.300s", size, got.status, got.body)
		}
	}
}

// TestFieldCase17RelativeLinks: followed on the service's own host.
func TestFieldCase17RelativeLinks(t *testing.T) {
	t.Parallel()
	for _, link := range []string{"/subscriptions?page=2", "?page=2", "subscriptions?page=2"} {
		t.Run(link, func(t *testing.T) {
			t.Parallel()
			issuer := newTenant(t)
			issuer.set(func(i *tenant) {
				i.azureHandler = func(w http.ResponseWriter, r *http.Request) {
					page := map[string]any{"value": []any{subscription(1)}}
					if r.URL.Query().Get("page") != "2" {
						page["nextLink"] = link
					}
					sendJSON(w, 200, page)
				}
			})
			if list := startAPI(t, issuer, nil).get(t, "Bearer "+issuer.token(nil)).list(t); list.Count != 2 || issuer.count("subscriptions") != 2 {
				t.Errorf("%d entries of %d pages", list.Count, issuer.count("subscriptions"))
			}
		})
	}
}

// TestFieldCase18Depth: an entry may be large; it may not be nested without end.
func TestFieldCase18Depth(t *testing.T) {
	t.Parallel()
	nested := func(open, end string, n int) string { return strings.Repeat(open, n) + "1" + strings.Repeat(end, n) }
	for _, test := range []struct {
		name, tags string
		status     int
	}{
		{"9,000 objects", nested(`{"a":`, "}", 9000), 502},
		{"9,000 lists", nested("[", "]", 9000), 502},
		{"100 of both", nested(`[{"a":`, "}]", 100), 502},
		{"what HTML would escape", `"` + strings.Repeat("<&>", 9000) + `"`, 200},
		{"brackets in a text", `"` + strings.Repeat("[{", 9000) + `\""`, 200},
		{"thirty", nested(`{"a":`, "}", 30), 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			issuer := newTenant(t)
			issuer.set(func(i *tenant) {
				i.azureHandler = answerWith(200, "application/json", `{"value":[{"tags":`+test.tags+`}]}`)
			})
			got := startAPI(t, issuer, nil).get(t, "Bearer "+issuer.token(nil))
			if got.status != test.status || len(got.body) > 64<<10 {
				t.Errorf("got %d, %d bytes", got.status, len(got.body))
			}
		})
	}
}

// TestFieldCase34RefusalsAreRemembered: whoever reloads a page that was refused doesn't have Entra asked each time.
func TestFieldCase34RefusalsAreRemembered(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"a second factor is due":   refusal(400, 50076, "invalid_grant", "basic_action", mfaClaims),
		"consent is missing":       refusal(400, 65001, "invalid_grant", "consent_required", ""),
		"the secret is wrong":      refusal(401, 7000215, "invalid_client", "", ""),
		"a number that nobody has": refusal(400, 999999, "invalid_request", "", ""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			issuer, moved := newTenant(t), clocktest.New(time.Now())
			issuer.set(func(i *tenant) { i.tokenHandler = handler })
			api := startAPI(t, issuer, func(cfg *app.Config) { cfg.Now = moved.Now })
			token := "Bearer " + issuer.token(nil)
			first := api.get(t, token)
			for range 200 {
				if got := api.get(t, token); got.status != first.status || got.problem(t).Code != first.problem(t).Code || got.header.Get("WWW-Authenticate") != first.header.Get("WWW-Authenticate") {
					t.Fatalf("got %d %s, then %d %s", first.status, first.body, got.status, got.body)
				}
			}
			if issuer.count("token") != 1 {
				t.Errorf("200 reloads are %d exchanges", issuer.count("token"))
			}
			issuer.set(func(i *tenant) { i.tokenHandler = nil })
			api.get(t, "Bearer "+issuer.token(map[string]any{"sid": "signed in again"})).list(t)
			moved.Advance(6 * time.Second)
			api.get(t, token).list(t)
		})
	}
}

// TestFieldCase35OneThrottledUser: a user whom Entra throttles keeps nobody else waiting. Several at once mean the application; then
// single requests find out when that is over.
func TestFieldCase35OneThrottledUser(t *testing.T) {
	t.Parallel()
	issuer, moved := newTenant(t), clocktest.New(time.Now())
	api := startAPI(t, issuer, func(cfg *app.Config) { cfg.Now = moved.Now })
	user := func(n int) string {
		return "Bearer " + longToken(issuer, map[string]any{"oid": fmt.Sprintf("dddddddd-4444-4444-8444-%012d", n)})
	}
	throttled := func(n int) {
		t.Helper()
		if got := api.get(t, user(n)); got.status != http.StatusServiceUnavailable || got.problem(t).Code != "identity_provider_throttled" {
			t.Fatalf("user %d: %d %s", n, got.status, got.body)
		}
	}
	issuer.set(func(i *tenant) { i.tokenHandler = throttle("300") })
	throttled(1)
	throttled(1)
	issuer.set(func(i *tenant) { i.tokenHandler = nil })
	for n := 100; n < 150; n++ {
		api.get(t, user(n)).list(t)
	}
	issuer.set(func(i *tenant) { i.tokenHandler = throttle("300") })
	throttled(2)
	throttled(3) // the third at once
	before := issuer.count("token")
	for n := 10; n < 20; n++ {
		throttled(n)
	}
	if asked := issuer.count("token") - before; asked != 0 {
		t.Errorf("the application is throttled, and Entra was asked %d times", asked)
	}
	moved.Advance(31 * time.Second)
	throttled(20) // the probe
	throttled(21)
	if asked := issuer.count("token") - before; asked != 1 {
		t.Errorf("%d requests found out that it isn't over, want one", asked)
	}
	moved.Advance(31 * time.Second)
	issuer.set(func(i *tenant) { i.tokenHandler = nil })
	for n := 30; n < 40; n++ {
		api.get(t, user(n)).list(t)
	}
}
