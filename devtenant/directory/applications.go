package directory

import (
	"fmt"
	"slices"
	"strings"
)

// Applications lists the tenant's own applications, oldest first.
func (d *Directory) Applications() []Application {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return cloneAll(d.applications)
}

// Application finds an application by its object id.
func (d *Directory) Application(id string) (Application, bool) {
	return d.findApplication(func(a *Application) bool { return strings.EqualFold(a.ID, id) })
}

// ApplicationByAppID finds an application of the tenant by its client id.
func (d *Directory) ApplicationByAppID(appID string) (Application, bool) {
	return d.findApplication(func(a *Application) bool { return strings.EqualFold(a.AppID, appID) })
}

// ApplicationByUniqueName finds an application by the name that Graph upserts by.
func (d *Directory) ApplicationByUniqueName(name string) (Application, bool) {
	return d.findApplication(func(a *Application) bool { return name != "" && a.UniqueName == name })
}

func (d *Directory) findApplication(match func(*Application) bool) (Application, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	a, ok := find(d.applications, match)
	if !ok {
		return Application{}, false
	}
	return clone(*a), true
}

// CreateApplication registers an application. Ids that are empty are made here; Graph's callers can't choose them, a
// tenant file can. Its errors are [ErrInvalid] and [ErrConflict].
func (d *Directory) CreateApplication(a Application) (Application, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a = clone(a)
	if a.ID == "" {
		a.ID = newID()
	}
	if a.AppID == "" {
		a.AppID = newID()
	}
	if a.SignInAudience == "" {
		a.SignInAudience = "AzureADMyOrg"
	}
	a.CreatedDateTime, a.PublisherDomain = d.now().UTC(), d.domain
	a.DeletedDateTime = nil
	fillEmptyLists(&a)
	if err := d.check(&a); err != nil {
		return Application{}, fmt.Errorf("creating application %q: %w", a.DisplayName, err)
	}
	if _, taken := find(d.applications, func(o *Application) bool { return o.ID == a.ID || o.AppID == a.AppID }); taken {
		return Application{}, fmt.Errorf("creating application %q: %w id", a.DisplayName, ErrConflict)
	}
	d.takeSecrets(&a)
	d.applications = append(d.applications, &a)
	return clone(a), nil
}

// UpdateApplication changes one application: change gets a copy, and nothing is kept if it or the rules object. Ids,
// creation time and secrets stay what they are (secrets change through AddPassword and RemovePassword).
func (d *Directory) UpdateApplication(id string, change func(*Application) error) (Application, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a, ok := find(d.applications, func(a *Application) bool { return strings.EqualFold(a.ID, id) })
	if !ok {
		return Application{}, fmt.Errorf("application %s: %w", id, ErrNotFound)
	}
	changed := clone(*a)
	if err := change(&changed); err != nil {
		return Application{}, fmt.Errorf("updating application %s: %w", id, err)
	}
	changed.ID, changed.AppID, changed.CreatedDateTime = a.ID, a.AppID, a.CreatedDateTime
	changed.PasswordCredentials, changed.PublisherDomain = clone(a.PasswordCredentials), a.PublisherDomain
	fillEmptyLists(&changed)
	if err := d.check(&changed); err != nil {
		return Application{}, fmt.Errorf("updating application %s: %w", id, err)
	}
	*a = changed
	return clone(changed), nil
}

// DeleteApplication moves an application, its service principal and the grants of both to the bin. Nobody can sign in
// through it any more.
func (d *Directory) DeleteApplication(id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	a, ok := find(d.applications, func(a *Application) bool { return strings.EqualFold(a.ID, id) })
	if !ok {
		return fmt.Errorf("application %s: %w", id, ErrNotFound)
	}
	if sp, ok := find(d.servicePrincipals, func(sp *ServicePrincipal) bool { return sp.AppID == a.AppID }); ok {
		d.deleteServicePrincipal(sp)
	}
	now := d.now().UTC()
	a.DeletedDateTime = &now
	d.applications = slices.DeleteFunc(d.applications, func(o *Application) bool { return o == a })
	d.deletedApps = append(d.deletedApps, a)
	return nil
}

// DeletedApplications is Graph's /directory/deletedItems/microsoft.graph.application.
func (d *Directory) DeletedApplications() []Application {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return cloneAll(d.deletedApps)
}

// RestoreApplication takes an application out of the bin. Its service principal is restored with it; grants are not.
func (d *Directory) RestoreApplication(id string) (Application, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a, ok := find(d.deletedApps, func(a *Application) bool { return strings.EqualFold(a.ID, id) })
	if !ok {
		return Application{}, fmt.Errorf("deleted application %s: %w", id, ErrNotFound)
	}
	if err := d.check(a); err != nil {
		return Application{}, fmt.Errorf("restoring application %s: %w", id, err)
	}
	a.DeletedDateTime = nil
	d.deletedApps = slices.DeleteFunc(d.deletedApps, func(o *Application) bool { return o == a })
	d.applications = append(d.applications, a)
	if sp, ok := find(d.deletedSPs, func(sp *ServicePrincipal) bool { return sp.AppID == a.AppID }); ok {
		d.deletedSPs = slices.DeleteFunc(d.deletedSPs, func(o *ServicePrincipal) bool { return o == sp })
		sp.DeletedDateTime = nil
		d.servicePrincipals = append(d.servicePrincipals, sp)
	}
	return clone(*a), nil
}

// PurgeApplication empties the bin of one application, for good.
func (d *Directory) PurgeApplication(id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	a, ok := find(d.deletedApps, func(a *Application) bool { return strings.EqualFold(a.ID, id) })
	if !ok {
		return fmt.Errorf("deleted application %s: %w", id, ErrNotFound)
	}
	for _, credential := range a.PasswordCredentials {
		delete(d.secretHashes, credential.KeyID)
	}
	delete(d.owners, a.ID)
	delete(d.federated, a.ID)
	d.deletedApps = slices.DeleteFunc(d.deletedApps, func(o *Application) bool { return o == a })
	d.deletedSPs = slices.DeleteFunc(d.deletedSPs, func(sp *ServicePrincipal) bool { return sp.AppID == a.AppID })
	return nil
}

// Owners are the object ids of the users who own an application.
func (d *Directory) Owners(applicationID string) []string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.Clone(d.owners[applicationID])
}

// AddOwner makes a user an owner of an application; adding one twice is [ErrConflict], as in Graph.
func (d *Directory) AddOwner(applicationID, userID string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := find(d.applications, func(a *Application) bool { return a.ID == applicationID }); !ok {
		return fmt.Errorf("application %s: %w", applicationID, ErrNotFound)
	}
	if slices.Contains(d.owners[applicationID], userID) {
		return fmt.Errorf("%w owner", ErrConflict)
	}
	d.owners[applicationID] = append(d.owners[applicationID], userID)
	return nil
}

// RemoveOwner takes the ownership away again.
func (d *Directory) RemoveOwner(applicationID, userID string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Contains(d.owners[applicationID], userID) {
		return fmt.Errorf("owner %s of application %s: %w", userID, applicationID, ErrNotFound)
	}
	d.owners[applicationID] = slices.DeleteFunc(d.owners[applicationID], func(o string) bool { return o == userID })
	return nil
}
