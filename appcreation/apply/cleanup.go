package apply

import (
	"context"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/plan"
)

// gone makes a success of deleting what isn't there any more.
func gone(err error) error {
	if graph.IsNotThere(err) {
		return nil
	}
	return err
}

// purge deletes from the bin. What was deleted a moment ago may take some time to get there, and what isn't there any
// more went with its application: so a few tries, and then it is fine.
func (r *runner) purge(ctx context.Context, step plan.Step) error {
	tries := 0
	return until(ctx, r.Clock, func() (bool, error) {
		err := r.Client.Purge(ctx, step.ID)
		if !graph.IsNotThere(err) {
			return true, err
		}
		tries++
		return tries == purgeTries || step.Kind == plan.PurgeServicePrincipal, nil
	})
}

const purgeTries = 5
