package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/apply"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/plan"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/tenant"
)

// Result is what configure did.
type Result struct {
	Plan    plan.Plan // as it was shown
	Applied bool      // false for a dry run, an empty plan, and a "no"
	// The client ids of both applications, where they are known.
	WebUIClientID, APIClientID string
}

// ErrDeclined is the answer no.
var ErrDeclined = errors.New("nothing was done")

// Configure creates or repairs both applications and writes development.env. It can be run again at any time: it
// changes what differs, and what is right it leaves alone.
func Configure(ctx context.Context, o Options) (Result, error) {
	s, state, local, err := begin(ctx, o.withDefaults())
	if err != nil {
		return Result{}, err
	}
	steps := plan.Configure(s.settings, state, local)
	result := Result{Plan: steps}
	if err := s.show(state, steps); err != nil {
		return result, err
	}
	if steps.Empty() || s.options.DryRun {
		result.know(state)
		return result, nil
	}
	if was := local.Values["AUTHORITY"]; was != "" && was != s.settings.Authority && was != s.settings.AuthoritySetting() && !strings.HasPrefix(was, s.cloud.Authority+"/"+organizations) {
		s.progress("\ndevelopment.env is for %s until now: its client ids and secrets will be replaced.", was)
	}
	if !s.options.Yes && !s.confirm() {
		return result, ErrDeclined
	}
	if state, err = s.converge(ctx, steps, state, local); err != nil {
		return result, err
	}
	result.Applied = true
	result.know(state)
	s.progress("\nDone. Start both tiers: go run ./api and go run ./webui")
	if !s.settings.AdminConsent {
		s.progress("Users are asked for their consent when they first sign in; an administrator can give it for all with --admin-consent.")
	}
	return result, nil
}

// begin signs in and reads everything.
func begin(ctx context.Context, o Options) (*session, tenant.State, plan.Local, error) {
	s, err := open(o)
	if err == nil {
		err = s.reach(ctx)
	}
	if err == nil {
		err = s.signIn(ctx)
	}
	if err != nil {
		return nil, tenant.State{}, plan.Local{}, err
	}
	state, local, err := s.read(ctx)
	return s, state, local, err
}

// How long configure looks whether what it wrote can be read everywhere, and how often it repairs what it then finds.
const (
	settle      = time.Minute
	settlePause = time.Second
	rounds      = 3
)

// converge applies the steps and looks again, until there is nothing left to do. What is read right after a write may be
// old, so a difference counts only if it stays.
func (s *session) converge(ctx context.Context, steps plan.Plan, state tenant.State, local plan.Local) (tenant.State, error) {
	for range rounds {
		err := apply.Run(ctx, apply.Options{
			Client: s.graph, Settings: s.settings, State: state, Local: local, File: s.file, Clock: s.options.Clock,
			Progress: func(step plan.Step) { s.progress("%s %s ...", doing[step.Verb], step.Target) },
		}, steps.Steps)
		if err != nil {
			return state, err
		}
		s.settings.FormerRedirectURIs = nil
		s.progress("looking whether all of it is there ...")
		deadline := s.options.Clock.Now().Add(settle)
		for {
			if state, local, err = s.read(ctx); err != nil {
				return state, err
			}
			if steps = plan.Configure(s.settings, state, local); steps.Empty() {
				return state, nil
			}
			if s.options.Clock.Now().After(deadline) {
				break
			}
			if err := s.options.Clock.Sleep(ctx, settlePause); err != nil {
				return state, err
			}
		}
	}
	return state, fmt.Errorf("the tenant still differs after %d rounds (%s); someone else may be changing it. Run the same command again", rounds, steps.Summary())
}

var doing = map[plan.Verb]string{plan.Create: "creating", plan.Change: "changing", plan.Restore: "restoring", plan.Remove: "removing"}

// show writes the plan to Out.
func (s *session) show(state tenant.State, steps plan.Plan) error {
	who := state.Me.UserPrincipalName
	if who == "" {
		who = "an application"
	}
	if _, err := fmt.Fprintf(s.options.Out, "\nTenant:  %s (%s)\nAs:      %s\n\n", state.Organization.DisplayName, state.Organization.ID, who); err != nil {
		return err
	}
	if err := steps.Write(s.options.Out); err != nil {
		return err
	}
	_, err := fmt.Fprintf(s.options.Out, "\n%s.\n", strings.ToUpper(steps.Summary()[:1])+steps.Summary()[1:])
	return err
}

// confirm asks on Err, so that the plan can be piped. Anything but yes is no, and so is nobody there to answer.
func (s *session) confirm() bool {
	_, _ = fmt.Fprint(s.options.Err, "\nDo it? [y/N] ")
	answer, _ := bufio.NewReader(s.options.In).ReadString('\n') // an error is no answer
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return true
	default:
		return false
	}
}

func (s *session) progress(format string, values ...any) {
	_, _ = fmt.Fprintf(s.options.Err, format+"\n", values...)
}

func (r *Result) know(state tenant.State) {
	r.WebUIClientID = state.Apps[desired.WebUI].Application.AppID
	r.APIClientID = state.Apps[desired.API].Application.AppID
}
