package graph

import (
	"errors"
	"net/http"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// listFederated is GET /applications/{key}/federatedIdentityCredentials.
func (h *handler) listFederated(_ caller, r *http.Request) (answer, error) {
	app, err := h.application(r)
	if err != nil {
		return answer{}, err
	}
	matches, err := filter(r, "name", "issuer", "subject")
	if err != nil {
		return answer{}, err
	}
	found := []map[string]any{}
	for _, credential := range h.Directory.FederatedCredentials(app.ID) {
		if matches(asMap(credential)) {
			found = append(found, selected(r, credential))
		}
	}
	return h.page(r, found)
}

// createFederated is POST /applications/{key}/federatedIdentityCredentials.
func (h *handler) createFederated(who caller, r *http.Request) (answer, error) {
	app, err := h.changeable(who, r)
	if err != nil {
		return answer{}, err
	}
	var body directory.FederatedIdentityCredential
	if err := readBody(r, &body); err != nil {
		return answer{}, err
	}
	created, err := h.Directory.AddFederatedCredential(app.ID, body)
	if errors.Is(err, directory.ErrConflict) {
		return answer{}, conflict("FederatedIdentityCredential with name %s, or with its issuer and subject, already exists.", body.Name)
	}
	if err != nil {
		return answer{}, err
	}
	result := h.one(r, http.StatusCreated, "applications('"+app.ID+"')/federatedIdentityCredentials", created)
	result.location = "/applications/" + app.ID + "/federatedIdentityCredentials/" + created.ID
	return result, nil
}

// getFederated is GET /applications/{key}/federatedIdentityCredentials/{credential}.
func (h *handler) getFederated(_ caller, r *http.Request) (answer, error) {
	app, err := h.application(r)
	if err != nil {
		return answer{}, err
	}
	credential, err := h.federated(r, app)
	if err != nil {
		return answer{}, err
	}
	return h.one(r, http.StatusOK, "applications('"+app.ID+"')/federatedIdentityCredentials", credential), nil
}

// patchFederated is PATCH /applications/{key}/federatedIdentityCredentials/{credential}: anything but its id and name.
func (h *handler) patchFederated(who caller, r *http.Request) (answer, error) {
	app, err := h.changeable(who, r)
	if err != nil {
		return answer{}, err
	}
	credential, err := h.federated(r, app)
	if err != nil {
		return answer{}, err
	}
	var body struct {
		Name        *string   `json:"name"`
		Issuer      *string   `json:"issuer"`
		Subject     *string   `json:"subject"`
		Description *string   `json:"description"`
		Audiences   *[]string `json:"audiences"`
	}
	if err := readBody(r, &body); err != nil {
		return answer{}, err
	}
	if body.Name != nil && *body.Name != credential.Name {
		return answer{}, badRequest("Request_BadRequest", "Property 'name' is immutable.")
	}
	err = h.Directory.UpdateFederatedCredential(app.ID, credential.ID, func(c *directory.FederatedIdentityCredential) {
		setIfSent(&c.Issuer, body.Issuer)
		setIfSent(&c.Subject, body.Subject)
		setIfSent(&c.Description, body.Description)
		setIfSent(&c.Audiences, body.Audiences)
	})
	return answer{status: http.StatusNoContent}, err
}

// deleteFederated is DELETE /applications/{key}/federatedIdentityCredentials/{credential}.
func (h *handler) deleteFederated(who caller, r *http.Request) (answer, error) {
	app, err := h.changeable(who, r)
	if err != nil {
		return answer{}, err
	}
	credential, err := h.federated(r, app)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusNoContent}, h.Directory.RemoveFederatedCredential(app.ID, credential.ID)
}

// federated finds the credential of an application that a request's path names.
func (h *handler) federated(r *http.Request, app directory.Application) (directory.FederatedIdentityCredential, error) {
	key := r.PathValue("credential")
	for _, credential := range h.Directory.FederatedCredentials(app.ID) {
		if strings.EqualFold(credential.ID, key) || credential.Name == key {
			return credential, nil
		}
	}
	return directory.FederatedIdentityCredential{}, notFound(key)
}

// setIfSent changes a property that a PATCH's body has.
func setIfSent[T any](property, sent *T) {
	if sent != nil {
		*property = *sent
	}
}
