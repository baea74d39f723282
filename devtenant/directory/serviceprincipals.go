package directory

import (
	"encoding/json"
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
	AppRoles                  []AppRole         `json:"appRoles"`
	Tags                      []string          `json:"tags"`
	// PasswordCredentials and KeyCredentials are the service principal's own, beside those of its application.
	PasswordCredentials []PasswordCredential `json:"passwordCredentials"`
	KeyCredentials      []KeyCredential      `json:"keyCredentials"`

	// What is told of the application.
	AppDisplayName  string          `json:"appDisplayName,omitempty"`
	AppDescription  string          `json:"appDescription,omitempty"`
	Homepage        string          `json:"homepage,omitempty"`
	LogoutURL       string          `json:"logoutUrl,omitempty"`
	ReplyURLs       []string        `json:"replyUrls"`
	SignInAudience  string          `json:"signInAudience,omitempty"`
	CreatedDateTime *time.Time      `json:"createdDateTime"`
	Info            json.RawMessage `json:"info"`

	// Members that are kept and shown, and change nothing here.
	AlternativeNames           []string        `json:"alternativeNames"`
	Description                json.RawMessage `json:"description"`
	LoginURL                   json.RawMessage `json:"loginUrl"`
	Notes                      json.RawMessage `json:"notes"`
	NotificationEmailAddresses []string        `json:"notificationEmailAddresses"`
	PreferredSingleSignOnMode  json.RawMessage `json:"preferredSingleSignOnMode"`
	DeletedDateTime            *time.Time      `json:"deletedDateTime,omitempty"`
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
		a, _, ok := d.registration(sp.AppID)
		return ok && slices.Contains(a.IdentifierURIs, name)
	})
}

// CreateServicePrincipal makes the tenant know one of its own applications, or another tenant's. Without it nobody can sign in through the
// application, or ask for a token for it. It returns [ErrInvalid] for an unknown application and [ErrConflict] if
// there is one already.
func (d *Directory) CreateServicePrincipal(sp ServicePrincipal) (ServicePrincipal, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	sp = clone(sp)
	if _, _, ok := d.registration(sp.AppID); !ok {
		return ServicePrincipal{}, fmt.Errorf("creating a service principal: %w", invalid("appId %q belongs to no application", sp.AppID))
	}
	if _, taken := find(d.servicePrincipals, func(o *ServicePrincipal) bool { return o.AppID == sp.AppID }); taken {
		return ServicePrincipal{}, fmt.Errorf("creating a service principal: %w appId %s", ErrConflict, sp.AppID)
	}
	if sp.ID == "" {
		sp.ID = newID()
	}
	now := d.now().UTC()
	sp.AccountEnabled, sp.CreatedDateTime = true, &now
	d.servicePrincipals = append(d.servicePrincipals, &sp)
	return d.describe(&sp), nil
}

// UpdateServicePrincipal changes what belongs to the service principal itself. What it takes from its application, its
// ids and its secrets stay what they are.
func (d *Directory) UpdateServicePrincipal(id string, change func(*ServicePrincipal) error) (ServicePrincipal, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	sp, ok := find(d.servicePrincipals, func(sp *ServicePrincipal) bool { return strings.EqualFold(sp.ID, id) })
	if !ok {
		return ServicePrincipal{}, fmt.Errorf("service principal %s: %w", id, ErrNotFound)
	}
	changed := clone(*sp)
	if err := change(&changed); err != nil {
		return ServicePrincipal{}, fmt.Errorf("updating service principal %s: %w", id, err)
	}
	changed.ID, changed.AppID, changed.CreatedDateTime, changed.PasswordCredentials = sp.ID, sp.AppID, sp.CreatedDateTime, sp.PasswordCredentials
	*sp = changed
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
	d.appRoleAssignments = slices.DeleteFunc(d.appRoleAssignments, func(a *AppRoleAssignment) bool {
		return a.PrincipalID == sp.ID || a.ResourceID == sp.ID
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
	if a, owner, ok := d.registration(sp.AppID); ok {
		described.DisplayName = a.DisplayName
		described.AppOwnerOrganizationID = owner.tenantID
		described.ServicePrincipalType = "Application"
		described.ServicePrincipalNames = append([]string{a.AppID}, a.IdentifierURIs...)
		described.OAuth2PermissionScopes, described.AppRoles = clone(a.API.OAuth2PermissionScopes), clone(a.AppRoles)
		described.AppDisplayName, described.AppDescription, described.SignInAudience = a.DisplayName, a.Description, a.SignInAudience
		described.Homepage, described.LogoutURL, described.Info = a.Web.HomePageURL, a.Web.LogoutURL, a.Info
		described.ReplyURLs = slices.Concat(a.Web.RedirectURIs, a.SPA.RedirectURIs, a.PublicClient.RedirectURIs)
	}
	for _, list := range []*[]string{&described.Tags, &described.ServicePrincipalNames, &described.ReplyURLs, &described.AlternativeNames, &described.NotificationEmailAddresses} {
		fillEmpty(list)
	}
	fillEmpty(&described.OAuth2PermissionScopes)
	fillEmpty(&described.AppRoles)
	fillEmpty(&described.PasswordCredentials)
	fillEmpty(&described.KeyCredentials)
	return described
}
