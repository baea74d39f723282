package apply

import (
	"context"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/tenant"
)

// application restores or creates an application, and then gives it what it lacks.
func (r *runner) application(ctx context.Context, role desired.Role) error {
	app := r.apps[role]
	switch {
	case app.InBin:
		if err := r.Client.Restore(ctx, app.Application.ID); err != nil && !graph.IsNotThere(err) { // not there: restored already
			return err
		}
		found, err := r.find(ctx, role)
		if err != nil {
			return err
		}
		app.Application, app.InBin = *found, false
	case app.Application.ID == "":
		body, _ := desired.Compare(r.Settings, role, graph.Application{}, r.others)
		created, err := r.Client.CreateIfMissing(ctx, r.Settings.UniqueName(role), body)
		if err != nil {
			return err
		}
		if created == nil { // it was there, of a run whose answer got lost
			if created, err = r.find(ctx, role); err != nil {
				return err
			}
		}
		app.Application = *created
	}
	r.apps[role] = app
	patch, changes := desired.Compare(r.Settings, role, app.Application, r.others)
	return r.update(ctx, role, patch, changes)
}

// find waits until the application can be read.
func (r *runner) find(ctx context.Context, role desired.Role) (found *graph.Application, err error) {
	err = until(ctx, r.Clock, func() (bool, error) {
		var err error
		found, err = tenant.Find(ctx, r.Client, r.Settings, role)
		return found != nil || err != nil, err
	})
	return found, err
}

// others are the applications that are there by now.
func (r *runner) others(role desired.Role) graph.Application { return r.apps[role].Application }

// update sends a patch, if there is something to change.
func (r *runner) update(ctx context.Context, role desired.Role, patch graph.Application, changes []desired.Change) error {
	if len(changes) == 0 {
		return nil
	}
	app := r.apps[role]
	err := untilThere(ctx, r.Clock, func() error {
		return r.Client.UpdateApplication(ctx, app.Application.ID, patch)
	})
	if err != nil {
		return err
	}
	app.Application = app.Application.With(patch)
	r.apps[role] = app
	return nil
}

// ties connects an API with its own id and with its clients.
func (r *runner) ties(ctx context.Context, role desired.Role) error {
	patch, changes := desired.Ties(r.Settings, role, r.apps[role].Application, r.others)
	return r.update(ctx, role, patch, changes)
}

// owner makes the caller an owner. Graph has done so already where an ordinary user created the application.
func (r *runner) owner(ctx context.Context, role desired.Role) error {
	err := untilThere(ctx, r.Clock, func() error {
		return r.Client.AddOwner(ctx, r.apps[role].Application.ID, r.State.Me.ID)
	})
	if graph.IsThereAlready(err) {
		return nil
	}
	return err
}

// servicePrincipal creates it, or enables the one that is there.
func (r *runner) servicePrincipal(ctx context.Context, role desired.Role) error {
	app := r.apps[role]
	sp, err := r.ensureServicePrincipal(ctx, app.ServicePrincipal, desired.ServicePrincipal(app.Application.AppID))
	if err != nil {
		return err
	}
	if sp.AccountEnabled != nil && !*sp.AccountEnabled {
		yes := true
		err := untilThere(ctx, r.Clock, func() error {
			return r.Client.UpdateServicePrincipal(ctx, sp.ID, graph.ServicePrincipal{AccountEnabled: &yes})
		})
		if err != nil {
			return err
		}
		sp.AccountEnabled = &yes
	}
	app.ServicePrincipal = sp
	r.apps[role] = app
	return nil
}

// ensureServicePrincipal creates one, unless it is known, or there already: it came back with a restored application, or
// an earlier run's answer got lost.
func (r *runner) ensureServicePrincipal(ctx context.Context, known, body graph.ServicePrincipal) (sp graph.ServicePrincipal, err error) {
	if known.ID != "" {
		return known, nil
	}
	err = untilThere(ctx, r.Clock, func() error {
		var err error
		sp, err = r.Client.CreateServicePrincipal(ctx, body)
		return err
	})
	if !graph.IsThereAlready(err) {
		return sp, err
	}
	err = until(ctx, r.Clock, func() (bool, error) {
		found, err := r.Client.ServicePrincipal(ctx, body.AppID)
		if found != nil {
			sp = *found
		}
		return found != nil || err != nil, err
	})
	return sp, err
}
