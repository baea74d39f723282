package directory

import (
	"maps"
	"slices"
)

// content is everything in a directory that can change.
type content struct {
	applications       []*Application
	servicePrincipals  []*ServicePrincipal
	grants             []*OAuth2PermissionGrant
	appRoleAssignments []*AppRoleAssignment
	users              []*User
	userNames          map[string]*User // by all names in lower case
	subscriptions      []Subscription
	roleAssignments    []RoleAssignment
	owners             map[string][]string                      // application object id → user ids
	secretHashes       map[string][32]byte                      // password keyId → SHA-256 of the secret
	federated          map[string][]FederatedIdentityCredential // application object id → its outside issuers
	managedIdentities  []managedIdentityLine                    // of the tenant file
	deletedApps        []*Application
	deletedSPs         []*ServicePrincipal
}

func emptyContent() content {
	return content{
		userNames: map[string]*User{}, owners: map[string][]string{}, secretHashes: map[string][32]byte{},
		federated: map[string][]FederatedIdentityCredential{},
	}
}

// copy shares nothing with the original. userNames stays empty: it points into users.
func (c content) copy() content {
	copied := content{
		applications: pointers(c.applications), servicePrincipals: pointers(c.servicePrincipals), grants: pointers(c.grants),
		appRoleAssignments: pointers(c.appRoleAssignments), users: pointers(c.users), userNames: map[string]*User{},
		subscriptions: clone(c.subscriptions), roleAssignments: slices.Clone(c.roleAssignments),
		owners: map[string][]string{}, secretHashes: maps.Clone(c.secretHashes), federated: map[string][]FederatedIdentityCredential{},
		managedIdentities: slices.Clone(c.managedIdentities), deletedApps: pointers(c.deletedApps), deletedSPs: pointers(c.deletedSPs),
	}
	for id, owners := range c.owners {
		copied.owners[id] = slices.Clone(owners)
	}
	for id, credentials := range c.federated {
		copied.federated[id] = clone(credentials)
	}
	return copied
}

func pointers[T any](items []*T) []*T {
	copies := make([]*T, 0, len(items))
	for _, item := range items {
		copied := clone(*item)
		copies = append(copies, &copied)
	}
	return copies
}

// Snapshot remembers what is in the directory now. Restore puts it back, as often as it is called.
func (d *Directory) Snapshot() (restore func()) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	kept := d.content.copy()
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		fresh := kept.copy()
		// Tenants that are Together share these two maps: they are filled again, not replaced.
		fresh.secretHashes, fresh.federated = refilled(d.secretHashes, fresh.secretHashes), refilled(d.federated, fresh.federated)
		d.content = fresh
		for _, u := range d.users {
			d.nameUser(u)
		}
	}
}

func refilled[V any](old, content map[string]V) map[string]V {
	clear(old)
	maps.Copy(old, content)
	return old
}
