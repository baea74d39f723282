package directory

import (
	"fmt"
	"slices"
	"strings"
)

// managedIdentityType is the servicePrincipalType of an identity that Azure manages: it has no application, no secret,
// and nobody signs in through it.
const managedIdentityType = "ManagedIdentity"

// managedIdentityLine is a user-assigned managed identity in a tenant file.
type managedIdentityLine struct {
	ID          string `json:"id"`    // object id: the subject of its tokens
	AppID       string `json:"appId"` // client id: what chooses it at the endpoint
	DisplayName string `json:"displayName"`
	// TrustedBy is the client id of an application that takes the identity's tokens for a credential of its own.
	TrustedBy string `json:"trustedBy"`
}

// CreateManagedIdentity adds a user-assigned managed identity. Empty ids are made here. Its error is [ErrConflict].
func (d *Directory) CreateManagedIdentity(displayName, id, appID string) (ServicePrincipal, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	sp := &ServicePrincipal{
		ID: id, AppID: appID, DisplayName: displayName, AccountEnabled: true, AppOwnerOrganizationID: d.tenantID,
		ServicePrincipalType: managedIdentityType, Tags: []string{}, OAuth2PermissionScopes: []PermissionScope{},
	}
	if sp.ID == "" {
		sp.ID = newID()
	}
	if sp.AppID == "" {
		sp.AppID = newID()
	}
	sp.ServicePrincipalNames = []string{sp.AppID}
	if slices.ContainsFunc(d.servicePrincipals, func(o *ServicePrincipal) bool { return o.ID == sp.ID || o.AppID == sp.AppID }) {
		return ServicePrincipal{}, fmt.Errorf("creating the managed identity %q: %w id", displayName, ErrConflict)
	}
	d.servicePrincipals = append(d.servicePrincipals, sp)
	return clone(*sp), nil
}

// ManagedIdentity finds a managed identity by its client id.
func (d *Directory) ManagedIdentity(appID string) (ServicePrincipal, bool) {
	return d.findServicePrincipal(func(sp *ServicePrincipal) bool {
		return sp.ServicePrincipalType == managedIdentityType && strings.EqualFold(sp.AppID, appID)
	})
}

// ManagedIdentities lists them.
func (d *Directory) ManagedIdentities() []ServicePrincipal {
	return slices.DeleteFunc(d.ServicePrincipals(), func(sp ServicePrincipal) bool { return sp.ServicePrincipalType != managedIdentityType })
}

// TrustManagedIdentities gives each application that a tenant file's managed identities are for a federated credential
// that trusts them. issuer is the tenant's own, which only the running tenant knows.
func (d *Directory) TrustManagedIdentities(issuer string) error {
	for _, line := range d.managedIdentities {
		a, ok := d.ApplicationByAppID(line.TrustedBy)
		if !ok {
			return fmt.Errorf("managed identity %q: application %s: %w", line.DisplayName, line.TrustedBy, ErrNotFound)
		}
		_, err := d.AddFederatedCredential(a.ID, FederatedIdentityCredential{
			Name: line.DisplayName, Issuer: issuer, Subject: line.ID, Audiences: []string{TokenExchangeAudience},
		})
		if err != nil {
			return fmt.Errorf("managed identity %q: %w", line.DisplayName, err)
		}
	}
	return nil
}
