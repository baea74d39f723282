package graph

import (
	"net/http"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// listApplications is GET /applications.
func (h *handler) listApplications(_ caller, r *http.Request) (answer, error) {
	matches, err := filter(r, "displayName", "appId", "uniqueName", "tags", "identifierUris", "signInAudience", "id")
	if err != nil {
		return answer{}, err
	}
	found := []map[string]any{}
	for _, app := range h.Directory.Applications() {
		if matches(asMap(app)) && !h.fresh.hides(r, app.ID) {
			found = append(found, selected(r, app))
		}
	}
	return h.page(r, found)
}

// createApplication is POST /applications.
func (h *handler) createApplication(who caller, r *http.Request) (answer, error) {
	return h.create(who, r, "")
}

// create registers an application from the request's body. Whoever registers one without being an administrator becomes
// its owner; without that they could not touch it again.
func (h *handler) create(who caller, r *http.Request, uniqueName string) (answer, error) {
	if !h.mayRegister(who) {
		return answer{}, denied()
	}
	patch, err := readPatch(r)
	if err != nil {
		return answer{}, err
	}
	app := directory.Application{UniqueName: uniqueName}
	if err := patch.apply(&app); err != nil {
		return answer{}, err
	}
	if app.SignInAudience == "" { // Graph's own default, whatever the portal's is
		app.SignInAudience = "AzureADandPersonalMicrosoftAccount"
	}
	if version := 2; app.API.RequestedAccessTokenVersion == nil && strings.HasSuffix(app.SignInAudience, "PersonalMicrosoftAccount") {
		app.API.RequestedAccessTokenVersion = &version
	}
	if err := h.checkApplication(r, app); err != nil {
		return answer{}, err
	}
	created, err := h.Directory.CreateApplication(app)
	if err != nil {
		return answer{}, err
	}
	if !who.admin {
		if err := h.Directory.AddOwner(created.ID, who.user.ID); err != nil {
			return answer{}, err
		}
	}
	h.fresh.add(created.ID)
	result := h.one(r, http.StatusCreated, "applications", created)
	result.location = "/applications/" + created.ID
	return result, nil
}

// getApplication is GET /applications/{key}.
func (h *handler) getApplication(_ caller, r *http.Request) (answer, error) {
	app, err := h.application(r)
	if err != nil {
		return answer{}, err
	}
	return h.one(r, http.StatusOK, "applications", app), nil
}

// patchApplication is PATCH /applications/{key}; with a unique name and "Prefer: create-if-missing" it is an upsert.
//
// The upsert asks the directory itself, not a replica: that is what makes it safe to send twice.
func (h *handler) patchApplication(who caller, r *http.Request) (answer, error) {
	var app directory.Application
	name, value := alternateKey(r.PathValue("key"))
	if name == "uniqueName" && strings.Contains(r.Header.Get("Prefer"), "create-if-missing") {
		found, ok := h.Directory.ApplicationByUniqueName(value)
		if !ok {
			return h.create(who, r, value)
		}
		app = found
	} else {
		found, err := h.application(r)
		if err != nil {
			return answer{}, err
		}
		app = found
	}
	if !h.mayChange(who, app.ID) {
		return answer{}, denied()
	}
	patch, err := readPatch(r)
	if err != nil {
		return answer{}, err
	}
	changed := app
	if err := patch.apply(&changed); err != nil {
		return answer{}, err
	}
	if err := checkEntitlements(app, changed); err != nil {
		return answer{}, err
	}
	if err := h.checkApplication(r, changed); err != nil {
		return answer{}, err
	}
	_, err = h.Directory.UpdateApplication(app.ID, func(changed *directory.Application) error {
		return patch.apply(changed)
	})
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusNoContent}, nil
}

// deleteApplication is DELETE /applications/{key}: into the bin.
func (h *handler) deleteApplication(who caller, r *http.Request) (answer, error) {
	app, err := h.application(r)
	if err != nil {
		return answer{}, err
	}
	if !h.mayChange(who, app.ID) {
		return answer{}, denied()
	}
	return answer{status: http.StatusNoContent}, h.Directory.DeleteApplication(app.ID)
}

// application finds the one that a request's path names, if its replica knows it yet.
func (h *handler) application(r *http.Request) (directory.Application, error) {
	name, value := alternateKey(r.PathValue("key"))
	find := map[string]func(string) (directory.Application, bool){
		"":           h.Directory.Application,
		"appId":      h.Directory.ApplicationByAppID,
		"uniqueName": h.Directory.ApplicationByUniqueName,
	}[name]
	if find == nil {
		return directory.Application{}, badRequest("BadRequest", "The key property '%s' is not one of an application.", name)
	}
	app, ok := find(value)
	if !ok || h.fresh.hides(r, app.ID) {
		return directory.Application{}, notFound(value)
	}
	return app, nil
}
