package apply

import (
	"context"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/plan"
)

// microsoftAPI makes one of Microsoft's APIs known to a tenant that never used it.
func (r *runner) microsoftAPI(ctx context.Context, consent desired.Consent) error {
	sp, err := r.ensureServicePrincipal(ctx, r.microsoft[consent.AppID], desired.MicrosoftServicePrincipal(consent.AppID))
	if err != nil {
		return err
	}
	r.microsoft[consent.AppID] = sp
	return nil
}

// grantConsent gives a client what it lacks of a resource, for all users of the tenant.
func (r *runner) grantConsent(ctx context.Context, consent desired.Consent) error {
	client := r.apps[consent.Client].ServicePrincipal.ID
	resource := r.apps[desired.API].ServicePrincipal.ID
	if sp, ok := r.microsoft[consent.AppID]; ok {
		resource = sp.ID
	}
	there := plan.FindGrant(r.State.Grants, client, resource, "")
	if there.ID != "" {
		scope := strings.Join(append(strings.Fields(there.Scope), desired.MissingScopes(consent.Scopes, there.Scope)...), " ")
		return untilThere(ctx, r.Clock, func() error {
			return r.Client.UpdatePermissionGrant(ctx, there.ID, scope)
		})
	}
	err := untilThere(ctx, r.Clock, func() error {
		_, err := r.Client.CreatePermissionGrant(ctx, graph.PermissionGrant{
			ClientID: client, ConsentType: "AllPrincipals", ResourceID: resource, Scope: strings.Join(consent.Scopes, " "),
		})
		return err
	})
	if graph.IsThereAlready(err) {
		return nil // of a run whose answer got lost
	}
	return err
}

// assignAppRole gives the program without a user its role of the API.
func (r *runner) assignAppRole(ctx context.Context) error {
	api := r.apps[desired.API]
	err := untilThere(ctx, r.Clock, func() error {
		return r.Client.AssignAppRole(ctx, graph.AppRoleAssignment{
			PrincipalID: r.apps[desired.Application].ServicePrincipal.ID, ResourceID: api.ServicePrincipal.ID, AppRoleID: desired.AppRoleID(api.Application),
		})
	})
	if graph.IsThereAlready(err) {
		return nil // of a run whose answer got lost
	}
	return err
}
