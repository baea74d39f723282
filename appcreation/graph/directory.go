package graph

import (
	"context"
	"net/http"
)

// Me returns who is signed in. An application that signed in for itself is nobody: Graph answers 400.
// Graph reference: "Get a user".
func (c *Client) Me(ctx context.Context) (User, error) {
	var me User
	_, err := c.do(ctx, call{operation: readMe, method: http.MethodGet, path: "/me?$select=id,displayName,userPrincipalName", out: &me})
	return me, err
}

// Organization returns the tenant that the token is for. Graph reference: "List organizations"; there is always one.
func (c *Client) Organization(ctx context.Context) (Organization, error) {
	all, err := list[Organization](ctx, c, readOrganization, "/organization?$select=id,displayName")
	if err != nil || len(all) == 0 {
		return Organization{}, err
	}
	return all[0], nil
}

// DeletedApplications returns the applications in the bin, whoever made them. Graph reference: "List deletedItems".
func (c *Client) DeletedApplications(ctx context.Context) ([]Application, error) {
	return list[Application](ctx, c, readDeleted, "/directory/deletedItems/microsoft.graph.application?$select="+applicationFields)
}

// DeletedServicePrincipals returns the service principals in the bin.
func (c *Client) DeletedServicePrincipals(ctx context.Context) ([]ServicePrincipal, error) {
	return list[ServicePrincipal](ctx, c, readDeleted, "/directory/deletedItems/microsoft.graph.servicePrincipal?$select="+servicePrincipalFields)
}

// Restore takes an object out of the bin again. Graph reference: "Restore deleted item".
func (c *Client) Restore(ctx context.Context, id string) error {
	_, err := c.do(ctx, call{operation: restoreDeleted, method: http.MethodPost, path: "/directory/deletedItems/" + id + "/restore"})
	return err
}

// Purge deletes an object in the bin for good. Graph reference: "Permanently delete an item".
func (c *Client) Purge(ctx context.Context, id string) error {
	_, err := c.do(ctx, call{operation: purgeDeleted, method: http.MethodDelete, path: "/directory/deletedItems/" + id})
	return err
}
