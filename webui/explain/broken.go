package explain

import (
	"context"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
)

// How far a hop got, on an error page.
const (
	brokeHere  = "It broke here"
	notReached = "Not reached"
)

// brokenHops are the hops of a request that failed, and none where it failed in none of them.
func brokenHops(ctx context.Context, why *apperror.Error, now time.Time) []hop {
	at := why.Number()
	if at == 0 {
		return nil
	}
	seen, ok := ctx.Value(figuresKey{}).(*figures)
	if !ok {
		seen = &figures{about: subjectOf("/")} // it broke before the page began
	}
	hops := fourHops(seen.about)
	addRequests(hops, seen, now)
	for i := range hops {
		switch number := hops[i].Number; {
		case number == at:
			hops[i].Outcome, hops[i].Class = brokeHere, hops[i].Class+" broke"
		case number > at:
			hops[i].Outcome, hops[i].Class = notReached, hops[i].Class+" unreached"
		}
	}
	return hops
}

// switchOf returns the address of devtenant's switch that shows a failure; "" where there is none, or no devtenant.
func switchOf(why *apperror.Error, asked func() (tenantState, bool)) string {
	name := why.Row().Switch
	if name == "" {
		return ""
	}
	state, ok := asked()
	if !ok {
		return ""
	}
	return state.Address + "/switches#" + name
}
