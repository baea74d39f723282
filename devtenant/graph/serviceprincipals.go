package graph

import (
	"encoding/json"
	"net/http"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// listServicePrincipals is GET /servicePrincipals.
func (h *handler) listServicePrincipals(_ caller, r *http.Request) (answer, error) {
	matches, err := filter(r, "displayName", "appId", "tags", "servicePrincipalNames", "accountEnabled", "servicePrincipalType", "id")
	if err != nil {
		return answer{}, err
	}
	found := []map[string]any{}
	for _, sp := range h.Directory.ServicePrincipals() {
		if matches(asMap(sp)) && !h.fresh.hides(r, sp.ID) {
			found = append(found, selected(r, sp))
		}
	}
	return h.page(r, found)
}

// createServicePrincipal is POST /servicePrincipals.
func (h *handler) createServicePrincipal(who caller, r *http.Request) (answer, error) {
	patch, err := readPatch(r)
	if err != nil {
		return answer{}, err
	}
	var appID string
	if err := json.Unmarshal(patch["appId"], &appID); err != nil {
		return answer{}, badRequest("Request_BadRequest", "A value is required for property 'appId' of resource 'ServicePrincipal'.")
	}
	delete(patch, "appId")
	delete(patch, "displayName")          // it is the application's
	delete(patch, "servicePrincipalType") // and this follows from there being one
	wanted := directory.ServicePrincipal{AppID: appID, AccountEnabled: true}
	if err := patch.applyToServicePrincipal(&wanted); err != nil {
		return answer{}, err
	}
	app, ok := h.Directory.ApplicationByAppID(appID)
	if !ok || h.fresh.hides(r, app.ID) {
		return answer{}, badRequest("NoBackingApplicationObject", "The appId '%s' of the service principal does not reference a valid application object.", appID)
	}
	if !h.mayRegister(who) || !h.mayChange(who, app.ID) {
		return answer{}, denied()
	}
	if _, taken := h.Directory.ServicePrincipalByAppID(appID); taken {
		return answer{}, conflict("The service principal cannot be created, updated, or restored because the service principal name %s is already in use.", appID)
	}
	created, err := h.Directory.CreateServicePrincipal(wanted)
	if err == nil && !wanted.AccountEnabled {
		created, err = h.Directory.UpdateServicePrincipal(created.ID, func(sp *directory.ServicePrincipal) error { sp.AccountEnabled = false; return nil })
	}
	if err != nil {
		return answer{}, err
	}
	h.fresh.add(created.ID)
	result := h.one(r, http.StatusCreated, "servicePrincipals", created)
	result.location = "/servicePrincipals/" + created.ID
	return result, nil
}

// getServicePrincipal is GET /servicePrincipals/{key}.
func (h *handler) getServicePrincipal(_ caller, r *http.Request) (answer, error) {
	sp, err := h.servicePrincipal(r)
	if err != nil {
		return answer{}, err
	}
	return h.one(r, http.StatusOK, "servicePrincipals", sp), nil
}

// patchServicePrincipal is PATCH /servicePrincipals/{key}.
func (h *handler) patchServicePrincipal(who caller, r *http.Request) (answer, error) {
	sp, err := h.changeableServicePrincipal(who, r)
	if err != nil {
		return answer{}, err
	}
	patch, err := readPatch(r)
	if err != nil {
		return answer{}, err
	}
	_, err = h.Directory.UpdateServicePrincipal(sp.ID, patch.applyToServicePrincipal)
	return answer{status: http.StatusNoContent}, err
}

// deleteServicePrincipal is DELETE /servicePrincipals/{key}.
func (h *handler) deleteServicePrincipal(who caller, r *http.Request) (answer, error) {
	sp, err := h.changeableServicePrincipal(who, r)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusNoContent}, h.Directory.DeleteServicePrincipal(sp.ID)
}

func (h *handler) changeableServicePrincipal(who caller, r *http.Request) (directory.ServicePrincipal, error) {
	sp, err := h.servicePrincipal(r)
	if err != nil {
		return sp, err
	}
	app, ours := h.Directory.ApplicationByAppID(sp.AppID)
	if !who.admin && (!ours || !h.mayChange(who, app.ID)) {
		return sp, denied()
	}
	return sp, nil
}

// servicePrincipal finds the one that a request's path names, if its replica knows it yet.
func (h *handler) servicePrincipal(r *http.Request) (directory.ServicePrincipal, error) {
	name, value := alternateKey(r.PathValue("key"))
	var sp directory.ServicePrincipal
	var ok bool
	switch name {
	case "":
		sp, ok = h.Directory.ServicePrincipal(value)
	case "appId":
		sp, ok = h.Directory.ServicePrincipalByAppID(value)
	default:
		return sp, badRequest("BadRequest", "The key property '%s' is not one of a service principal.", name)
	}
	if !ok || h.fresh.hides(r, sp.ID) {
		return sp, notFound(value)
	}
	return sp, nil
}
