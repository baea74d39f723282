package devtenant

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// Routes for tests in other languages: what tests in Go have methods for, as JSON over HTTP. They are open to whoever reaches
// the tenant, as its sign-in page is: it listens on localhost unless it is told otherwise.

// remote is the routes. Those of the switches are in switchespage.go.
func (t *Tenant) remote() []route {
	return []route{
		{"GET /settings", "", t.showSettings},
		{"GET /certificate", "", t.showCertificate},
		{"GET /users", "", t.showUsers},
		{"POST /users", "", t.addUser},
		{"DELETE /users/{name}", "", t.removeUser},
		{"POST /users/{name}/revoke-sessions", "", t.revokeUsersSessions},
		{"POST /tokens", "", t.makeToken},
		{"GET /requests", "", t.showRequests},
		{"DELETE /requests", "", t.forgetRequests},
		{"POST /reset", "", t.resetAll},
	}
}

// showSettings is GET /settings: those of the sample's tiers, by their names in production.env.
func (t *Tenant) showSettings(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, t.Settings())
}

// showCertificate is GET /certificate: the authority of the back door's certificate, PEM. It can be had without TLS, so
// only a test should trust it.
func (t *Tenant) showCertificate(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/x-pem-file")
	_, _ = w.Write(t.CertificatePEM())
}

// showUsers is GET /users, in the form of tenant.json.
func (t *Tenant) showUsers(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{"users": t.dir.Users()})
}

// addUser is POST /users. The body is a user as in tenant.json, and in subscriptions the ids of those that they read.
func (t *Tenant) addUser(w http.ResponseWriter, r *http.Request) {
	body := struct {
		directory.User
		Subscriptions []string `json:"subscriptions"`
	}{User: directory.User{AccountEnabled: true}}
	if !readRemote(w, r, &body) {
		return
	}
	created, err := t.dir.CreateUser(body.User)
	if err != nil {
		refuseRemote(w, http.StatusBadRequest, err.Error())
		return
	}
	for _, id := range body.Subscriptions {
		assignment := directory.RoleAssignment{Name: uuid.NewString(), PrincipalID: created.ID, Scope: "/subscriptions/" + id, RoleDefinitionName: "Reader"}
		if !t.dir.HasSubscription(id) || t.dir.AssignRole(assignment) != nil {
			_, _ = t.dir.DeleteUser(created.ID)
			refuseRemote(w, http.StatusBadRequest, "there is no subscription "+shorten(id))
			return
		}
	}
	writeJSON(w, http.StatusCreated, created)
}

// removeUser is DELETE /users/{name}: by short name, user principal name or object id.
func (t *Tenant) removeUser(w http.ResponseWriter, r *http.Request) {
	if _, err := t.dir.DeleteUser(r.PathValue("name")); err != nil {
		refuseRemote(w, http.StatusNotFound, err.Error())
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// revokeUsersSessions is POST /users/{name}/revoke-sessions.
func (t *Tenant) revokeUsersSessions(w http.ResponseWriter, r *http.Request) {
	if err := t.RevokeSessions(r.PathValue("name")); err != nil {
		refuseRemote(w, http.StatusNotFound, err.Error())
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// makeToken is POST /tokens: a token A without a browser (Tenant.AccessToken), or, without a user, whatever claims the body
// has. Claims that are null are left out of the token.
func (t *Tenant) makeToken(w http.ResponseWriter, r *http.Request) {
	var body struct {
		User         string         `json:"user"`
		Claims       map[string]any `json:"claims"`
		SecondFactor bool           `json:"secondFactor"`
		Expired      bool           `json:"expired"`
	}
	if !readRemote(w, r, &body) {
		return
	}
	claims := t.commonClaims(time.Hour)
	if body.User != "" {
		if _, ok := t.dir.User(body.User); !ok {
			refuseRemote(w, http.StatusNotFound, "there is no user "+shorten(body.User))
			return
		}
		claims = t.AccessTokenClaims(body.User)
	}
	var changes []func(map[string]any)
	if body.SecondFactor {
		changes = append(changes, WithSecondFactor)
	}
	if body.Expired {
		changes = append(changes, Expired)
	}
	changes = append(changes, func(claims map[string]any) {
		for name, value := range body.Claims {
			claims[name] = value
		}
	})
	writeJSON(w, http.StatusOK, map[string]string{"token_type": "Bearer", "access_token": t.Sign(claims, changes...)})
}

// remoteRequest is a request as GET /requests has it.
type remoteRequest struct {
	At          time.Time         `json:"at"`
	Endpoint    string            `json:"endpoint"`
	Method      string            `json:"method"`
	Path        string            `json:"path"`
	ClientID    string            `json:"clientId,omitempty"`
	User        string            `json:"user,omitempty"`
	Status      int               `json:"status"`
	AADSTS      int               `json:"aadsts,omitempty"`
	Fault       string            `json:"fault,omitempty"`
	Traceparent string            `json:"traceparent,omitempty"`
	Parameters  map[string]string `json:"parameters"`
}

// showRequests is GET /requests, with ?endpoint= only those of one: what the tenant was asked, last first, with nothing
// secret in it, and how often in all.
func (t *Tenant) showRequests(w http.ResponseWriter, r *http.Request) {
	endpoint := r.URL.Query().Get("endpoint")
	found := []remoteRequest{}
	for _, request := range t.Requests() {
		if endpoint != "" && request.Endpoint != endpoint {
			continue
		}
		parameters := map[string]string{}
		for _, parameter := range request.Parameters {
			parameters[parameter.Name] = parameter.Value
		}
		found = append(found, remoteRequest{
			At: request.At, Endpoint: request.Endpoint, Method: request.Method, Path: request.Path, ClientID: request.ClientID, User: request.User,
			Status: request.Status, AADSTS: request.AADSTS, Fault: request.Fault, Traceparent: request.Traceparent, Parameters: parameters,
		})
	}
	count := len(found)
	if endpoint != "" {
		count = t.Count(endpoint)
	}
	writeJSON(w, http.StatusOK, map[string]any{"count": count, "requests": found})
}

// forgetRequests is DELETE /requests.
func (t *Tenant) forgetRequests(w http.ResponseWriter, _ *http.Request) {
	t.requests.clear()
	w.WriteHeader(http.StatusNoContent)
}

// resetAll is POST /reset.
func (t *Tenant) resetAll(w http.ResponseWriter, _ *http.Request) {
	t.Reset()
	w.WriteHeader(http.StatusNoContent)
}

// Reset puts all tenants back to how they started: users, applications, consents and roles, switches and faults, the clock, the
// list of requests. Its keys and its certificate stay, so whoever trusts it goes on trusting it; tokens stay good as long
// as their users are.
func (t *Tenant) Reset() {
	t.ClearSwitches()
	t.faults.Clear("")
	t.clock.moved.Store(0)
	for _, tenant := range t.tenants {
		tenant.restore()
	}
	webUI, api := t.sample.get()
	t.SetSampleURLs(webUI, api) // as a test or a flag said after the start
	t.requests.clear()
}

func readRemote(w http.ResponseWriter, r *http.Request, into any) bool {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields() // a member that isn't there is most often misspelled
	if err := decoder.Decode(into); err != nil {
		refuseRemote(w, http.StatusBadRequest, strings.TrimPrefix(err.Error(), "json: "))
		return false
	}
	return true
}

func refuseRemote(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, map[string]string{"error": message})
}
