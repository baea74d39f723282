package apply

import (
	"context"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/plan"
)

// setFederated creates a federated credential, or gives the one that is there what it should have. A create whose answer got
// lost finds it there the next time.
func (r *runner) setFederated(ctx context.Context, step plan.Step) error {
	app, wanted := r.apps[step.Role].Application, step.Federated
	return untilThere(ctx, r.Clock, func() error {
		if wanted.ID == "" {
			return r.Client.AddFederatedCredential(ctx, app.ID, wanted)
		}
		patch := graph.FederatedIdentityCredential{Issuer: wanted.Issuer, Subject: wanted.Subject, Audiences: wanted.Audiences}
		return r.Client.UpdateFederatedCredential(ctx, app.ID, wanted.ID, patch)
	})
}
