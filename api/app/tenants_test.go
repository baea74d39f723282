package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
)

const (
	otherTenant    = "ffffffff-7777-4777-8777-ffffffffffff"
	strangerTenant = "ffffffff-8888-4888-8888-ffffffffffff"
)

// newOrganizations is a tenant whose authority stands for several: its discovery document holds the placeholder, and each tenant
// has a token endpoint of its own.
func newOrganizations(t *testing.T) (issuer *tenant, asked func(tenantID string) int) {
	t.Helper()
	issuer = newTenant(t)
	mux := http.NewServeMux()
	counts := map[string]int{}
	document := func(w http.ResponseWriter, tenantInIssuer, tenantInURL string) {
		sendJSON(w, 200, map[string]any{
			"issuer":                 issuer.server.URL + "/" + tenantInIssuer + "/v2.0",
			"authorization_endpoint": "http://localhost:8002/" + tenantInURL + "/oauth2/v2.0/authorize",
			"token_endpoint":         issuer.server.URL + "/" + tenantInURL + "/oauth2/v2.0/token",
			"jwks_uri":               issuer.server.URL + "/" + tenantInURL + "/discovery/v2.0/keys",
		})
	}
	mux.HandleFunc("GET /organizations/v2.0/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) { document(w, "{tenantid}", "organizations") })
	mux.HandleFunc("GET /{tenant}/v2.0/.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		document(w, r.PathValue("tenant"), r.PathValue("tenant"))
	})
	mux.HandleFunc("GET /organizations/discovery/v2.0/keys", func(w http.ResponseWriter, _ *http.Request) {
		forAll, bound := jwk(goodKid, &signingKey().PublicKey), jwk("key-2", &otherKey().PublicKey)
		forAll["issuer"] = issuer.server.URL + "/{tenantid}/v2.0"
		bound["issuer"] = issuer.server.URL + "/" + otherTenant + "/v2.0"
		sendJSON(w, 200, map[string]any{"keys": []any{forAll, bound}})
	})
	mux.HandleFunc("POST /{tenant}/oauth2/v2.0/token", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		issuer.set(func(*tenant) { counts[r.PathValue("tenant")]++ })
		user := payloadOf(r.PostForm.Get("assertion"))
		sendTokenB(w, r, tokenB(user["oid"].(string), map[string]any{"tid": user["tid"]}), nil)
	})
	mux.HandleFunc("GET /subscriptions", sendSubscriptions)
	issuer.server.Config.Handler = mux
	return issuer, func(tenantID string) (n int) {
		issuer.set(func(*tenant) { n = counts[tenantID] })
		return n
	}
}

// ofTenant are the claims of a token of a tenant.
func ofTenant(i *tenant, tenantID string) map[string]any {
	return map[string]any{"tid": tenantID, "iss": i.server.URL + "/" + tenantID + "/v2.0"}
}

func TestSeveralOrganizations(t *testing.T) {
	t.Parallel()
	issuer, asked := newOrganizations(t)
	settings := settingsFor(t, issuer)
	settings["AUTHORITY"] = issuer.server.URL + "/organizations"
	settings["ALLOWED_TENANTS"] = tenantID + "," + otherTenant
	api := startConfigured(t, readConfig(t, settings), nil)
	for _, test := range []struct {
		name   string
		with   map[string]any
		header map[string]any
		status int
		code   string
	}{
		{name: "the first", with: ofTenant(issuer, tenantID), status: 200},
		{name: "the second", with: ofTenant(issuer, otherTenant), status: 200},
		{name: "one that isn't allowed", with: ofTenant(issuer, strangerTenant), status: 401, code: "wrong_tenant"},
		{name: "personal accounts", with: ofTenant(issuer, "9188040d-6c67-4c5b-b112-36a304b66dad"), status: 401, code: "wrong_tenant"},
		{name: "the issuer of another", with: map[string]any{"iss": ofTenant(issuer, tenantID)["iss"], "tid": otherTenant}, status: 401, code: "invalid_token"},
		{name: "the placeholder itself", with: ofTenant(issuer, "{tenantid}"), status: 401, code: "wrong_issuer"},
		{name: "no tenant", with: map[string]any{"iss": ofTenant(issuer, tenantID)["iss"], "tid": nil}, status: 401, code: "invalid_token"},
		{name: "a key of another tenant", with: ofTenant(issuer, tenantID), header: map[string]any{"typ": "JWT", "alg": "RS256", "kid": "key-2"}, status: 401, code: "invalid_token"},
		{name: "a key of its own tenant", with: ofTenant(issuer, otherTenant), header: map[string]any{"typ": "JWT", "alg": "RS256", "kid": "key-2"}, status: 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			token := issuer.token(test.with)
			if test.header != nil {
				token = forge(test.header, maps2(issuer.payload(), test.with), otherKey())
			}
			got := api.get(t, "Bearer "+token)
			if got.status != test.status || (test.code != "" && got.problem(t).Code != test.code) {
				t.Errorf("got %d %s", got.status, got.body)
			}
		})
	}
	// Each token was exchanged at its own tenant, and nothing at the authority for all.
	if first, second, all := asked(tenantID), asked(otherTenant), asked("organizations"); first != 1 || second != 2 || all != 0 {
		t.Errorf("exchanges: %d, %d, and %d at /organizations", first, second, all)
	}
	if !strings.Contains(api.log.String(), "user_tid="+otherTenant) {
		t.Error("the log doesn't say of which tenant a user is")
	}
}

// TestOneObjectIDInTwoTenants: a user is tid and oid. What was exchanged for the one is nothing of the other's.
func TestOneObjectIDInTwoTenants(t *testing.T) {
	t.Parallel()
	issuer, asked := newOrganizations(t)
	settings := settingsFor(t, issuer)
	settings["AUTHORITY"], settings["ALLOWED_TENANTS"] = issuer.server.URL+"/organizations", "*"
	api := startConfigured(t, readConfig(t, settings), func(*app.Config) {})
	for n := range 20 {
		tenantID := fmt.Sprintf("ffffffff-8888-4888-8888-%012d", n)
		api.get(t, "Bearer "+issuer.token(ofTenant(issuer, tenantID))).list(t)
		if asked(tenantID) != 1 {
			t.Errorf("tenant %d: %d exchanges", n, asked(tenantID))
		}
	}
	if !strings.Contains(api.log.String(), "every organization") {
		t.Error("that everybody is let in is not said in the log")
	}
}
