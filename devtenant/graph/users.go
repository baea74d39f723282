package graph

import (
	"net/http"
	"slices"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// me is GET /me: who signed in. An application that acts for itself is nobody.
func (h *handler) me(who caller, r *http.Request) (answer, error) {
	if err := signedIn(who); err != nil {
		return answer{}, err
	}
	return h.one(r, http.StatusOK, "users", who.user), nil
}

// ownedObjects is GET /me/ownedObjects: the applications that the user may change.
func (h *handler) ownedObjects(who caller, r *http.Request) (answer, error) {
	if err := signedIn(who); err != nil {
		return answer{}, err
	}
	found := []map[string]any{}
	for _, app := range h.Directory.Applications() {
		if slices.Contains(h.Directory.Owners(app.ID), who.user.ID) {
			found = append(found, typed(selected(r, app), "application"))
		}
	}
	return h.page(r, found)
}

func signedIn(who caller) error {
	if who.app {
		return badRequest("BadRequest", "/me request is only valid with delegated authentication flow.")
	}
	return nil
}

// listUsers is GET /users.
func (h *handler) listUsers(_ caller, r *http.Request) (answer, error) {
	matches, err := filter(r, "displayName", "userPrincipalName", "mail", "mailNickname", "givenName", "surname", "accountEnabled", "userType", "id")
	if err != nil {
		return answer{}, err
	}
	found := []map[string]any{}
	for _, user := range h.Directory.Users() {
		if matches(asMap(user)) {
			found = append(found, selected(r, user))
		}
	}
	return h.page(r, found)
}

// getUser is GET /users/{key}.
func (h *handler) getUser(_ caller, r *http.Request) (answer, error) {
	user, err := h.pathUser(r)
	if err != nil {
		return answer{}, err
	}
	return h.one(r, http.StatusOK, "users", user), nil
}

// pathUser is the user whom a path names: by object id or user principal name, never by a short name.
func (h *handler) pathUser(r *http.Request) (directory.User, error) {
	key := r.PathValue("key")
	user, ok := h.Directory.User(key)
	if !ok || key == user.MailNickname {
		return user, notFound(key)
	}
	return user, nil
}
