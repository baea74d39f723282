package app_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
)

// TestFieldCase01and02OtherForms: further forms in which services write a challenge.
func TestFieldCase01and02OtherForms(t *testing.T) {
	t.Parallel()
	const claims = `{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}`
	encoded := base64.StdEncoding.EncodeToString([]byte(claims))
	for name, header := range map[string]string{
		"JSON as it stands":              `Bearer error="insufficient_claims", claims="` + strings.ReplaceAll(claims, `"`, `\"`) + `"`,
		"blanks around the base64":       `Bearer error="insufficient_claims", claims=" ` + encoded + ` "`,
		"behind a token of NTLM":         `NTLM TlRM+/AA==, Bearer error="invalid_token", claims="` + encoded + `"`,
		"behind one without its padding": `Negotiate a/b+c, Bearer error="invalid_token", claims="` + encoded + `"`,
		"in front of one":                `Bearer error="invalid_token", claims="` + encoded + `", Negotiate a/b==`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			issuer := newTenant(t)
			issuer.set(func(i *tenant) {
				i.azureHandler = func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("WWW-Authenticate", header)
					azureError(http.StatusUnauthorized, "InvalidAuthenticationToken")(w, r)
				}
			})
			got := startAPI(t, issuer, nil).get(t, "Bearer "+issuer.token(nil))
			if got.status != http.StatusUnauthorized || !strings.Contains(got.header.Get("WWW-Authenticate"), `claims="`+encoded+`"`) {
				t.Errorf("got %d %s %s", got.status, got.header.Get("WWW-Authenticate"), got.body)
			}
		})
	}
}

// TestFieldCase03OddRefusals: a member of an error answer that has another type than it should takes none of the others with it.
func TestFieldCase03OddRefusals(t *testing.T) {
	t.Parallel()
	const refused = `"error":"invalid_grant","error_description":"AADSTS50076: Due to a configuration change …"`
	const claims = `{"access_token":{"capolids":{"essential":true}}}`
	for name, test := range map[string]struct {
		rest   string
		claims bool
	}{
		"numbers as texts":      {rest: `"error_codes":["50076"]`},
		"one number":            {rest: `"error_codes":50076`},
		"no number":             {rest: `"error_codes":[]`},
		"zero":                  {rest: `"error_codes":[0]`},
		"null":                  {rest: `"error_codes":null,"suberror":null,"claims":null,"trace_id":null`},
		"an id that is none":    {rest: `"error_codes":[50076],"trace_id":5,"correlation_id":{}`},
		"a list for a suberror": {rest: `"error_codes":[50076],"suberror":["basic_action"]`},
		"claims as an object":   {rest: `"error_codes":[50076],"claims":` + claims, claims: true},
		"claims in base64":      {rest: `"error_codes":[50076],"claims":"` + base64.RawURLEncoding.EncodeToString([]byte(claims)) + `"`, claims: true},
		"claims as a list":      {rest: `"error_codes":[50076],"claims":[` + claims + `]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			issuer := newTenant(t)
			issuer.set(func(i *tenant) {
				i.tokenHandler = answerWith(http.StatusBadRequest, "application/json", "{"+refused+","+test.rest+"}")
			})
			got := startAPI(t, issuer, nil).get(t, "Bearer "+issuer.token(nil))
			if problem := got.problem(t); got.status != http.StatusUnauthorized || problem.Code != "mfa_required" || problem.AADSTS != 50076 {
				t.Fatalf("got %d %s", got.status, got.body)
			}
			if sent := strings.Contains(got.header.Get("WWW-Authenticate"), `claims="`+base64.StdEncoding.EncodeToString([]byte(claims))+`"`); sent != test.claims {
				t.Errorf("the claims were sent on: %t, want %t: %s", sent, test.claims, got.header.Get("WWW-Authenticate"))
			}
		})
	}
}
