package graph

import "net/http"

// me is GET /me: who signed in. An application that acts for itself is nobody.
func (h *handler) me(who caller, r *http.Request) (answer, error) {
	if who.app {
		return answer{}, badRequest("BadRequest", "/me request is only valid with delegated authentication flow.")
	}
	user := asMap(who.user)
	delete(user, "devtenant") // Graph has no such property
	return h.one(r, http.StatusOK, "users", user), nil
}

// organization is GET /organization: a collection of the one tenant.
func (h *handler) organization(_ caller, r *http.Request) (answer, error) {
	tenant := map[string]any{
		"id":          h.Directory.TenantID(),
		"displayName": h.Directory.DisplayName(),
		"verifiedDomains": []any{map[string]any{
			"name": h.Directory.Domain(), "isDefault": true, "isInitial": true, "type": "Managed",
		}},
	}
	return h.page(r, []map[string]any{selected(r, tenant)})
}
