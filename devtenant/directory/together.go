package directory

import (
	"slices"
	"strings"
	"sync"
)

// Together puts directories side by side, as tenants of one Entra. Each sees the others' applications that are registered
// for several organizations, once it has a service principal for them ([Directory.Provision]), and nothing else of them.
// It must be called before any of them is used.
func Together(directories ...*Directory) {
	lock := &sync.RWMutex{} // one for all: none is read while another changes
	secrets, federated := map[string][32]byte{}, map[string][]FederatedIdentityCredential{}
	for _, d := range directories {
		for id, hash := range d.secretHashes {
			secrets[id] = hash
		}
		for id, credentials := range d.federated {
			federated[id] = credentials
		}
		d.mu, d.secretHashes, d.federated = lock, secrets, federated
		d.peers = slices.DeleteFunc(slices.Clone(directories), func(o *Directory) bool { return o == d })
	}
}

// Registration finds an application by its client id: the tenant's own, or another tenant's that is registered for several
// organizations.
func (d *Directory) Registration(appID string) (Application, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	a, _, ok := d.registration(appID)
	if !ok {
		return Application{}, false
	}
	return clone(*a), true
}

// registration is Registration for those who hold the lock. It says whose the application is, too.
func (d *Directory) registration(appID string) (*Application, *Directory, bool) {
	if a, ok := find(d.applications, func(a *Application) bool { return strings.EqualFold(a.AppID, appID) }); ok {
		return a, d, true
	}
	for _, peer := range d.peers {
		a, ok := find(peer.applications, func(a *Application) bool { return strings.EqualFold(a.AppID, appID) && a.MultiTenant() })
		if ok {
			return a, peer, true
		}
	}
	return nil, nil, false
}

// Prospect describes the service principal that another tenant's API would get here: name is its client id or one of its
// App ID URIs. There is none where the tenant has the API already.
func (d *Directory) Prospect(name string) (ServicePrincipal, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, peer := range d.peers {
		a, ok := find(peer.applications, func(a *Application) bool {
			return a.MultiTenant() && (strings.EqualFold(a.AppID, name) || slices.Contains(a.IdentifierURIs, name))
		})
		if !ok {
			continue
		}
		if _, there := find(d.servicePrincipals, func(sp *ServicePrincipal) bool { return sp.AppID == a.AppID }); !there {
			return d.describe(&ServicePrincipal{AppID: a.AppID}), true
		}
	}
	return ServicePrincipal{}, false
}

// Provision gives an application a service principal in this tenant, if it has none yet: what the first consent in a
// tenant does.
func (d *Directory) Provision(appID string) (ServicePrincipal, error) {
	if sp, ok := d.ServicePrincipalByAppID(appID); ok {
		return sp, nil
	}
	return d.CreateServicePrincipal(ServicePrincipal{AppID: appID})
}

// MultiTenant says whether users of other organizations may use the application.
func (a Application) MultiTenant() bool {
	return a.SignInAudience != "" && a.SignInAudience != "AzureADMyOrg"
}
