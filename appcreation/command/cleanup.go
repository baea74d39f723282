package command

import (
	"context"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/apply"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/plan"
)

// Cleanup deletes what Configure made, known by its tags: the applications with their service principals and consents,
// what points to them in development.env, and the key files. With Purge it empties the bin of them as well.
func Cleanup(ctx context.Context, o Options) error {
	o.With = desired.Parts // whatever was made
	s, state, local, err := begin(ctx, o.withDefaults())
	if err != nil {
		return err
	}
	bin, err := s.bin(ctx)
	if err != nil {
		return err
	}
	steps := plan.Cleanup(s.settings, state, local, bin, s.options.Purge)
	if err := s.show(state, steps); err != nil {
		return err
	}
	if steps.Empty() || s.options.DryRun {
		return nil
	}
	if !s.options.Yes && !s.confirm() {
		return ErrDeclined
	}
	err = apply.Run(ctx, apply.Options{
		Client: s.graph, Settings: s.settings, State: state, Local: local, File: s.file, Clock: s.options.Clock,
		Progress: func(step plan.Step) { s.progress("%s %s ...", doing[step.Verb], step.Target) },
	}, steps.Steps)
	if err != nil {
		return err
	}
	s.progress("\nDone.")
	return nil
}

// bin reads the bin. Whoever may not look into it can't purge either, and gets told so only if they want to.
func (s *session) bin(ctx context.Context) (plan.Bin, error) {
	applications, err := s.graph.DeletedApplications(ctx)
	if graph.IsForbidden(err) && !s.options.Purge {
		return plan.Bin{}, nil
	}
	if err != nil {
		return plan.Bin{}, err
	}
	servicePrincipals, err := s.graph.DeletedServicePrincipals(ctx)
	return plan.Bin{Applications: applications, ServicePrincipals: servicePrincipals}, err
}
