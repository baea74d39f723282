package graph

import (
	"context"
	"net/http"
)

const servicePrincipalFields = "id,appId,displayName,accountEnabled"

// ServicePrincipal returns what stands for an application in this tenant. It is nil where there is none.
// Graph reference: "Get servicePrincipal".
func (c *Client) ServicePrincipal(ctx context.Context, appID string) (*ServicePrincipal, error) {
	var found ServicePrincipal
	_, err := c.do(ctx, call{
		operation: readServicePrincipal,
		method:    http.MethodGet,
		path:      "/servicePrincipals(appId=" + quoted(appID) + ")?$select=" + servicePrincipalFields,
		out:       &found,
	})
	if IsNotThere(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &found, nil
}

// CreateServicePrincipal makes an application usable in this tenant. Graph reference: "Create servicePrincipal".
func (c *Client) CreateServicePrincipal(ctx context.Context, body ServicePrincipal) (ServicePrincipal, error) {
	var created ServicePrincipal
	_, err := c.do(ctx, call{operation: createServicePrincipal, method: http.MethodPost, path: "/servicePrincipals", in: body, out: &created})
	return created, err
}

// UpdateServicePrincipal changes what patch holds. Graph reference: "Update servicePrincipal".
func (c *Client) UpdateServicePrincipal(ctx context.Context, id string, patch ServicePrincipal) error {
	_, err := c.do(ctx, call{operation: updateServicePrincipal, method: http.MethodPatch, path: "/servicePrincipals/" + id, in: patch})
	return err
}

// PermissionGrants returns the consent that was given to a client, by its service principal's object id.
// Graph reference: "List oauth2PermissionGrants granted to a service principal".
func (c *Client) PermissionGrants(ctx context.Context, clientID string) ([]PermissionGrant, error) {
	return list[PermissionGrant](ctx, c, readGrants, "/servicePrincipals/"+clientID+"/oauth2PermissionGrants")
}

// CreatePermissionGrant gives consent. Graph reference: "Create oAuth2PermissionGrant".
func (c *Client) CreatePermissionGrant(ctx context.Context, grant PermissionGrant) (PermissionGrant, error) {
	var created PermissionGrant
	_, err := c.do(ctx, call{operation: grantConsent, method: http.MethodPost, path: "/oauth2PermissionGrants", in: grant, out: &created})
	return created, err
}

// UpdatePermissionGrant replaces the scopes of a grant. Graph reference: "Update oAuth2PermissionGrant".
func (c *Client) UpdatePermissionGrant(ctx context.Context, id, scope string) error {
	_, err := c.do(ctx, call{operation: grantConsent, method: http.MethodPatch, path: "/oauth2PermissionGrants/" + id, in: PermissionGrant{Scope: scope}})
	return err
}

// AppRoleAssignments returns the roles that a client has, by its service principal's object id.
// Graph reference: "List appRoleAssignments granted to a service principal".
func (c *Client) AppRoleAssignments(ctx context.Context, clientID string) ([]AppRoleAssignment, error) {
	return list[AppRoleAssignment](ctx, c, readAppRoles, "/servicePrincipals/"+clientID+"/appRoleAssignments")
}

// AssignAppRole gives a client a role of an API. Graph reference: "Grant an appRoleAssignment for a service principal".
func (c *Client) AssignAppRole(ctx context.Context, assignment AppRoleAssignment) error {
	path := "/servicePrincipals/" + assignment.ResourceID + "/appRoleAssignedTo"
	_, err := c.do(ctx, call{operation: assignAppRole, method: http.MethodPost, path: path, in: assignment})
	return err
}
