package devtenant

import (
	"cmp"
	"encoding/json"
	"maps"
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
		{"GET /settings", "", t.ofTenant((*Tenant).showSettings)},
		{"GET /certificate", "", t.showCertificate},
		{"GET /users", "", t.ofTenant((*Tenant).showUsers)},
		{"POST /users", "", t.ofTenant((*Tenant).addUser)},
		{"DELETE /users/{name}", "", t.ofTenant((*Tenant).removeUser)},
		{"POST /users/{name}/revoke-sessions", "", t.ofTenant((*Tenant).revokeUsersSessions)},
		{"POST /tokens", "", t.ofTenant((*Tenant).makeToken)},
		{"GET /requests", "", t.showRequests},
		{"DELETE /requests", "", t.forgetRequests},
		{"POST /reset", "", t.resetAll},
	}
}

// ofTenant lets a request say whose users and tokens it is about: ?tenant= with an id or a domain. Without it, this one's.
func (t *Tenant) ofTenant(handle func(*Tenant, http.ResponseWriter, *http.Request)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		tenant := t
		if name := r.URL.Query().Get("tenant"); name != "" {
			named, ok := t.called(name)
			if !ok {
				refuseRemote(w, http.StatusNotFound, "there is no tenant "+shorten(name))
				return
			}
			tenant = named
		}
		handle(tenant, w, r)
	}
}

// showSettings is GET /settings: those of the sample's tiers, by their names in production.env.
func (t *Tenant) showSettings(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, t.Settings())
}

// showCertificate is GET /certificate: the authority of the back channel's certificate, PEM. It can be had without TLS, so
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

// wantedToken is the body of POST /tokens. Without client and resource the token is one of the sample's web UI for its API.
type wantedToken struct {
	User         string         `json:"user"`
	Client       string         `json:"client"`   // client id, as
	Resource     string         `json:"resource"` // this
	Scopes       []string       `json:"scopes"`
	Claims       map[string]any `json:"claims"` // null leaves a claim out
	SecondFactor bool           `json:"secondFactor"`
	Expired      bool           `json:"expired"`
}

// makeToken is POST /tokens: a token without a browser. With a user it is theirs, with a client alone the client's own, with
// neither it has the claims of the body and what every token has.
func (t *Tenant) makeToken(w http.ResponseWriter, r *http.Request) {
	var wanted wantedToken
	if !readRemote(w, r, &wanted) {
		return
	}
	sample := t.applications()
	client, resource := cmp.Or(wanted.Client, sample.WebUI.AppID), cmp.Or(wanted.Resource, sample.API.AppID)
	_, knownUser := t.dir.User(wanted.User)
	_, knownClient := t.dir.Client(client)
	_, knownResource := t.dir.ServicePrincipalByAppID(resource)
	if wanted.User != "" && !knownUser || !knownClient || !knownResource {
		refuseRemote(w, http.StatusNotFound, "there is no such user, client or resource")
		return
	}
	change := func(claims map[string]any) {
		if wanted.SecondFactor {
			WithSecondFactor(claims)
		}
		if wanted.Expired {
			Expired(claims)
		}
		maps.Copy(claims, wanted.Claims)
	}
	var token string
	switch {
	case wanted.User != "" && len(wanted.Scopes) == 0:
		token = t.UserToken(wanted.User, client, resource, []string{"access_as_user"}, change)
	case wanted.User != "":
		token = t.UserToken(wanted.User, client, resource, wanted.Scopes, change)
	case wanted.Client != "":
		token = t.ApplicationToken(client, resource, change)
	default:
		token = t.Sign(t.commonClaims(time.Hour), change)
	}
	writeJSON(w, http.StatusOK, map[string]string{"token_type": "Bearer", "access_token": token})
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
