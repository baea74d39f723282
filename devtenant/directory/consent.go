package directory

import (
	"fmt"
	"slices"
	"strings"
)

// OAuth2PermissionGrant is Graph's oAuth2PermissionGrant: a consent. ClientID and ResourceID are object ids of service
// principals, never client ids.
type OAuth2PermissionGrant struct {
	ID          string  `json:"id"`
	ClientID    string  `json:"clientId"`
	ConsentType string  `json:"consentType"` // AllPrincipals, by an administrator, or Principal
	PrincipalID *string `json:"principalId"` // the user, for Principal
	ResourceID  string  `json:"resourceId"`
	Scope       string  `json:"scope"` // values separated by spaces
}

// Values of OAuth2PermissionGrant.ConsentType.
const (
	AllPrincipals = "AllPrincipals"
	Principal     = "Principal"
)

// Grants lists every consent of the tenant.
func (d *Directory) Grants() []OAuth2PermissionGrant {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return cloneAll(d.grants)
}

// Grant finds a consent by its id.
func (d *Directory) Grant(id string) (OAuth2PermissionGrant, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	g, ok := find(d.grants, func(g *OAuth2PermissionGrant) bool { return g.ID == id })
	if !ok {
		return OAuth2PermissionGrant{}, false
	}
	return clone(*g), true
}

// CreateGrant records a consent. There is at most one for each client, resource and principal: a second is
// [ErrConflict], as in Graph.
func (d *Directory) CreateGrant(g OAuth2PermissionGrant) (OAuth2PermissionGrant, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	g = clone(g)
	switch {
	case g.ConsentType != AllPrincipals && g.ConsentType != Principal:
		return g, invalid("consentType is %q, want AllPrincipals or Principal", g.ConsentType)
	case (g.ConsentType == Principal) != (g.PrincipalID != nil):
		return g, invalid("principalId goes with consentType Principal, and only with it")
	}
	for _, id := range []string{g.ClientID, g.ResourceID} {
		if _, ok := find(d.servicePrincipals, func(sp *ServicePrincipal) bool { return sp.ID == id }); !ok {
			return g, fmt.Errorf("service principal %s: %w", id, ErrNotFound)
		}
	}
	if _, taken := find(d.grants, g.sameParties); taken {
		return g, fmt.Errorf("%w client, resource and principal", ErrConflict)
	}
	g.ID = newID()
	d.grants = append(d.grants, &g)
	return clone(g), nil
}

// UpdateGrant replaces the scopes of a consent.
func (d *Directory) UpdateGrant(id, scope string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	g, ok := find(d.grants, func(g *OAuth2PermissionGrant) bool { return g.ID == id })
	if !ok {
		return fmt.Errorf("grant %s: %w", id, ErrNotFound)
	}
	g.Scope = scope
	return nil
}

// DeleteGrant withdraws a consent.
func (d *Directory) DeleteGrant(id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := len(d.grants)
	d.grants = slices.DeleteFunc(d.grants, func(g *OAuth2PermissionGrant) bool { return g.ID == id })
	if len(d.grants) == before {
		return fmt.Errorf("grant %s: %w", id, ErrNotFound)
	}
	return nil
}

// Consent adds scopes to what a client may ask of a resource: for one user, or, with an empty userID, for all. Both
// parties are client ids.
func (d *Directory) Consent(clientAppID, resourceAppID, userID string, scopes []string) error {
	client, ok := d.ServicePrincipalByAppID(clientAppID)
	if !ok {
		return fmt.Errorf("client %s: %w", clientAppID, ErrNotFound)
	}
	resource, ok := d.ServicePrincipalByAppID(resourceAppID)
	if !ok {
		return fmt.Errorf("resource %s: %w", resourceAppID, ErrNotFound)
	}
	g := OAuth2PermissionGrant{ID: newID(), ClientID: client.ID, ResourceID: resource.ID, ConsentType: AllPrincipals}
	if userID != "" {
		g.ConsentType, g.PrincipalID = Principal, &userID
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	kept, ok := find(d.grants, g.sameParties)
	if !ok {
		kept = &g
		d.grants = append(d.grants, kept)
	}
	kept.Scope = strings.Join(union(strings.Fields(kept.Scope), scopes), " ")
	return nil
}

// WithdrawConsent deletes every consent that one user gave. What an administrator allowed for all stays.
func (d *Directory) WithdrawConsent(userID string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.grants = slices.DeleteFunc(d.grants, func(g *OAuth2PermissionGrant) bool {
		return g.PrincipalID != nil && *g.PrincipalID == userID
	})
}

// GrantedScopes are the scopes that a client may use at a resource for a user (or, with an empty userID, for
// everyone): by the user's consent, by an administrator's, or because the resource pre-authorized the client. Both
// parties are client ids.
func (d *Directory) GrantedScopes(clientAppID, resourceAppID, userID string) []string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	byAppID := func(appID string) func(*ServicePrincipal) bool {
		return func(sp *ServicePrincipal) bool { return strings.EqualFold(sp.AppID, appID) }
	}
	client, ok1 := find(d.servicePrincipals, byAppID(clientAppID))
	resource, ok2 := find(d.servicePrincipals, byAppID(resourceAppID))
	if !ok1 || !ok2 {
		return nil
	}
	if MicrosoftClient(client.AppID) && resource.AppOwnerOrganizationID == microsoftTenantID {
		return scopeValues(resource.OAuth2PermissionScopes)
	}
	granted := []string{}
	if a, _, ok := d.registration(resource.AppID); ok {
		granted = preAuthorized(a, client.AppID)
	}
	for _, g := range d.grants {
		mine := g.ConsentType == AllPrincipals || g.PrincipalID != nil && *g.PrincipalID == userID
		if mine && g.ClientID == client.ID && g.ResourceID == resource.ID {
			granted = union(granted, strings.Fields(g.Scope))
		}
	}
	return granted
}

func preAuthorized(api *Application, clientAppID string) []string {
	values := []string{}
	for _, pre := range api.API.PreAuthorizedApplications {
		if pre.AppID != clientAppID {
			continue
		}
		for _, id := range pre.DelegatedPermissionIDs {
			if scope, ok := findScope(api.API.OAuth2PermissionScopes, func(s PermissionScope) bool { return s.ID == id }); ok && scope.IsEnabled {
				values = append(values, scope.Value)
			}
		}
	}
	return values
}

func (g *OAuth2PermissionGrant) sameParties(o *OAuth2PermissionGrant) bool {
	same := g.ClientID == o.ClientID && g.ResourceID == o.ResourceID && g.ConsentType == o.ConsentType
	if g.PrincipalID == nil || o.PrincipalID == nil {
		return same && g.PrincipalID == o.PrincipalID
	}
	return same && *g.PrincipalID == *o.PrincipalID
}

func scopeValues(scopes []PermissionScope) []string {
	values := make([]string, 0, len(scopes))
	for _, scope := range scopes {
		values = append(values, scope.Value)
	}
	return values
}

func union(a, b []string) []string {
	for _, value := range b {
		if !slices.Contains(a, value) {
			a = append(a, value)
		}
	}
	return a
}
