package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/server"
)

// challenges are WWW-Authenticate headers, good and bad. e30= is {}, eyJhIjoxfQ== is {"a":1}.
var challenges = []struct{ name, header, err, claims string }{
	{"nothing", "", "", ""},
	{"bare", "Bearer", "", ""},
	{"an error", `Bearer error="invalid_token", error_description="the check of \"kid\" failed"`, "invalid_token", ""},
	{"claims", `Bearer realm="", authorization_uri="https://login.example/a,b", error="insufficient_claims", claims="eyJhIjoxfQ=="`, "insufficient_claims", `{"a":1}`},
	{"claims, base64url", `Bearer error="insufficient_claims", claims="eyJhIjoxfQ"`, "insufficient_claims", `{"a":1}`},
	{"claims without an error", `Bearer claims="e30="`, "", "{}"},
	{"tokens in place of quoted strings", `Bearer error=insufficient_claims,claims=e30=`, "insufficient_claims", "{}"},
	{"spaces around", "Bearer   error = \"insufficient_claims\" ,\tclaims\t= \"e30=\" ", "insufficient_claims", "{}"},
	{"another case", `bearer ERROR="insufficient_claims", Claims="e30="`, "insufficient_claims", "{}"},
	{"another scheme", `Basic realm="x", error="insufficient_claims"`, "", ""},
	{"a scheme that begins so", `BearerX error="insufficient_claims"`, "", ""},
	{"claims twice", `Bearer error="insufficient_claims", claims="e30=", claims="eyJhIjoxfQ=="`, "", ""},
	{"error twice, in another case", `Bearer error="insufficient_claims", Error="invalid_token"`, "", ""},
	{"claims inside another value", `Bearer realm="claims=\"e30=\"", error="invalid_token"`, "invalid_token", ""},
	{"claims that are no base64", `Bearer error="insufficient_claims", claims="{}"`, "insufficient_claims", ""},
	{"claims that are no JSON", `Bearer error="insufficient_claims", claims="bm90"`, "insufficient_claims", ""},
	{"claims that are an array", `Bearer error="insufficient_claims", claims="W10="`, "insufficient_claims", ""},
	{"claims that are null", `Bearer error="insufficient_claims", claims="bnVsbA=="`, "insufficient_claims", ""},
	{"claims without end", `Bearer error="insufficient_claims", claims="` + strings.Repeat("A", 4096) + `"`, "insufficient_claims", ""},
	{"a quote that doesn't close", `Bearer error="insufficient_claims, claims=`, "", ""},
	{"an escape at the end", `Bearer error="x\`, "", ""},
	{"a name without a value", `Bearer error`, "", ""},
	{"a value without a name", `Bearer ="x"`, "", ""},
	{"an error that is markup", `Bearer error="<script>"`, "", ""},
	{"a header without end", `Bearer error="insufficient_claims", x="` + strings.Repeat("x", 9<<10) + `"`, "", ""},
}

func TestChallenges(t *testing.T) {
	t.Parallel()
	for _, test := range challenges {
		t.Run(test.name, func(t *testing.T) {
			err, claims := server.ReadChallenge(http.Header{"Www-Authenticate": {test.header}})
			if err != test.err || claims != test.claims {
				t.Errorf("got %q and %q, want %q and %q", err, claims, test.err, test.claims)
			}
		})
	}
	t.Run("the one of several headers that is Bearer", func(t *testing.T) {
		err, _ := server.ReadChallenge(http.Header{"Www-Authenticate": {`Basic realm="x"`, `Bearer error="insufficient_claims"`}})
		if err != "insufficient_claims" {
			t.Errorf("got %q", err)
		}
	})
}
