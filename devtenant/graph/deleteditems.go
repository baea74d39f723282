package graph

import (
	"net/http"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// getDeleted is GET /directory/deletedItems/{id}, and GET /directory/deletedItems/microsoft.graph.{type} for the lists.
func (h *handler) getDeleted(who caller, r *http.Request) (answer, error) {
	if !who.admin {
		return answer{}, denied()
	}
	items := []map[string]any{}
	switch id := r.PathValue("id"); id {
	case "microsoft.graph.application":
		for _, app := range h.Directory.DeletedApplications() {
			items = append(items, selected(r, app))
		}
		return h.page(r, items)
	case "microsoft.graph.servicePrincipal":
		for _, sp := range h.Directory.DeletedServicePrincipals() {
			items = append(items, selected(r, sp))
		}
		return h.page(r, items)
	default:
		if app, ok := h.deletedApplication(id); ok {
			return h.one(r, http.StatusOK, "directoryObjects", app), nil
		}
		return answer{}, notFound(id)
	}
}

// restoreDeleted is POST /directory/deletedItems/{id}/restore. It answers 200 with the object.
func (h *handler) restoreDeleted(who caller, r *http.Request) (answer, error) {
	id := r.PathValue("id")
	if !who.admin {
		return answer{}, denied()
	}
	if _, ok := h.deletedApplication(id); !ok {
		return answer{}, notFound(id)
	}
	restored, err := h.Directory.RestoreApplication(id)
	if err != nil {
		return answer{}, err
	}
	h.fresh.add(restored.ID)
	return h.one(r, http.StatusOK, "directoryObjects", restored), nil
}

// purgeDeleted is DELETE /directory/deletedItems/{id}: for good.
func (h *handler) purgeDeleted(who caller, r *http.Request) (answer, error) {
	id := r.PathValue("id")
	if !who.admin {
		return answer{}, denied()
	}
	if _, ok := h.deletedApplication(id); ok {
		return answer{status: http.StatusNoContent}, h.Directory.PurgeApplication(id)
	}
	if err := h.Directory.PurgeServicePrincipal(id); err != nil {
		return answer{}, notFound(id)
	}
	return answer{status: http.StatusNoContent}, nil
}

func (h *handler) deletedApplication(id string) (directory.Application, bool) {
	for _, app := range h.Directory.DeletedApplications() {
		if strings.EqualFold(app.ID, id) {
			return app, true
		}
	}
	return directory.Application{}, false
}
