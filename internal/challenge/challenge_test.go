package challenge_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/challenge"
)

const nbf = `{"access_token":{"nbf":{"essential":true,"value":"1726077595"},"xms_caeerror":{"value":"10012"}}}`

func encoded(claims string) string { return base64.StdEncoding.EncodeToString([]byte(claims)) }

// TestFieldCase01FormsOfAChallenge: every form that a claims challenge has on the wire.
func TestFieldCase01FormsOfAChallenge(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		values []string
		claims string
		signIn bool
	}{
		{"Resource Manager's, for a revoked session", []string{`Bearer authorization_uri="https://login.windows.net/", error="invalid_token", error_description="User session has been revoked", claims="` + encoded(nbf) + `"`}, nbf, true},
		{"Graph's", []string{`Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000", error="insufficient_claims", claims="` + encoded(nbf) + `"`}, nbf, true},
		{"claims without any error", []string{`Bearer claims="` + encoded(nbf) + `"`}, nbf, true},
		{"insufficient_claims without claims", []string{`Bearer error="insufficient_claims"`}, "", true},
		{"another scheme in front, in one value", []string{`PoP realm="", nonce="ey==", Bearer realm="", error="insufficient_claims", claims="` + encoded(nbf) + `"`}, nbf, true},
		{"another scheme behind", []string{`Bearer error="insufficient_claims", claims="` + encoded(nbf) + `", PoP nonce="x"`}, nbf, true},
		{"another scheme in a value of its own", []string{`PoP nonce="x"`, `bearer error="insufficient_claims",claims="` + encoded(nbf) + `"`}, nbf, true},
		{"two of the scheme, the second with claims", []string{`Bearer error="invalid_token"`, `Bearer error="invalid_token", claims="` + encoded(nbf) + `"`}, nbf, true},
		{"names in capitals, values without quotes", []string{`BEARER ERROR=insufficient_claims , CLAIMS="` + encoded(nbf) + `"`}, nbf, true},
		{"a comma and an escaped quote inside a text", []string{`Bearer error_description="a \"b\", claims=c", claims="` + encoded(nbf) + `"`}, nbf, true},
		{"a token that is merely bad", []string{`Bearer error="invalid_token", error_description="expired"`}, "", false},
		{"claims twice", []string{`Bearer claims="` + encoded(nbf) + `", claims="` + encoded(`{"access_token":{}}`) + `"`}, "", false},
		{"no end of a quoted text", []string{`Bearer error="insufficient_claims`}, "", false},
		{"another scheme alone", []string{`Basic realm="x"`}, "", false},
		{"none", nil, "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, _ := challenge.Read(http.Header{"Www-Authenticate": test.values})
			if got.Claims != test.claims || got.WantsSignIn() != test.signIn {
				t.Errorf("claims %q, wants a sign-in: %v", got.Claims, got.WantsSignIn())
			}
		})
	}
}

// TestFieldCase02Base64 and TestFieldCase03Shapes: one reader of claims.
func TestFieldCase02Base64(t *testing.T) {
	t.Parallel()
	// Both alphabets differ in what this claim's value encodes to.
	const claims = `{"access_token":{"acrs":{"value":"c1>>>???~~~"}}}`
	for name, encode := range map[string]*base64.Encoding{
		"padded": base64.StdEncoding, "unpadded": base64.RawStdEncoding, "URL alphabet": base64.URLEncoding, "URL alphabet, unpadded": base64.RawURLEncoding,
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := challenge.DecodeClaims(encode.EncodeToString([]byte(claims))); err != nil || got != claims {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestFieldCase03Shapes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"null", "[]", "{}", `""`, "1", "true", "", "{", `{"access_token":null}`, `{"access_token":[]}`, `{"access_token":"x"}`,
		`{"access_token":{}} x`, `{"access_token":{}}{}`, "{\"access_token\":{\"a\":\"\xff\"}}", `{"id_token":{},"access_token":null}`,
	} {
		if got, err := challenge.ParseClaims(text); !errors.Is(err, challenge.ErrNoClaims) || got != "" {
			t.Errorf("%q: %q, %v", text, got, err)
		}
		if got, err := challenge.DecodeClaims(encoded(text)); err == nil || got != "" {
			t.Errorf("%q in base64: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{nbf, " {\"access_token\" : {}}\n", `{"id_token":{"acr":null},"access_token":{"acrs":{"essential":true,"value":"c1"}}}`} {
		if got, err := challenge.ParseClaims(text); err != nil || got != text {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

// TestFieldCase04Bounds: claims of 38 policies, and of 8 kB in base64, fit into what this package itself writes and reads. One
// byte more is said to be too long, and nothing is cut.
func TestFieldCase04Bounds(t *testing.T) {
	t.Parallel()
	policies := func(n int) string {
		ids := make([]string, n)
		for i := range ids {
			ids[i] = fmt.Sprintf(`"%08x-0000-4000-8000-%012x"`, i, i)
		}
		return `{"access_token":{"capolids":{"essential":true,"values":[` + strings.Join(ids, ",") + `]}}}`
	}
	full := policies(100)
	full = full[:len(full)-4] + `,"` + strings.Repeat("x", challenge.MaxClaims-len(full)-3) + `"]}}}`
	for name, claims := range map[string]string{"1": policies(1), "38": policies(38), "the most": full} {
		header := http.Header{"Www-Authenticate": {challenge.Challenge{Error: challenge.InsufficientClaims, AuthorizationURI: "https://login.example/a", Claims: claims}.String()}}
		if got, ok := challenge.Read(header); !ok || got.Claims != claims || got.ClaimsError != nil {
			t.Errorf("%s: %d of %d bytes arrived, %v", name, len(got.Claims), len(claims), got.ClaimsError)
		}
	}
	for _, value := range []string{`Bearer error="insufficient_claims", claims="` + encoded(full+" ") + `"`, `Bearer claims="` + encoded(policies(2000)) + `"`} {
		if got, _ := challenge.Read(http.Header{"Www-Authenticate": {value}}); got.Claims != "" || !errors.Is(got.ClaimsError, challenge.ErrTooLong) {
			t.Errorf("%d bytes: %d arrived, %v", len(value), len(got.Claims), got.ClaimsError)
		}
	}
}

func TestWritten(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]challenge.Challenge{
		`Bearer`: {},
		`Bearer error="invalid_token", error_description="aud: for \"another\""`:      {Error: challenge.InvalidToken, Description: `aud: for "another"`},
		`Bearer error="insufficient_scope", scope="a"`:                                {Error: challenge.InsufficientScope, Scope: "a"},
		`Bearer realm="", authorization_uri="https://a", error="insufficient_claims"`: {Error: challenge.InsufficientClaims, AuthorizationURI: "https://a"},
		`Bearer error="invalid_token", error_description="a  b", claims="e30="`:       {Error: challenge.InvalidToken, Description: "a\r\nb", Claims: "{}"},
		`Bearer error="invalid_token", resource_metadata="https://a/.well-known/x"`:   {Error: challenge.InvalidToken, ResourceMetadata: "https://a/.well-known/x"},
	} {
		if got := c.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// FuzzRead: whatever a header says, what is read of it is a claims request of a bounded size, and writing it and reading it
// again changes nothing.
func FuzzRead(f *testing.F) {
	f.Add(`Bearer error="insufficient_claims", claims="` + encoded(nbf) + `"`)
	f.Add(`PoP nonce="x", Bearer claims="bnVsbA=="`)
	f.Add(`Bearer claims="eyJhY2Nlc3NfdG9rZW4iOm51bGx9", error=x`)
	f.Fuzz(func(t *testing.T, value string) {
		got, _ := challenge.Read(http.Header{"Www-Authenticate": {value}})
		if got.Claims == "" {
			return
		}
		if kept, err := challenge.ParseClaims(got.Claims); err != nil || kept != got.Claims {
			t.Fatalf("%q is no claims request: %v", got.Claims, err)
		}
		again, ok := challenge.Read(http.Header{"Www-Authenticate": {got.String()}})
		if !ok || again.Claims != got.Claims || again.Error != got.Error {
			t.Fatalf("%q became %q", got, again)
		}
	})
}
