package bearer

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
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
		token, err := tokenFrom(http.Header{"Authorization": {value}})
		if err != nil {
			if !isRefusal(err) || !token.IsZero() {
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

func isRefusal(err error) bool {
	code := apperror.As(err).Code
	return code != apperror.Internal && code != ""
}

// What the payloads are held against.
const (
	fuzzTenant = "aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa"
	fuzzAPI    = "bbbbbbbb-2222-4222-8222-bbbbbbbbbbbb"
	fuzzClient = "cccccccc-3333-4333-8333-cccccccccccc"
	fuzzIssuer = "https://login.example/" + fuzzTenant + "/v2.0"
)

// seeds are headers and payloads of tokens, good and bad. The cases by number, signed, are in the API's tests.
func seeds() (headers, payloads []string) {
	good := `"aud":"` + fuzzAPI + `","iss":"` + fuzzIssuer + `","exp":4102444800,"sub":"s","oid":"dddddddd-4444-4444-8444-dddddddddddd","tid":"` + fuzzTenant +
		`","azp":"` + fuzzClient + `","scp":"access_as_user","ver":"2.0"`
	for _, more := range []string{
		"", `,"iat":1,"nbf":1`, `,"idtyp":"app"`, `,"roles":["a"]`, `,"roles":"a"`, `,"Aud":"x"`, `,"aud":"x"`, `,"scp":["access_as_user"]`, `,"exp":1e400`, `,"exp":"1"`,
		`,"nbf":99999999999999`, `,"tid":null`, `,"\u0061ud":"x"`, ",\"x\":\"\xff\"",
	} {
		payloads = append(payloads, "{"+good+more+"}")
	}
	payloads = append(payloads, "null", "[]", "{}", `""`)
	for _, more := range []string{
		"", `,"typ":"JWT"`, `,"typ":"logout+jwt"`, `,"crit":[]`, `,"b64":false`, `,"jwk":{}`, `,"jku":"https://x"`, `,"nonce":"x"`, `,"kid":"other"`, `,"zip":"DEF"`, `,"KID":1`,
	} {
		headers = append(headers, `{"alg":"RS256","kid":"key-1"`+more+`}`)
	}
	return append(headers, `{"alg":"none"}`, `{"alg":"HS256","kid":"k"}`, "{}", "null"), payloads
}

var compactJWT = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`)

// FuzzToken: what passes the checks before the signature is a compact JWT whose header, read by a lenient parser, says
// the same: RS256, a kid, and nothing that would have a key fetched or the payload read in another way.
func FuzzToken(f *testing.F) {
	headers, payloads := seeds()
	for _, header := range headers {
		f.Add(base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payloads[0])) + ".AAAA")
	}
	f.Fuzz(func(t *testing.T, token string) {
		err := checkShape(secret.New(token))
		if err != nil {
			if !isRefusal(err) {
				t.Errorf("%q: %v", token, err)
			}
			return
		}
		if len(token) > maxTokenLength || !compactJWT.MatchString(token) {
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
	now := time.Now()
	_, payloads := seeds()
	for _, payload := range payloads {
		f.Add([]byte(payload))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		err := checkPayload(payload, now)
		if err != nil {
			if !isRefusal(err) {
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
		if lenient.Iss != fuzzIssuer || lenient.Aud != fuzzAPI || lenient.Tid != fuzzTenant || lenient.Ver != "2.0" ||
			lenient.Sub == "" || lenient.Oid == "" || lenient.Azp != fuzzClient || lenient.Idtyp == "app" ||
			!slices.Contains(strings.Fields(lenient.Scp), "access_as_user") || !time.Unix(lenient.Exp, 0).After(now) {
			t.Errorf("%q passed and means %+v", payload, lenient)
		}
	})
}

// checkPayload makes the checks that come after the signature.
func checkPayload(payload []byte, now time.Time) error {
	claims, err := readClaims(payload)
	if err != nil {
		return err
	}
	expires, err := claims.checkTimes(now)
	if err != nil {
		return err
	}
	if err := claims.checkOrigin(entra.NewIssuers(entra.Metadata{Issuer: fuzzIssuer}, entra.Tenants{}), fuzzAPI); err != nil {
		return err
	}
	caller, err := claims.identify(expires)
	if err != nil {
		return err
	}
	return Scope("access_as_user", []string{fuzzClient})(caller)
}
