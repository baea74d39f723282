package graph

import (
	"net/http"
	"slices"
)

// organization is GET /organization: a collection of the one tenant.
func (h *handler) organization(_ caller, r *http.Request) (answer, error) {
	tenant := map[string]any{
		"id":          h.Directory.TenantID(),
		"displayName": h.Directory.DisplayName(),
		"tenantType":  "AAD",
		"verifiedDomains": []any{map[string]any{
			"name": h.Directory.Domain(), "isDefault": true, "isInitial": true, "type": "Managed", "capabilities": "Email, OfficeCommunicationsOnline",
		}},
	}
	return h.page(r, []map[string]any{selected(r, tenant)})
}

// getByIDs is POST /directoryObjects/getByIds: whatever the ids are of, for example the principals of role assignments.
func (h *handler) getByIDs(_ caller, r *http.Request) (answer, error) {
	var body struct {
		IDs   []string `json:"ids"`
		Types []string `json:"types"`
	}
	if err := readBody(r, &body); err != nil {
		return answer{}, err
	}
	if len(body.IDs) == 0 || len(body.IDs) > 1000 {
		return answer{}, badRequest("Request_BadRequest", "The number of values specified for 'ids' must be between 1 and 1000.")
	}
	wanted := func(kind string) bool { return len(body.Types) == 0 || slices.Contains(body.Types, kind) }
	found := []map[string]any{}
	for _, id := range body.IDs {
		if user, ok := h.Directory.User(id); ok && user.ID == id && wanted("user") {
			found = append(found, typed(selected(r, user), "user"))
		}
		if sp, ok := h.Directory.ServicePrincipal(id); ok && wanted("servicePrincipal") {
			found = append(found, typed(selected(r, sp), "servicePrincipal"))
		}
		if app, ok := h.Directory.Application(id); ok && wanted("application") {
			found = append(found, typed(selected(r, app), "application"))
		}
	}
	return answer{status: http.StatusOK, body: map[string]any{"@odata.context": h.url(r, "/$metadata#directoryObjects"), "value": found}}, nil
}
