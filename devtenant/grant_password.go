package devtenant

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// grantPassword signs a user in by name and password (RFC 6749 section 4.3; "Microsoft identity platform and OAuth 2.0
// Resource Owner Password Credentials"), where Options.PasswordGrant allows it. Nobody is in front of a page: whatever
// needs one, a second factor or consent, is refused.
func (t *Tenant) grantPassword(request *tokenRequest) (*tokenAnswer, *refusal) {
	for _, parameter := range []string{"username", "password"} {
		if request.form.Get(parameter) == "" {
			return nil, refuse(900144, "parameter", parameter)
		}
	}
	if len(request.scopes.asked) == 0 {
		return nil, refuse(900144, "parameter", "scope")
	}
	name := request.form.Get("username")
	user, ok := t.dir.User(name)
	switch {
	case !ok || !strings.Contains(name, "@"):
		return nil, refuse(50034, "user", name, "tenant", t.dir.DisplayName())
	case !samePassword(request.form.Get("password"), user.Devtenant.Password):
		return nil, refuse(50126)
	}
	answer, refused := t.issue(request, evidence{Tenant: t.dir.TenantID(), User: user.ID, SessionID: uuid.NewString(), AuthTime: t.Now()})
	if refused == nil {
		t.signedIn(user.ID)
	}
	return answer, refused
}

// samePassword compares without telling by its time where two passwords part. Whoever has none can't sign in by one.
func samePassword(sent, own string) bool {
	sentSum, ownSum := sha256.Sum256([]byte(sent)), sha256.Sum256([]byte(own))
	return own != "" && subtle.ConstantTimeCompare(sentSum[:], ownSum[:]) == 1
}

// userRealm is GET /common/userrealm/{username}: MSAL asks it, before it sends a password, whether Entra or a federated
// identity provider keeps it. Nothing here is federated.
func (t *Tenant) userRealm(w http.ResponseWriter, r *http.Request) {
	realm := map[string]string{
		"ver": "1.0", "account_type": "Unknown", "cloud_instance_name": "microsoftonline.com", "cloud_audience_urn": "urn:federation:MicrosoftOnline",
	}
	_, domain, _ := strings.Cut(r.PathValue("username"), "@")
	if _, ok := t.called(domain); ok {
		realm["account_type"], realm["domain_name"] = "Managed", domain
	}
	writeJSON(w, http.StatusOK, realm)
}
