package directory

import (
	"slices"
	"strings"
)

// Subscription is Resource Manager's subscription, as GET /subscriptions lists it.
type Subscription struct {
	ID                   string               `json:"id"` // /subscriptions/{subscriptionId}
	AuthorizationSource  string               `json:"authorizationSource"`
	ManagedByTenants     []ManagedByTenant    `json:"managedByTenants"`
	Tags                 map[string]string    `json:"tags"`
	SubscriptionID       string               `json:"subscriptionId"`
	TenantID             string               `json:"tenantId"`
	DisplayName          string               `json:"displayName"`
	State                string               `json:"state"` // Enabled, Warned, PastDue, Disabled, Deleted
	SubscriptionPolicies SubscriptionPolicies `json:"subscriptionPolicies"`
}

// ManagedByTenant is a tenant that manages the subscription from outside.
type ManagedByTenant struct {
	TenantID string `json:"tenantId"`
}

// SubscriptionPolicies are the commercial terms.
type SubscriptionPolicies struct {
	LocationPlacementID string `json:"locationPlacementId"`
	QuotaID             string `json:"quotaId"`
	SpendingLimit       string `json:"spendingLimit"`
}

// Subscriptions lists what a principal has a role on, in the order of the tenant file.
func (d *Directory) Subscriptions(principalID string) []Subscription {
	d.mu.RLock()
	defer d.mu.RUnlock()
	scopes := map[string]bool{}
	for _, assignment := range d.roleAssignments {
		if assignment.PrincipalID == principalID {
			scopes[strings.ToLower(assignment.Scope)] = true
		}
	}
	visible := []Subscription{}
	for _, subscription := range d.subscriptions {
		if scopes[strings.ToLower(subscription.ID)] {
			visible = append(visible, subscription)
		}
	}
	return visible
}

// AddSubscription adds a subscription and lets principals see it. Only displayName is needed; the rest gets the
// values of an ordinary subscription.
func (d *Directory) AddSubscription(s Subscription, readers ...string) Subscription {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.addSubscription(s, readers)
}

func (d *Directory) addSubscription(s Subscription, readers []string) Subscription {
	if s.SubscriptionID == "" {
		s.SubscriptionID = newID()
	}
	s.ID = "/subscriptions/" + s.SubscriptionID
	if s.TenantID == "" {
		s.TenantID = d.tenantID
	}
	if s.State == "" {
		s.State = "Enabled"
	}
	if s.AuthorizationSource == "" {
		s.AuthorizationSource = "RoleBased"
	}
	if s.ManagedByTenants == nil {
		s.ManagedByTenants = []ManagedByTenant{}
	}
	if s.Tags == nil {
		s.Tags = map[string]string{}
	}
	if s.SubscriptionPolicies == (SubscriptionPolicies{}) {
		s.SubscriptionPolicies = SubscriptionPolicies{
			LocationPlacementID: "Public_2014-09-01", QuotaID: "PayAsYouGo_2014-09-01", SpendingLimit: "Off",
		}
	}
	d.subscriptions = append(d.subscriptions, s)
	for _, principalID := range readers {
		d.roleAssignments = append(d.roleAssignments, RoleAssignment{Name: newID(), PrincipalID: principalID, Scope: s.ID, RoleDefinitionName: "Reader"})
	}
	return s
}

// HasSubscription says whether there is a subscription at all, whoever may see it.
func (d *Directory) HasSubscription(id string) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.ContainsFunc(d.subscriptions, func(s Subscription) bool { return strings.EqualFold(s.SubscriptionID, id) })
}
