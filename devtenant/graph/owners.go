package graph

import (
	"net/http"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// listOwners is GET /applications/{key}/owners.
func (h *handler) listOwners(_ caller, r *http.Request) (answer, error) {
	app, err := h.application(r)
	if err != nil {
		return answer{}, err
	}
	owners := []map[string]any{}
	for _, id := range h.Directory.Owners(app.ID) {
		if user, ok := h.Directory.User(id); ok {
			owners = append(owners, typed(selected(r, user), "user"))
		}
	}
	return h.page(r, owners)
}

// addOwner is POST /applications/{key}/owners/$ref. The body is a link to the user.
func (h *handler) addOwner(who caller, r *http.Request) (answer, error) {
	app, err := h.changeable(who, r)
	if err != nil {
		return answer{}, err
	}
	var body struct {
		ID string `json:"@odata.id"`
	}
	if err := readBody(r, &body); err != nil {
		return answer{}, err
	}
	user, err := h.owner(lastSegment(body.ID))
	if err != nil {
		return answer{}, err
	}
	if err := h.Directory.AddOwner(app.ID, user.ID); err != nil {
		return answer{}, badRequest("Request_BadRequest", "One or more added object references already exist for the following modified properties: 'owners'.")
	}
	return answer{status: http.StatusNoContent}, nil
}

// removeOwner is DELETE /applications/{key}/owners/{user}/$ref.
func (h *handler) removeOwner(who caller, r *http.Request) (answer, error) {
	app, err := h.changeable(who, r)
	if err != nil {
		return answer{}, err
	}
	if err := h.Directory.RemoveOwner(app.ID, r.PathValue("user")); err != nil {
		return answer{}, notFound(r.PathValue("user"))
	}
	return answer{status: http.StatusNoContent}, nil
}

func (h *handler) owner(id string) (directory.User, error) {
	user, ok := h.Directory.User(id)
	if !ok {
		return user, notFound(id)
	}
	return user, nil
}
