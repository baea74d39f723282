package directory

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// ServicePrincipal is Graph's servicePrincipal resource: an application as this tenant sees it. Grants name service
// principals, never applications. Microsoft's own have no application in the tenant.
type ServicePrincipal struct {
	ID                        string            `json:"id"`
	AppID                     string            `json:"appId"`
	DisplayName               string            `json:"displayName"`
	AccountEnabled            bool              `json:"accountEnabled"`
	AppOwnerOrganizationID    string            `json:"appOwnerOrganizationId"`
	AppRoleAssignmentRequired bool              `json:"appRoleAssignmentRequired"`
	ServicePrincipalType      string            `json:"servicePrincipalType"`
	ServicePrincipalNames     []string          `json:"servicePrincipalNames"` // what a scope may start with
	OAuth2PermissionScopes    []PermissionScope `json:"oauth2PermissionScopes"`
	Tags                      []string          `json:"tags"`
	DeletedDateTime           *time.Time        `json:"deletedDateTime,omitempty"`
}

// ServicePrincipals lists them all, Microsoft's own first.
func (d *Directory) ServicePrincipals() []ServicePrincipal {
	d.mu.RLock()
	defer d.mu.RUnlock()
	all := make([]ServicePrincipal, 0, len(d.servicePrincipals))
	for _, sp := range d.servicePrincipals {
		all = append(all, d.describe(sp))
	}
	return all
}

// ServicePrincipal finds one by its object id.
func (d *Directory) ServicePrincipal(id string) (ServicePrincipal, bool) {
	return d.findServicePrincipal(func(sp *ServicePrincipal) bool { return strings.EqualFold(sp.ID, id) })
}

// ServicePrincipalByAppID finds one by its client id.
func (d *Directory) ServicePrincipalByAppID(appID string) (ServicePrincipal, bool) {
	return d.findServicePrincipal(func(sp *ServicePrincipal) bool { return strings.EqualFold(sp.AppID, appID) })
}

func (d *Directory) findServicePrincipal(match func(*ServicePrincipal) bool) (ServicePrincipal, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	sp, ok := find(d.servicePrincipals, match)
	if !ok {
		return ServicePrincipal{}, false
	}
	return d.describe(sp), true
}

// Resource finds the API that the first part of a scope names: a client id, or one of the API's names to the letter.
func (d *Directory) Resource(name string) (ServicePrincipal, bool) {
	return d.findServicePrincipal(func(sp *ServicePrincipal) bool {
		if strings.EqualFold(sp.AppID, name) || slices.Contains(sp.ServicePrincipalNames, name) {
			return true
		}
		a, ok := find(d.applications, func(a *Application) bool { return a.AppID == sp.AppID })
		return ok && slices.Contains(a.IdentifierURIs, name)
	})
}

// CreateServicePrincipal makes the tenant know one of its own applications. Without it nobody can sign in through the
// application, or ask for a token for it. It returns [ErrInvalid] for an unknown application and [ErrConflict] if
// there is one already.
func (d *Directory) CreateServicePrincipal(sp ServicePrincipal) (ServicePrincipal, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	sp = clone(sp)
	if _, ok := find(d.applications, func(a *Application) bool { return a.AppID == sp.AppID }); !ok {
		return ServicePrincipal{}, fmt.Errorf("creating a service principal: %w", invalid("appId %q belongs to no application", sp.AppID))
	}
	if _, taken := find(d.servicePrincipals, func(o *ServicePrincipal) bool { return o.AppID == sp.AppID }); taken {
		return ServicePrincipal{}, fmt.Errorf("creating a service principal: %w appId %s", ErrConflict, sp.AppID)
	}
	if sp.ID == "" {
		sp.ID = newID()
	}
	sp.AccountEnabled = true
	d.servicePrincipals = append(d.servicePrincipals, &sp)
	return d.describe(&sp), nil
}

// UpdateServicePrincipal changes what belongs to the service principal itself: accountEnabled,
// appRoleAssignmentRequired and tags.
func (d *Directory) UpdateServicePrincipal(id string, change func(*ServicePrincipal) error) (ServicePrincipal, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	sp, ok := find(d.servicePrincipals, func(sp *ServicePrincipal) bool { return strings.EqualFold(sp.ID, id) })
	if !ok {
		return ServicePrincipal{}, fmt.Errorf("service principal %s: %w", id, ErrNotFound)
	}
	changed := d.describe(sp)
	if err := change(&changed); err != nil {
		return ServicePrincipal{}, fmt.Errorf("updating service principal %s: %w", id, err)
	}
	sp.AccountEnabled = changed.AccountEnabled
	sp.AppRoleAssignmentRequired = changed.AppRoleAssignmentRequired
	sp.Tags = slices.Clone(changed.Tags)
	return d.describe(sp), nil
}

// DeleteServicePrincipal takes an application out of the tenant, and the grants to and from it.
func (d *Directory) DeleteServicePrincipal(id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	sp, ok := find(d.servicePrincipals, func(sp *ServicePrincipal) bool { return strings.EqualFold(sp.ID, id) })
	if !ok {
		return fmt.Errorf("service principal %s: %w", id, ErrNotFound)
	}
	d.deleteServicePrincipal(sp)
	return nil
}

func (d *Directory) deleteServicePrincipal(sp *ServicePrincipal) {
	now := d.now().UTC()
	sp.DeletedDateTime = &now
	d.servicePrincipals = slices.DeleteFunc(d.servicePrincipals, func(o *ServicePrincipal) bool { return o == sp })
	d.deletedSPs = append(d.deletedSPs, sp)
	d.grants = slices.DeleteFunc(d.grants, func(g *OAuth2PermissionGrant) bool {
		return g.ClientID == sp.ID || g.ResourceID == sp.ID
	})
}

// DeletedServicePrincipals is Graph's /directory/deletedItems/microsoft.graph.servicePrincipal.
func (d *Directory) DeletedServicePrincipals() []ServicePrincipal {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return cloneAll(d.deletedSPs)
}

// PurgeServicePrincipal empties the bin of one service principal.
func (d *Directory) PurgeServicePrincipal(id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := len(d.deletedSPs)
	d.deletedSPs = slices.DeleteFunc(d.deletedSPs, func(sp *ServicePrincipal) bool { return strings.EqualFold(sp.ID, id) })
	if len(d.deletedSPs) == before {
		return fmt.Errorf("deleted service principal %s: %w", id, ErrNotFound)
	}
	return nil
}

// describe fills in what a service principal takes from its application, so that the two never differ. Callers hold
// the lock.
func (d *Directory) describe(sp *ServicePrincipal) ServicePrincipal {
	described := clone(*sp)
	if a, ok := find(d.applications, func(a *Application) bool { return a.AppID == sp.AppID }); ok {
		described.DisplayName = a.DisplayName
		described.AppOwnerOrganizationID = d.tenantID
		described.ServicePrincipalType = "Application"
		described.ServicePrincipalNames = append([]string{a.AppID}, a.IdentifierURIs...)
		described.OAuth2PermissionScopes = clone(a.API.OAuth2PermissionScopes)
	}
	if described.Tags == nil {
		described.Tags = []string{}
	}
	return described
}
