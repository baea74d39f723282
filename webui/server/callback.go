package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"ms-identity-go-on-behalf-of/internal/failure"
	"ms-identity-go-on-behalf-of/webui/session"
)

const (
	// storePatience is how long one step of a callback waits for the store, answers that don't come included.
	storePatience = 2 * time.Second
	// storePause is between two attempts.
	storePause = 100 * time.Millisecond
)

// callback answers GET /account/callback: Entra sends the browser back.
func (s *signIn) callback(c *gin.Context) {
	came, err := readCallback(c.Request.URL.RawQuery)
	if err != nil {
		s.pages.fail(c, &problem{code: failure.SignInMismatch, cause: err})
		return
	}
	var attempt session.Attempt
	err = patiently(c.Request, func(r *http.Request) (err error) {
		attempt, err = s.attempts.Take(c.Writer, r, came.state)
		return err
	})
	if err != nil {
		s.pages.fail(c, attemptProblem(err))
		return
	}
	if err := s.checkIssuer(c.Request.Context(), came.issuer); err != nil {
		s.pages.fail(c, err)
		return
	}
	if came.err != "" {
		s.refused(c, attempt, came)
		return
	}
	record, err := s.redeem(c.Request.Context(), attempt, came.code)
	if err != nil {
		s.pages.fail(c, err)
		return
	}
	other := attempt.User != "" && attempt.User != record.User.Digest()
	if other && attempt.Silent {
		// Entra took whoever is signed in there, and nobody has asked for that: not to be signed in at all is what one
		// notices, to be somebody else is not.
		s.log.InfoContext(c.Request.Context(), "the silent sign-in came back with another user", "user_oid", record.User.ObjectID)
		c.Redirect(http.StatusSeeOther, startPage)
		return
	}
	err = patiently(c.Request, func(r *http.Request) error { return s.sessions.SignIn(c.Writer, r, record) })
	if err != nil {
		s.pages.fail(c, &problem{code: failure.StoreUnavailable, cause: err})
		return
	}
	if other {
		// Sent to Entra as one user, they chose another account there, and that is who they are now. But the page, and
		// the reasons for the trip, were the first one's.
		attempt.ReturnTo, attempt.Reasons = startPage, 0
		s.loopGuard.end(c)
	}
	if reasons := reason(attempt.Reasons); reasons != 0 {
		s.loopGuard.remember(c, s.loopGuard.before(c)|reasons)
	}
	s.log.InfoContext(c.Request.Context(), "signed in", "user_oid", record.User.ObjectID, "silent", attempt.Silent, "reasons", attempt.Reasons)
	c.Redirect(http.StatusSeeOther, attempt.ReturnTo)
}

func attemptProblem(err error) *problem {
	switch {
	case errors.Is(err, session.ErrNoAttempt):
		return &problem{code: failure.SignInExpired, cause: err}
	case errors.Is(err, session.ErrOtherBrowser):
		return &problem{code: failure.SignInMismatch, cause: err}
	}
	return &problem{code: failure.StoreUnavailable, cause: err}
}

// checkIssuer compares iss where Entra sent it (RFC 9207): an answer of another server must not be taken to this one's
// token endpoint, nor its error for this one's.
func (s *signIn) checkIssuer(ctx context.Context, issuer string) error {
	if issuer == "" {
		return nil
	}
	metadata, err := s.provider.Metadata(ctx)
	if err != nil {
		return &problem{code: failure.ProviderUnavailable, cause: err}
	}
	if issuer != metadata.Issuer {
		return &problem{code: failure.SignInMismatch, check: "iss", cause: errors.New("the callback's iss is not the tenant's issuer")}
	}
	return nil
}

// refused ends a sign-in that Entra answered with an error. One that the user didn't begin ends on the start page, as if
// it had never been: they are signed out, and can sign in.
func (s *signIn) refused(c *gin.Context, attempt session.Attempt, came answer) {
	why := came.problem()
	if attempt.Silent {
		s.log.InfoContext(c.Request.Context(), "the silent sign-in ended without a user", "cause", why.cause)
		c.Redirect(http.StatusSeeOther, startPage)
		return
	}
	s.pages.fail(c, why)
}

// patiently repeats what a callback does with the store, for storePatience at most. Any other request can simply be sent again; of
// a callback that has redeemed its code the code is spent, and a silent sign-in is tried once. After an outage each replica
// finds at a moment of its own that Redis is back: what began at the first must not fail at the second.
func patiently(request *http.Request, try func(*http.Request) error) error {
	ctx, cancel := context.WithTimeout(request.Context(), storePatience)
	defer cancel()
	for {
		err := try(request.WithContext(ctx))
		if err == nil || errors.Is(err, session.ErrNoAttempt) || errors.Is(err, session.ErrOtherBrowser) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(storePause):
		}
	}
}
