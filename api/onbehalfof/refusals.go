package onbehalfof

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
)

const (
	// refusalLifetime is how long Entra's no is believed. A user who reloads a page would otherwise have each load exchange anew,
	// and Entra throttles the whole application for it. Whoever signs in again comes with another token A.
	refusalLifetime = 5 * time.Second
	// maxRetryAfterKept is the longest Retry-After that is believed. One answer, from Entra or from a proxy in its place, could
	// otherwise keep a user from all exchanges for a day.
	maxRetryAfterKept = 5 * time.Minute
	// throttledUsers is how many users have to be throttled at the same time for the application to count as throttled.
	throttledUsers = 3
	// probeInterval is how long the application then asks nothing. After that single requests find out whether it may again.
	probeInterval = 30 * time.Second
	// maxRefusals bounds how many refusals, and how many throttled users, are remembered. One takes some 300 bytes.
	maxRefusals = 10_000
)

// refusals keeps what Entra refused: the definite no of an exchange for some seconds, and the time before which Entra doesn't want
// to be asked again (Retry-After, RFC 9110 section 10.2.3). A 429 counts for its exchange. One user in a loop must not keep
// others waiting, so that only several users with a 429 at once are taken for a limit of the whole application.
//
// Each replica learns from answers of its own.
type refusals struct {
	Exchanger
	now func() time.Time

	mu          sync.Mutex
	kept        *simplelru.LRU[string, refusal]
	users       *simplelru.LRU[string, time.Time] // until when each user is throttled
	application time.Time                         // until when nobody's exchange is asked for; zero where all may
	probing     bool                              // a request is on its way to find out whether that is over
}

type refusal struct {
	err   error
	until time.Time
}

// WithRefusals wraps an exchanger in a memory of what Entra refused. now is the clock.
func WithRefusals(next Exchanger, now func() time.Time) Exchanger {
	// NewLRU fails for a size below one alone.
	kept, _ := simplelru.NewLRU[string, refusal](maxRefusals, nil)
	users, _ := simplelru.NewLRU[string, time.Time](maxRefusals, nil)
	return &refusals{Exchanger: next, now: now, kept: kept, users: users}
}

// Exchange implements [Exchanger].
func (r *refusals) Exchange(ctx context.Context, request Request) (Result, error) {
	key := request.key()
	probe, err := r.check(key)
	if err != nil {
		return Result{}, err
	}
	if probe {
		// Deferred: a probe that ends in a panic would otherwise be waited for by everybody, for ever.
		defer r.probed()
	}
	result, err := r.Exchanger.Exchange(ctx, request)
	return result, r.note(key, request, probe, err)
}

func (r *refusals) probed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.probing = false
}

// check returns the refusal that still holds for an exchange, and otherwise whether it is a probe.
func (r *refusals) check(key string) (probe bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if known, ok := r.kept.Get(key); ok && now.Before(known.until) {
		if definite(known.err) { // said again in full: its claims are what the user has to sign in with
			return false, known.err
		}
		return false, throttled(known.until.Sub(now))
	}
	switch {
	case r.application.IsZero():
		return false, nil
	case now.Before(r.application):
		return false, throttled(r.application.Sub(now))
	case r.probing:
		return false, throttled(time.Second)
	}
	r.probing = true
	return true, nil
}

func throttled(left time.Duration) error {
	return &entra.TokenError{Kind: entra.Throttled, RetryAfter: left}
}

// note keeps what an exchange's error says, and returns the error with the Retry-After that is believed.
func (r *refusals) note(key string, request Request, probe bool, err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, user := r.now(), request.Caller.TenantID+" "+request.Caller.ObjectID
	refused, ok := errors.AsType[*entra.TokenError](err)
	if !ok {
		if err == nil {
			r.users.Remove(user)
			r.application = time.Time{}
		}
		return err
	}
	believed := *refused
	believed.RetryAfter = min(refused.RetryAfter, maxRetryAfterKept)
	if refused.Kind == entra.Throttled && believed.RetryAfter == 0 {
		believed.RetryAfter = refusalLifetime // a 429 that names no time is no invitation to come back at once
	}
	switch {
	case definite(err):
		r.kept.Add(key, refusal{&believed, now.Add(refusalLifetime)})
		if probe { // Entra answers, so that it is over
			r.application = time.Time{}
		}
	case believed.RetryAfter > 0:
		r.kept.Add(key, refusal{&believed, now.Add(believed.RetryAfter)})
	}
	if refused.Kind == entra.Throttled {
		r.users.Add(user, now.Add(believed.RetryAfter))
		if probe || r.throttledUsers(now) >= throttledUsers {
			r.application = now.Add(min(believed.RetryAfter, probeInterval))
		}
	}
	return &believed
}

// throttledUsers counts the users whose time is not over, up to as many as matter, and forgets the others.
func (r *refusals) throttledUsers(now time.Time) (count int) {
	for _, user := range r.users.Keys() {
		until, _ := r.users.Peek(user)
		if !now.Before(until) {
			r.users.Remove(user)
			continue
		}
		if count++; count == throttledUsers {
			break
		}
	}
	return count
}

// definite tells a refusal, such as that of a user who was disabled, from an outage, in which an old token goes on serving.
func definite(err error) bool {
	refused, ok := errors.AsType[*entra.TokenError](err)
	return ok && (refused.Kind == entra.Interaction || refused.Kind == entra.Rejected)
}
