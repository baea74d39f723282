// Package apply carries out a plan, step by step.
//
// Each step looks again at what is known by then and sends what is still missing, so that it does no harm when it comes
// twice: a run that was interrupted is simply started again. Ids and secrets are in the answers; a secret is in
// development.env before the next request is sent.
package apply

import (
	"context"
	"fmt"
	"maps"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/envfile"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/keypair"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/plan"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/tenant"
)

// Options is what a plan is applied to.
type Options struct {
	Client   *graph.Client
	Settings desired.Settings
	State    tenant.State
	Local    plan.Local
	File     *envfile.File
	Clock    Clock
	// Progress is told of each step before it is done; nil means nobody is.
	Progress func(plan.Step)
}

// Run carries out the steps of a plan in their order, but for those that have nothing to do. The first error ends it.
func Run(ctx context.Context, o Options, steps []plan.Step) error {
	r := &runner{Options: o, apps: maps.Clone(o.State.Apps), microsoft: maps.Clone(o.State.Microsoft), pairs: maps.Clone(o.Local.Pairs)}
	if r.pairs == nil {
		r.pairs = map[desired.Role]*keypair.Pair{}
	}
	for _, step := range steps {
		if step.Verb == plan.Keep {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if o.Progress != nil {
			o.Progress(step)
		}
		if err := r.do(ctx, step); err != nil {
			return fmt.Errorf("%s: %w", step.Target, err)
		}
	}
	return nil
}

// runner knows what is there by now.
type runner struct {
	Options
	apps      map[desired.Role]tenant.App
	microsoft map[string]graph.ServicePrincipal
	pairs     map[desired.Role]*keypair.Pair
}

func (r *runner) do(ctx context.Context, step plan.Step) error {
	switch step.Kind {
	case plan.Application:
		return r.application(ctx, step.Role)
	case plan.Ties:
		return r.ties(ctx, step.Role)
	case plan.ServicePrincipal:
		return r.servicePrincipal(ctx, step.Role)
	case plan.Owner:
		return r.owner(ctx, step.Role)
	case plan.AssignAppRole:
		return r.assignAppRole(ctx)
	case plan.WriteSettings:
		return r.writeSettings()
	case plan.AddSecret:
		return r.addSecret(ctx, step.Role)
	case plan.RemoveSecret:
		return r.removeSecret(ctx, step)
	case plan.MakeCertificate:
		return r.makeCertificate(step.Role)
	case plan.UploadCertificates:
		return r.uploadCertificates(ctx, step.Role)
	case plan.SetFederated:
		return r.setFederated(ctx, step)
	case plan.RemoveFederated:
		return gone(r.Client.RemoveFederatedCredential(ctx, r.apps[step.Role].Application.ID, step.ID))
	case plan.MicrosoftAPI:
		return r.microsoftAPI(ctx, step.Consent)
	case plan.GrantConsent:
		return r.grantConsent(ctx, step.Consent)
	case plan.DeleteApplication:
		return gone(r.Client.DeleteApplication(ctx, step.ID))
	case plan.PurgeApplication, plan.PurgeServicePrincipal:
		return r.purge(ctx, step)
	case plan.ForgetSettings:
		return r.forgetSettings(step)
	case plan.DeleteCertificateFiles:
		return deleteFiles(step.Files)
	default:
		return fmt.Errorf("nobody knows how to do %q", step.Kind)
	}
}
