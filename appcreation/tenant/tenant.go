// Package tenant reads from Graph what a tenant has of the applications.
package tenant

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
)

// State is what was read.
type State struct {
	Organization graph.Organization
	// Me is who is signed in; its ID is "" for an application that acts for itself.
	Me   graph.User
	Apps map[desired.Role]App
	// Microsoft are the service principals of Microsoft's APIs by client id; one that the tenant never used is missing.
	Microsoft map[string]graph.ServicePrincipal
	// Grants are the consents of the applications.
	Grants []graph.PermissionGrant
	// AppRoles are those that the program without a user has.
	AppRoles []graph.AppRoleAssignment
}

// App is one of the applications with what belongs to it. Its Application.ID is "" where there is none.
type App struct {
	Application graph.Application
	// InBin says that the application was deleted and can be restored.
	InBin            bool
	ServicePrincipal graph.ServicePrincipal // ID "" where there is none
	Owners           []string
	Federated        []graph.FederatedIdentityCredential
}

// There reports whether the application exists and isn't in the bin.
func (a App) There() bool { return a.Application.ID != "" && !a.InBin }

// Read reads everything that a plan needs. It writes nothing.
func Read(ctx context.Context, client *graph.Client, s desired.Settings) (State, error) {
	state := State{Apps: map[desired.Role]App{}, Microsoft: map[string]graph.ServicePrincipal{}}
	var err error
	if state.Organization, err = client.Organization(ctx); err != nil {
		return state, err
	}
	if state.Me, err = readMe(ctx, client); err != nil {
		return state, err
	}
	for _, role := range s.Roles() {
		if state.Apps[role], err = readApp(ctx, client, s, role); err != nil {
			return state, err
		}
		if id := state.Apps[role].ServicePrincipal.ID; id != "" {
			grants, err := client.PermissionGrants(ctx, id)
			if err != nil && !graph.IsNotThere(err) {
				return state, err
			}
			state.Grants = append(state.Grants, grants...)
			if role == desired.Application {
				if state.AppRoles, err = client.AppRoleAssignments(ctx, id); err != nil && !graph.IsNotThere(err) {
					return state, err
				}
			}
		}
	}
	for _, appID := range []string{desired.ResourceManagerAppID, desired.GraphAppID} {
		sp, err := client.ServicePrincipal(ctx, appID)
		if err != nil {
			return state, err
		}
		if sp != nil {
			state.Microsoft[appID] = *sp
		}
	}
	return state, nil
}

// readMe: an application that signed in for itself is nobody, and gets 400.
func readMe(ctx context.Context, client *graph.Client) (graph.User, error) {
	me, err := client.Me(ctx)
	if graph.IsBadRequest(err) {
		return graph.User{}, nil
	}
	return me, err
}

func readApp(ctx context.Context, client *graph.Client, s desired.Settings, role desired.Role) (App, error) {
	found, err := Find(ctx, client, s, role)
	if err != nil {
		return App{}, err
	}
	if found == nil {
		return readBin(ctx, client, s, role)
	}
	app := App{Application: *found}
	if app.Owners, err = client.Owners(ctx, found.ID); err != nil && !graph.IsNotThere(err) {
		return App{}, err
	}
	if app.Federated, err = client.FederatedCredentials(ctx, found.ID); err != nil && !graph.IsNotThere(err) {
		return App{}, err
	}
	sp, err := client.ServicePrincipal(ctx, found.AppID)
	if err != nil {
		return App{}, err
	}
	if sp != nil {
		app.ServicePrincipal = *sp
	}
	return app, nil
}

// Find returns the application that was made here for a role, or nil: by its unique name, and, for one that lost it or
// came in another way, by its tag. One with the name and without the tag belongs to somebody else.
func Find(ctx context.Context, client *graph.Client, s desired.Settings, role desired.Role) (*graph.Application, error) {
	found, err := client.ApplicationByUniqueName(ctx, s.UniqueName(role))
	if err != nil {
		return nil, err
	}
	if found != nil {
		if !slices.Contains(found.Tags, s.Tag(role)) {
			return nil, &ForeignError{Application: *found, Tag: s.Tag(role)}
		}
		return found, nil
	}
	tagged, err := client.ApplicationsByTag(ctx, s.Tag(role))
	if err != nil || len(tagged) == 0 {
		return nil, err
	}
	if len(tagged) > 1 {
		return nil, &AmbiguousError{Applications: tagged, Tag: s.Tag(role)}
	}
	return &tagged[0], nil
}

// readBin looks for a deleted application: for 30 days it holds the unique name, so that no new one can have it.
func readBin(ctx context.Context, client *graph.Client, s desired.Settings, role desired.Role) (App, error) {
	deleted, err := client.DeletedApplications(ctx)
	if graph.IsForbidden(err) {
		return App{}, nil // an ordinary user may not look; the create will say if there was something
	}
	if err != nil {
		return App{}, err
	}
	for _, app := range deleted {
		if app.UniqueName == s.UniqueName(role) && slices.Contains(app.Tags, s.Tag(role)) {
			return App{Application: app, InBin: true}, nil
		}
	}
	return App{}, nil
}

// ForeignError is an application that has the unique name and wasn't made here.
type ForeignError struct {
	Application graph.Application
	Tag         string
}

func (e *ForeignError) Error() string {
	return fmt.Sprintf("the application %q (client id %s) has the unique name %s, but not the tag %s: it was not made here",
		e.Application.DisplayName, e.Application.AppID, e.Application.UniqueName, e.Tag)
}

// Help says what to do next.
func (e *ForeignError) Help() string {
	return "Choose another --name, or, if it is yours, give it that tag (App registrations: Manifest, \"tags\")."
}

// AmbiguousError is more than one application with the tag.
type AmbiguousError struct {
	Applications []graph.Application
	Tag          string
}

func (e *AmbiguousError) Error() string {
	ids := make([]string, len(e.Applications))
	for i, app := range e.Applications {
		ids[i] = app.AppID
	}
	return fmt.Sprintf("%d applications have the tag %s: client ids %s", len(ids), e.Tag, strings.Join(ids, ", "))
}

// Help says what to do next.
func (e *AmbiguousError) Help() string {
	return "Take the tag from all but one (App registrations: Manifest, \"tags\"), or delete those that nobody uses."
}
