package server_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/server"
)

// FuzzBearerHeader: a header is turned away, or holds exactly what comes behind the scheme and one space.
func FuzzBearerHeader(f *testing.F) {
	for _, seed := range []string{
		"", "Bearer", "Bearer ", "Bearer  a.b.c", "Bearer\ta.b.c", "bearer a.b.c", "BEARER a.b.c", "Basic dXNlcjpwYXNz", "a.b.c",
		"Bearer a b", "Bearer a.b.c, Bearer d.e.f", "Bearer \x00", "Bearer " + strings.Repeat(".", 20000), "Bearer é",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		token, err := server.BearerToken(http.Header{"Authorization": {value}})
		if err != nil {
			if !server.IsProblem(err) || !token.IsZero() {
				t.Errorf("%q: %v, token %v", value, err, token)
			}
			return
		}
		raw := token.Reveal()
		if len(value) != len("Bearer ")+len(raw) || !strings.EqualFold(value[:7], "Bearer ") || value[7:] != raw || strings.HasPrefix(raw, " ") {
			t.Errorf("%q gave the token %q", value, raw)
		}
	})
}

// fixedTenant forges tokens and serves nothing. Its address is the same in each of the fuzzer's processes.
func fixedTenant() *tenant { return &tenant{server: &httptest.Server{URL: "https://login.example"}} }

var compactJWT = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`)

// FuzzToken: what passes the checks before the signature is a compact JWT whose header, read by a lenient parser, says
// the same: RS256, a kid, and nothing that would have a key fetched or the payload read in another way.
func FuzzToken(f *testing.F) {
	issuer := fixedTenant()
	for _, test := range doorCases() {
		if token := test.token(issuer); len(token) < 4096 { // longer ones the fuzzer would spend its time on
			f.Add(token)
		}
	}
	f.Fuzz(func(t *testing.T, token string) {
		err := server.CheckShape(token)
		if err != nil {
			if !server.IsProblem(err) {
				t.Errorf("%q: %v", token, err)
			}
			return
		}
		if len(token) > 16<<10 || !compactJWT.MatchString(token) {
			t.Fatalf("%q passed", token)
		}
		encoded, _, _ := strings.Cut(token, ".")
		raw, err := base64.RawURLEncoding.DecodeString(encoded)
		if err != nil {
			t.Fatalf("%q passed", token)
		}
		var header struct {
			Alg, Kid, Jku, X5u, Zip, Cty string
			Crit, Jwk, X5c               json.RawMessage
		}
		if err := json.Unmarshal(raw, &header); err != nil {
			return // a member has another type in another case; by the letter it isn't there
		}
		upper := regexp.MustCompile(`"[^"]*[A-Z\\\x{17f}\x{212a}][^"]*"\s*:`)
		if upper.Match(raw) {
			return // encoding/json folds case, which the check by the letter doesn't
		}
		if header.Alg != "RS256" || header.Kid == "" || header.Jku+header.X5u+header.Zip+header.Cty != "" ||
			header.Crit != nil || header.Jwk != nil || header.X5c != nil {
			t.Errorf("the header %s passed", raw)
		}
	})
}

// FuzzPayload: what passes the checks after the signature means the same to encoding/json, which reads names in any case
// and takes the last of two.
func FuzzPayload(f *testing.F) {
	issuer := fixedTenant()
	now := time.Now()
	for _, test := range doorCases() {
		if parts := strings.Split(test.token(issuer), "."); len(parts) == 3 {
			if payload, err := base64.RawURLEncoding.DecodeString(parts[1]); err == nil && len(payload) < 2048 {
				f.Add(payload)
			}
		}
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		err := server.CheckPayload(payload, now, issuer.issuer(), tenantID, apiClientID, "access_as_user", []string{webClientID})
		if err != nil {
			if !server.IsProblem(err) {
				t.Errorf("%q: %v", payload, err)
			}
			return
		}
		var lenient struct {
			Iss, Aud, Tid, Ver, Sub, Oid, Azp, Scp, Idtyp string
			Exp                                           int64
		}
		if err := json.Unmarshal(payload, &lenient); err != nil {
			t.Fatalf("%q passed, and encoding/json can't read it: %v", payload, err)
		}
		if lenient.Iss != issuer.issuer() || lenient.Aud != apiClientID || lenient.Tid != tenantID || lenient.Ver != "2.0" ||
			lenient.Sub == "" || lenient.Oid == "" || lenient.Azp != webClientID || lenient.Idtyp == "app" ||
			!slices.Contains(strings.Fields(lenient.Scp), "access_as_user") || !time.Unix(lenient.Exp, 0).After(now) {
			t.Errorf("%q passed and means %+v", payload, lenient)
		}
	})
}

// FuzzChallenge: claims that are handed on are a JSON object.
func FuzzChallenge(f *testing.F) {
	for _, seed := range []string{
		`Bearer realm="", error="insufficient_claims", claims="e30="`, `bearer error="insufficient_claims",claims="e30="`,
		`Bearer error="insufficient_claims", claims="bnVsbA=="`, `Bearer`, ``, `Bearer claims=e30=`, `PoP claims="e30="`,
		`Bearer error="insufficient_claims", claims="e30=", claims="W10="`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		claims, found := server.ChallengedClaims(http.Header{"Www-Authenticate": {value}})
		var object map[string]any
		if found && (json.Unmarshal([]byte(claims), &object) != nil || object == nil) {
			t.Errorf("%q gave %q", value, claims)
		}
	})
}
