package devtenant_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// What is asserted here was recorded of Entra: error and suberror beside the number, and the whole sentence where clients
// or people take something out of it.
func TestErrorsAsRecorded(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	signedIn := postToken(t, tenant, redeem(code(t, tenant, "alice", nil), nil))
	expired := tenant.AccessToken("alice", devtenant.Expired)
	for _, test := range []struct {
		name            string
		form            map[string]string
		code            int
		error, suberror string
		says            string // a pattern
	}{
		{"a second factor", exchange(tenant.AccessToken("carol"), nil), 50076, "invalid_grant", "basic_action", "you must use multi-factor authentication to access '797f4846-"},
		{"an ID token as assertion", exchange(signedIn.IDToken, nil), 240002, "invalid_request", "", "Input id_token cannot be used"},
		{"a code that is none", redeem("made-up", nil), 9002313, "invalid_grant", "", "Request is malformed or invalid"},
		{"a refresh token that is none", refresh("made-up", nil), 9002313, "invalid_grant", "", "Request is malformed or invalid"},
		{"a request that is malformed", exchange(tenant.AccessToken("alice"), map[string]string{"claims": "{"}), 9002313, "invalid_request", "", ""},
		{"an assertion that has expired", exchange(expired, nil), 500133, "invalid_grant", "", `Current time: [0-9T:.-]{27}Z, expiry time of assertion [0-9T:.-]{27}Z\. `},
		{"another's assertion", exchange(tenant.AccessToken("alice"), map[string]string{"client_id": webUI, "client_secret": webUISecret}), 500131, "invalid_grant", "",
			`audience in the assertion was '` + api + `' and the expected audience is '` + webUI + `' or one of the Application Uris of this application with App ID '` + webUI + `'\(.+\)\. The downstream client must request a token for the expected audience`},
		{"a device code that is none", poll("made-up"), 70018, "invalid_grant", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := postToken(t, tenant, test.form)
			refused(t, got, test.code)
			if got.Error != test.error || got.Suberror != test.suberror || !regexp.MustCompile(test.says).MatchString(got.Description) {
				t.Errorf("%s %q: %s", got.Error, got.Suberror, got.Description)
			}
		})
	}
}

// The times of a revocation are in its sentence, as people compare them.
func TestRevocationNamesItsTimes(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	signedIn := postToken(t, tenant, redeem(code(t, tenant, "alice", nil), nil))
	tenant.MoveClock(time.Hour)
	if err := tenant.RevokeSessions("alice"); err != nil {
		t.Fatal(err)
	}
	got := postToken(t, tenant, refresh(signedIn.RefreshToken, nil))
	refused(t, got, 50173)
	times := regexp.MustCompile(`issued on '([0-9T:.-]{27}Z)' and the TokensValidFrom date \(before which tokens are not valid\) for this user is '([0-9T:.-]{27}Z)'`).FindStringSubmatch(got.Description)
	if got.Error != "invalid_grant" || got.Suberror != "bad_token" || times == nil || times[1] >= times[2] {
		t.Errorf("%s %s: %s", got.Error, got.Suberror, got.Description)
	}
}

func TestUnknownTenant(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	if status, got := getJSON(t, tenant, tenant.BackURL()+"/nobody.example/v2.0/.well-known/openid-configuration"); status != 400 || got["error"] != "invalid_tenant" {
		t.Errorf("%d %v", status, got)
	}
}
