package graph

import (
	"context"
	"net/http"
)

// FederatedIdentityCredential is an outside issuer's token that an application takes in place of a secret: issuer, subject
// and audience have to be the token's, to the letter ("federatedIdentityCredential resource type"). Audiences has exactly one.
type FederatedIdentityCredential struct {
	ID          string   `json:"id,omitempty"`
	Name        string   `json:"name,omitempty"` // within the application; never changes
	Issuer      string   `json:"issuer,omitempty"`
	Subject     string   `json:"subject,omitempty"`
	Description string   `json:"description,omitempty"`
	Audiences   []string `json:"audiences,omitzero"`
}

// FederatedCredentials returns those of an application. Graph reference: "List federatedIdentityCredentials".
func (c *Client) FederatedCredentials(ctx context.Context, id string) ([]FederatedIdentityCredential, error) {
	return list[FederatedIdentityCredential](ctx, c, readApplication, "/applications/"+id+"/federatedIdentityCredentials")
}

// AddFederatedCredential adds one. Graph reference: "Create federatedIdentityCredential".
func (c *Client) AddFederatedCredential(ctx context.Context, id string, credential FederatedIdentityCredential) error {
	_, err := c.do(ctx, call{operation: addFederated, method: http.MethodPost, path: "/applications/" + id + "/federatedIdentityCredentials", in: credential})
	return err
}

// UpdateFederatedCredential changes what patch holds. Graph reference: "Update federatedIdentityCredential".
func (c *Client) UpdateFederatedCredential(ctx context.Context, id, credentialID string, patch FederatedIdentityCredential) error {
	_, err := c.do(ctx, call{operation: updateFederated, method: http.MethodPatch, path: "/applications/" + id + "/federatedIdentityCredentials/" + credentialID, in: patch})
	return err
}

// RemoveFederatedCredential takes one away. Graph reference: "Delete federatedIdentityCredential".
func (c *Client) RemoveFederatedCredential(ctx context.Context, id, credentialID string) error {
	_, err := c.do(ctx, call{operation: removeFederated, method: http.MethodDelete, path: "/applications/" + id + "/federatedIdentityCredentials/" + credentialID})
	return err
}
