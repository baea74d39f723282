package graph

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// Options is what a handler stands on. Directory and Verify must be set.
type Options struct {
	Directory *directory.Directory
	// Verify checks a bearer token's signature and lifetime and returns its claims. Whether the token is for Graph and
	// what it allows is decided here.
	Verify func(token string) (Claims, error)
	// Prefix is where the handler is mounted: "/v1.0" if empty. It is part of the links in answers.
	Prefix string
	// Lag makes new objects appear with a delay; the zero value shows them at once.
	Lag Lag
	// Intercept is asked before each request, whose path has no prefix any more, and answers in its place if it returns
	// true. It is where failures on demand hook in.
	Intercept func(http.ResponseWriter, *http.Request) bool
	// UsersMayNotRegister is the tenant's user setting "Users can register applications" set to No.
	UsersMayNotRegister bool
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	Log *slog.Logger
}

// handler answers Graph's requests. Its state is the directory's; only the lag of new objects is its own.
type handler struct {
	Options
	fresh fresh
}

// New returns Graph over a directory.
func New(o Options) (http.Handler, error) {
	if o.Directory == nil || o.Verify == nil {
		return nil, errors.New("a handler needs a directory and a way to verify tokens")
	}
	if o.Prefix == "" {
		o.Prefix = "/v1.0"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	h := &handler{Options: o}
	h.fresh = fresh{lag: o.Lag, now: o.Now, born: map[string]time.Time{}, missed: map[string]int{}}
	return http.StripPrefix(o.Prefix, h.envelope(addressByKey(h.routes()))), nil
}

// operation is one route: it returns the status and what to answer, or an error, which answers itself.
type operation func(caller, *http.Request) (answer, error)

// answer is a success. Body nil means none.
type answer struct {
	status   int
	body     any
	location string
}

func (h *handler) routes() http.Handler {
	mux := http.NewServeMux()
	route := func(pattern string, need permission, do operation) {
		mux.Handle(pattern, h.serve(need, do))
	}
	route("GET /me", readSelf, h.me)
	route("GET /me/ownedObjects", readApplications, h.ownedObjects)
	route("GET /organization", readTenant, h.organization)
	route("GET /users", readUsers, h.listUsers)
	route("GET /users/{key}", readUsers, h.getUser)
	route("GET /users/{key}/appRoleAssignments", readApplications, h.listAppRolesOfUser)
	route("POST /users/{key}/appRoleAssignments", writeAppRoles, h.assignAppRole)
	route("DELETE /users/{key}/appRoleAssignments/{id}", writeAppRoles, h.removeAppRole)
	route("POST /directoryObjects/getByIds", readApplications, h.getByIDs)

	route("GET /applications", readApplications, h.listApplications)
	route("POST /applications", writeApplications, h.createApplication)
	route("GET /applications/{key}", readApplications, h.getApplication)
	route("PATCH /applications/{key}", writeApplications, h.patchApplication)
	route("DELETE /applications/{key}", writeApplications, h.deleteApplication)
	route("POST /applications/{key}/addPassword", writeApplications, h.addPassword)
	route("POST /applications/{key}/removePassword", writeApplications, h.removePassword)
	route("GET /applications/{key}/owners", readApplications, h.listOwners)
	route("POST /applications/{key}/owners/$ref", writeApplications, h.addOwner)
	route("DELETE /applications/{key}/owners/{user}/$ref", writeApplications, h.removeOwner)

	route("GET /applications/{key}/federatedIdentityCredentials", readApplications, h.listFederated)
	route("POST /applications/{key}/federatedIdentityCredentials", writeApplications, h.createFederated)
	route("GET /applications/{key}/federatedIdentityCredentials/{credential}", readApplications, h.getFederated)
	route("PATCH /applications/{key}/federatedIdentityCredentials/{credential}", writeApplications, h.patchFederated)
	route("DELETE /applications/{key}/federatedIdentityCredentials/{credential}", writeApplications, h.deleteFederated)

	route("GET /servicePrincipals", readApplications, h.listServicePrincipals)
	route("POST /servicePrincipals", writeApplications, h.createServicePrincipal)
	route("GET /servicePrincipals/{key}", readApplications, h.getServicePrincipal)
	route("PATCH /servicePrincipals/{key}", writeApplications, h.patchServicePrincipal)
	route("DELETE /servicePrincipals/{key}", writeApplications, h.deleteServicePrincipal)
	route("POST /servicePrincipals/{key}/addPassword", writeApplications, h.addPassword)
	route("POST /servicePrincipals/{key}/removePassword", writeApplications, h.removePassword)
	route("GET /servicePrincipals/{key}/oauth2PermissionGrants", readGrants, h.listGrantsOf)
	route("GET /servicePrincipals/{key}/appRoleAssignments", readApplications, h.listAppRoleAssignments)
	route("GET /servicePrincipals/{key}/appRoleAssignedTo", readApplications, h.listAppRoleAssignedTo)
	for _, collection := range []string{"appRoleAssignments", "appRoleAssignedTo"} {
		route("POST /servicePrincipals/{key}/"+collection, writeAppRoles, h.assignAppRole)
		route("DELETE /servicePrincipals/{key}/"+collection+"/{id}", writeAppRoles, h.removeAppRole)
	}

	route("GET /oauth2PermissionGrants", readGrants, h.listGrants)
	route("POST /oauth2PermissionGrants", writeGrants, h.createGrant)
	route("GET /oauth2PermissionGrants/{id}", readGrants, h.getGrant)
	route("PATCH /oauth2PermissionGrants/{id}", writeGrants, h.patchGrant)
	route("DELETE /oauth2PermissionGrants/{id}", writeGrants, h.deleteGrant)

	route("GET /directory/deletedItems/{id}", readApplications, h.getDeleted) // and microsoft.graph.application, …
	route("POST /directory/deletedItems/{id}/restore", writeApplications, h.restoreDeleted)
	route("DELETE /directory/deletedItems/{id}", writeApplications, h.purgeDeleted)

	route("/", anything, func(_ caller, r *http.Request) (answer, error) {
		return answer{}, badRequest("BadRequest", "Resource not found for the segment '%s'.", lastSegment(r.URL.Path))
	})
	return mux
}

// serve runs an operation for a caller whose token allows it.
func (h *handler) serve(need permission, do operation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, err := h.caller(r, need)
		if err != nil {
			h.refuse(w, r, err)
			return
		}
		result, err := answer{}, checkOptions(r)
		if err == nil {
			result, err = do(who, r)
		}
		if err != nil {
			h.refuse(w, r, err)
			return
		}
		if result.location != "" {
			w.Header().Set("Location", h.url(r, result.location))
		}
		h.write(w, result.status, result.body)
	})
}

// envelope is what every answer of Graph has, whatever it says.
func (h *handler) envelope(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("request-id", uuid.NewString())
		if id := r.Header.Get("client-request-id"); len(id) > 0 && len(id) <= 64 {
			header.Set("client-request-id", id)
		} else {
			header.Set("client-request-id", header.Get("request-id"))
		}
		header.Set("Cache-Control", "no-cache")
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		if h.Intercept != nil && h.Intercept(w, r) {
			return
		}
		next.ServeHTTP(w, r)
	})
}

const maxBody = 1 << 20 // bytes; Graph takes some 4 MB, and an application is a few kB

func (h *handler) write(w http.ResponseWriter, status int, body any) {
	if body == nil {
		w.WriteHeader(status)
		return
	}
	raw, err := json.Marshal(body)
	if err != nil {
		h.Log.Error("an answer could not be encoded", "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}

// url is an address of this Graph as the caller reaches it.
func (h *handler) url(r *http.Request, path string) string {
	return "https://" + r.Host + h.Prefix + path
}
