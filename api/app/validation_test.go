package app_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// tokenCase is one row of the tokens that an API can be sent. The numbers are those of the list of cases that the tests of the
// project share.
type tokenCase struct {
	name   string
	token  func(i *tenant) string
	status int    // what the caller gets; 0 is 401 invalid_token
	check  string // the check that is named
	code   string // where it is another one than invalid_token
}

// tokenCases are the tokens of cases 1 to 49. Those after them are about more than a token and have tests of their own.
func tokenCases() []tokenCase {
	b64 := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	// header makes a good token with some of its header changed.
	header := func(with map[string]any) func(*tenant) string {
		return func(i *tenant) string { return forge(maps2(i.header(), with), i.payload(), signingKey()) }
	}
	// payload makes a good token with some claims changed.
	payload := func(with map[string]any) func(*tenant) string {
		return func(i *tenant) string { return i.token(with) }
	}
	// rawHeader and rawPayload make a token of text that no map can hold.
	rawHeader := func(text string) func(*tenant) string {
		return func(i *tenant) string { return forgeRaw(text, mustJSON(i.payload()), signingKey()) }
	}
	rawPayload := func(change func(good string) string) func(*tenant) string {
		return func(i *tenant) string {
			return forgeRaw(mustJSON(i.header()), change(mustJSON(i.payload())), signingKey())
		}
	}
	// more puts members in front of a good payload, as text.
	more := func(members string) func(*tenant) string {
		return rawPayload(func(good string) string { return "{" + members + "," + good[1:] })
	}
	without := func(claim, members string) func(*tenant) string {
		return func(i *tenant) string {
			good := mustJSON(maps2(i.payload(), map[string]any{claim: nil}))
			return forgeRaw(mustJSON(i.header()), "{"+members+","+good[1:], signingKey())
		}
	}
	fromNow := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }

	return []tokenCase{
		{name: "case 01: alg none", check: "form", token: func(i *tenant) string {
			return b64(`{"typ":"JWT","alg":"none"}`) + "." + b64(mustJSON(i.payload())) + "."
		}},
		{name: "case 01: alg none with a signature", check: "alg", token: header(map[string]any{"alg": "none"})},
		{name: "case 02: alg None", check: "alg", token: header(map[string]any{"alg": "None"})},
		{name: "case 03: HS256 with the public key for a secret", check: "alg", token: hs256WithPublicKey},
		{name: "case 04: RS384", check: "alg", token: rs384},
		{name: "case 05: rs256", check: "alg", token: header(map[string]any{"alg": "rs256"})},
		{name: "case 06: known kid, another key", check: "signature", token: func(i *tenant) string {
			return forge(i.header(), i.payload(), otherKey())
		}},
		{name: "case 07: unknown kid", check: "kid", token: header(map[string]any{"kid": "unknown"})},
		{name: "case 08: kid that is a path", check: "kid", token: header(map[string]any{"kid": "../.."})},
		{name: "case 09: kid missing", check: "kid", token: header(map[string]any{"kid": nil})},
		{name: "case 09: kid empty", check: "kid", token: header(map[string]any{"kid": ""})},
		{name: "case 10: kid a number", check: "kid", token: header(map[string]any{"kid": 1})},
		{name: "case 11: kid twice", check: "header", token: rawHeader(`{"typ":"JWT","alg":"RS256","kid":"x","kid":"key-1"}`)},
		{name: "case 11: alg twice", check: "header", token: rawHeader(`{"typ":"JWT","alg":"none","alg":"RS256","kid":"key-1"}`)},
		{name: "case 12: embedded jwk", check: "jwk", token: func(i *tenant) string {
			return forge(maps2(i.header(), map[string]any{"jwk": jwk("mine", &otherKey().PublicKey)}), i.payload(), otherKey())
		}},
		{name: "case 13: jku", check: "jku", token: func(i *tenant) string {
			return forge(maps2(i.header(), map[string]any{"jku": i.server.URL + "/mine"}), i.payload(), signingKey())
		}},
		{name: "case 14: x5u", check: "x5u", token: func(i *tenant) string {
			return forge(maps2(i.header(), map[string]any{"x5u": i.server.URL + "/mine"}), i.payload(), signingKey())
		}},
		{name: "case 15: bad x5c", check: "x5c", token: header(map[string]any{"x5c": []string{"bm90IGEgY2VydGlmaWNhdGU="}})},
		{name: "case 16: unknown crit", check: "crit", token: header(map[string]any{"crit": []string{"mine"}, "mine": 1})},
		{name: "case 17: b64 false", check: "crit", token: header(map[string]any{"crit": []string{"b64"}, "b64": false})},
		{name: "case 17: b64 false without crit", check: "b64", token: header(map[string]any{"b64": false})},
		{name: "case 18: crit empty", check: "crit", token: header(map[string]any{"crit": []string{}})},
		{name: "case 19: a logout token's typ", check: "typ", token: header(map[string]any{"typ": "logout+jwt"})},
		{name: "case 19: typ a number", check: "typ", token: header(map[string]any{"typ": 1})},
		{name: "case 20: a Graph token", check: "nonce", token: header(map[string]any{"nonce": "hash"})},
		{name: "case 21: nested JWT", check: "cty", token: func(i *tenant) string {
			return forgeRaw(mustJSON(maps2(i.header(), map[string]any{"cty": "JWT"})), i.token(nil), signingKey())
		}},
		{name: "case 21: nested JWT without cty", check: "payload", token: func(i *tenant) string {
			return forgeRaw(mustJSON(i.header()), i.token(nil), signingKey())
		}},
		{name: "case 22: JWE with PBES2", check: "form", token: func(*tenant) string {
			return b64(`{"alg":"PBES2-HS512+A256KW","enc":"A256GCM","p2c":2147483647,"p2s":"c2FsdA"}`) + ".a.b.c.d"
		}},
		{name: "case 23: zip bomb", check: "form", token: func(*tenant) string {
			return b64(`{"alg":"dir","enc":"A256GCM","zip":"DEF"}`) + ".a.b.c.d"
		}},
		{name: "case 23: zip in a signed token", check: "zip", token: header(map[string]any{"zip": "DEF"})},
		{name: "case 24: JWS in JSON form", check: "form", token: func(i *tenant) string {
			parts := strings.Split(i.token(nil), ".")
			return `{"protected":"` + parts[0] + `","payload":"` + parts[1] + `","signature":"` + parts[2] + `"}`
		}},
		{name: "case 25: a space inside", check: "form", token: func(i *tenant) string { return strings.Replace(i.token(nil), ".", " .", 1) }},
		{name: "case 25: a tab inside", check: "form", token: func(i *tenant) string { return strings.Replace(i.token(nil), ".", ".\t", 1) }},
		{name: "case 26: longer than the cap", check: "size", token: func(i *tenant) string { return i.token(map[string]any{"name": strings.Repeat("a", 24<<10)}) }},
		{name: "case 26: thousands of dots", check: "form", token: func(*tenant) string { return strings.Repeat(".", 16<<10) }},
		{name: "case 27: payload not UTF-8", check: "payload", token: rawPayload(func(string) string { return "\xff\xfe\x00{" })},
		{name: "case 28: payload an array", check: "payload", token: rawPayload(func(good string) string { return "[" + good + "]" })},
		{name: "case 29: payload null", check: "payload", token: rawPayload(func(string) string { return "null" })},
		{name: "case 30: a claim not UTF-8", check: "payload", token: rawPayload(func(good string) string { return strings.Replace(good, "Alice", "Ali\xc3ce", 1) })},
		{name: "case 31: aud an array that holds ours", check: "aud", code: "wrong_audience", token: payload(map[string]any{"aud": []string{apiClientID, "another"}})},
		{name: "case 31: aud an array of ours alone", check: "aud", code: "wrong_audience", token: payload(map[string]any{"aud": []string{apiClientID}})},
		{name: "case 32: aud of another API", check: "aud", code: "wrong_audience", token: payload(map[string]any{"aud": bobOID})},
		{name: "case 33: Resource Manager's audience", check: "aud", code: "wrong_audience", token: payload(map[string]any{"aud": "https://management.azure.com"})},
		{name: "case 33: Resource Manager's token", check: "iss", code: "wrong_token_version", token: func(*tenant) string { return tokenB(aliceOID, nil) }},
		{name: "case 34: aud an App ID URI", check: "aud", code: "wrong_audience", token: payload(map[string]any{"aud": "api://" + apiClientID})},
		{name: "case 34: the web app's ID token", check: "aud", code: "wrong_audience", token: func(i *tenant) string { return idToken(i, webClientID) }},
		{name: "case 35: an ID token of a shared registration", check: "azp", token: func(i *tenant) string { return idToken(i, apiClientID) }},
		{name: "case 36: iss of another tenant", check: "iss", code: "wrong_issuer", token: func(i *tenant) string {
			return i.token(map[string]any{"iss": strings.Replace(i.issuer(), tenantID, bobOID, 1), "tid": bobOID})
		}},
		{name: "case 37: iss with a trailing slash", check: "iss", code: "wrong_issuer", token: func(i *tenant) string { return i.token(map[string]any{"iss": i.issuer() + "/"}) }},
		{name: "case 38: v1 issuer", check: "iss", code: "wrong_token_version", token: payload(map[string]any{"iss": "https://sts.windows.net/" + tenantID + "/", "ver": "1.0"})},
		{name: "case 38: version 1.0 alone", check: "ver", code: "wrong_token_version", token: payload(map[string]any{"ver": "1.0"})},
		{name: "case 39: tid differs from iss", check: "tid", code: "wrong_tenant", token: payload(map[string]any{"tid": bobOID})},
		{name: "case 39: tid no GUID", check: "tid", code: "wrong_tenant", token: payload(map[string]any{"tid": "contoso.onmicrosoft.com"})},
		{name: "case 39: tid missing", check: "tid", code: "wrong_tenant", token: payload(map[string]any{"tid": nil})},
		{name: "case 40: exp missing", check: "exp", token: payload(map[string]any{"exp": nil})},
		{name: "case 40: exp null", check: "exp", token: without("exp", `"exp":null`)},
		{name: "case 40: exp 1e400", check: "exp", token: without("exp", `"exp":1e400`)},
		{name: "case 40: exp of thirteen digits", check: "exp", token: without("exp", `"exp":9999999999999`)},
		{name: "case 40: exp past", check: "exp", code: "token_expired", token: payload(map[string]any{"exp": fromNow(-time.Second)})},
		{name: "case 41: exp a string", check: "exp", token: payload(map[string]any{"exp": fmt.Sprint(fromNow(time.Hour))})},
		{name: "case 42: nbf six minutes ahead", check: "nbf", code: "token_expired", token: payload(map[string]any{"nbf": fromNow(6 * time.Minute)})},
		{name: "case 42: nbf four minutes ahead", status: http.StatusOK, token: payload(map[string]any{"nbf": fromNow(4 * time.Minute)})},
		{name: "case 42: nbf a string", check: "nbf", token: payload(map[string]any{"nbf": "0"})},
		{name: "case 43: iat a year ahead", check: "iat", code: "token_expired", token: payload(map[string]any{"iat": fromNow(365 * 24 * time.Hour)})},
		{name: "case 44: sub missing", check: "sub", token: payload(map[string]any{"sub": nil})},
		{name: "case 44: oid missing", check: "oid", token: payload(map[string]any{"oid": nil})},
		{name: "case 44: oid no GUID", check: "oid", token: payload(map[string]any{"oid": "alice"})},
		{name: "case 45: aud twice", check: "payload", token: more(`"aud":"another"`)},
		{name: "case 45: exp twice", check: "payload", token: more(`"exp":1`)},
		{name: "case 45: aud twice by an escape", check: "payload", token: more(`"\u0061ud":"another"`)},
		{name: "case 45: Aud", check: "aud", token: without("aud", `"Aud":"`+apiClientID+`"`)},
		{name: "case 45: EXP besides exp", check: "exp", token: more(`"EXP":99999999999`)},
		{name: "case 46: scp missing", status: http.StatusForbidden, check: "scp", code: "insufficient_scope", token: payload(map[string]any{"scp": nil})},
		{name: "case 46: scp empty", status: http.StatusForbidden, check: "scp", code: "insufficient_scope", token: payload(map[string]any{"scp": ""})},
		{name: "case 47: scp an array", status: http.StatusForbidden, check: "scp", code: "insufficient_scope", token: payload(map[string]any{"scp": []string{"access_as_user"}})},
		{name: "case 47: access_as_user_x", status: http.StatusForbidden, check: "scp", code: "insufficient_scope", token: payload(map[string]any{"scp": "access_as_user_x other"})},
		{name: "case 47: upper case", status: http.StatusForbidden, check: "scp", code: "insufficient_scope", token: payload(map[string]any{"scp": "ACCESS_AS_USER"})},
		{name: "case 47: among others", status: http.StatusOK, token: payload(map[string]any{"scp": "other access_as_user"})},
		{name: "case 48: app-only by roles", status: http.StatusForbidden, code: "app_only_token", token: payload(map[string]any{"scp": nil, "roles": []string{"Subscriptions.Read"}})},
		{name: "case 48: app-only by idtyp", status: http.StatusForbidden, code: "app_only_token", token: payload(map[string]any{"idtyp": "app"})},
		{name: "case 48: app-only by its subject", status: http.StatusForbidden, code: "app_only_token", token: payload(map[string]any{"scp": nil, "sub": aliceOID})},
		{name: "case 48: a user with roles", status: http.StatusOK, token: payload(map[string]any{"roles": []string{"Reader"}})},
		{name: "case 49: azp not allowed", status: http.StatusForbidden, check: "azp", code: "client_not_allowed", token: payload(map[string]any{"azp": bobOID})},
		{name: "case 49: azp missing", check: "azp", token: payload(map[string]any{"azp": nil})},
		{name: "a good token", status: http.StatusOK, token: payload(nil)},
		{name: "a good token with groups overage", status: http.StatusOK, token: payload(map[string]any{
			"_claim_names": map[string]string{"groups": "src1"}, "_claim_sources": map[string]any{"src1": map[string]string{"endpoint": "https://graph.windows.net/x"}},
		})},
		{name: "a good token without typ", status: http.StatusOK, token: header(map[string]any{"typ": nil})},
	}
}

// hs256WithPublicKey is the classic confusion: the verifier's public key, which everybody knows, as an HMAC secret.
func hs256WithPublicKey(i *tenant) string {
	der, err := x509.MarshalPKIXPublicKey(&signingKey().PublicKey)
	if err != nil {
		panic(err)
	}
	mac := hmac.New(sha256.New, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	return signWith(i, "HS256", func(signed string) []byte {
		mac.Write([]byte(signed))
		return mac.Sum(nil)
	})
}

func rs384(i *tenant) string {
	return signWith(i, "RS384", func(signed string) []byte {
		digest := sha512.Sum384([]byte(signed))
		signature, err := rsa.SignPKCS1v15(rand.Reader, signingKey(), crypto.SHA384, digest[:])
		if err != nil {
			panic(err)
		}
		return signature
	})
}

func signWith(i *tenant, alg string, sign func(string) []byte) string {
	b64 := base64.RawURLEncoding.EncodeToString
	signed := b64([]byte(mustJSON(maps2(i.header(), map[string]any{"alg": alg})))) + "." + b64([]byte(mustJSON(i.payload())))
	return signed + "." + b64(sign(signed))
}

// idToken is what the token endpoint returns beside the access token.
func idToken(i *tenant, clientID string) string {
	return i.token(map[string]any{"aud": clientID, "azp": nil, "azpacr": nil, "scp": nil, "nonce": "n-0S6_WzA2Mj"})
}

func TestValidation(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	api := startAPI(t, issuer, nil)
	fetched := issuer.count("keys")
	for _, test := range tokenCases() {
		t.Run(test.name, func(t *testing.T) {
			token := test.token(issuer)
			got := api.get(t, "Bearer "+token)
			checkAnswer(t, test, got)
			for _, part := range strings.Split(token, ".") {
				if len(part) > 20 && strings.Contains(got.body+fmt.Sprint(got.header), part) {
					t.Errorf("the answer holds a part of the token: %v %s", got.header, got.body)
				}
			}
		})
	}
	if more := issuer.count("keys") - fetched; more > 1 {
		t.Errorf("bad tokens made the API fetch the keys %d times", more)
	}
	if strings.Contains(api.log.String(), "eyJ") {
		t.Error("the log holds a token")
	}
}

func checkAnswer(t *testing.T, want tokenCase, got answer) {
	t.Helper()
	if want.status == http.StatusOK {
		got.list(t)
		return
	}
	if want.status == 0 {
		want.status = http.StatusUnauthorized
	}
	if want.code == "" {
		want.code = "invalid_token"
	}
	if got.status != want.status {
		t.Fatalf("status %d, want %d: %s", got.status, want.status, got.body)
	}
	problem := got.problem(t)
	if problem.Code != want.code || problem.Check != want.check {
		t.Errorf("code %q, check %q; want %q, %q (%s)", problem.Code, problem.Check, want.code, want.check, problem.Detail)
	}
	challenge := got.header.Get("WWW-Authenticate")
	wantChallenge := ""
	switch {
	case want.status == http.StatusUnauthorized:
		wantChallenge = `Bearer error="invalid_token", error_description="` + want.check + ": "
	case want.code == "insufficient_scope" || want.code == "app_only_token":
		wantChallenge = `Bearer error="insufficient_scope", scope="access_as_user"`
	}
	if !strings.HasPrefix(challenge, wantChallenge) || (wantChallenge == "") != (challenge == "") {
		t.Errorf("WWW-Authenticate is %q, want %q", challenge, wantChallenge)
	}
	if problem.Title == "" || problem.Hint == "" || len(problem.TraceID) != 32 || !strings.HasSuffix(problem.Type, "#"+want.code) {
		t.Errorf("the problem lacks a title, hint, trace id or address: %s", got.body)
	}
	if got.header.Get("Cache-Control") != "no-store" || got.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the headers are %v", got.header)
	}
}
