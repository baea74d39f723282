package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

const (
	// storePatience is how long a callback waits for the place of sign-ins, answers that don't come included.
	storePatience = 2 * time.Second
	// storePause is before the second question; each later pause is twice as long as the one before.
	storePause = 100 * time.Millisecond
)

// callback answers GET /account/callback: Entra sends the browser back.
func (s *signIn) callback(c *gin.Context) {
	came, err := readCallback(c.Request.URL.RawQuery)
	if err != nil {
		s.pages.fail(c, &problem{code: apperror.SignInMismatch, cause: err})
		return
	}
	attempt, err := s.takeAttempt(c, came.state)
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
	if err := s.sessions.SignIn(c.Writer, c.Request, record); err != nil {
		s.pages.fail(c, &problem{code: apperror.StoreUnavailable, cause: err})
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
		return &problem{code: apperror.SignInExpired, cause: err}
	case errors.Is(err, session.ErrOtherBrowser):
		return &problem{code: apperror.SignInMismatch, cause: err}
	}
	return &problem{code: apperror.StoreUnavailable, again: true, cause: err}
}

// checkIssuer compares iss where Entra sent it (RFC 9207): an answer of another server must not be taken to this one's
// token endpoint, nor its error for this one's.
func (s *signIn) checkIssuer(ctx context.Context, issuer string) error {
	if issuer == "" {
		return nil
	}
	metadata, err := s.provider.Metadata(ctx)
	if err != nil {
		return &problem{code: apperror.ProviderUnavailable, cause: err}
	}
	if issuer != metadata.Issuer {
		return &problem{code: apperror.SignInMismatch, check: "iss", cause: errors.New("the callback's iss is not the tenant's issuer")}
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

// takeAttempt ends the attempt that an answer belongs to. While the store is away it tries again for storePatience: after an
// outage each replica finds at a moment of its own that Redis is back, and a silent sign-in that began at the first must not
// fail at the second, since it is tried once. Only the browser that began it waits; what others send costs one question.
func (s *signIn) takeAttempt(c *gin.Context, state string) (session.Attempt, error) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), storePatience)
	defer cancel()
	request := c.Request.WithContext(ctx)
	var away error
	for pause := storePause; ; pause *= 2 {
		attempt, err := s.attempts.Take(c.Writer, request, state)
		switch {
		case err == nil:
			return attempt, nil
		case errors.Is(err, session.ErrNoAttempt) && away != nil:
			return session.Attempt{}, away // it was ended, and the store's answer was lost: that is the fault to tell of
		case errors.Is(err, session.ErrNoAttempt) || errors.Is(err, session.ErrOtherBrowser) || !s.attempts.Began(c.Request, state):
			return session.Attempt{}, err
		}
		away = err
		s.log.WarnContext(ctx, "the place for sign-ins can't be reached; a callback waits for it", "error", err)
		select {
		case <-ctx.Done():
			return session.Attempt{}, away
		case <-time.After(pause):
		}
	}
}
