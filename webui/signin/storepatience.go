package signin

import (
	"context"
	"errors"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

const (
	// storePatience is how long a callback waits for the store, answers that don't come included.
	storePatience = 2 * time.Second
	// storePause is before the second question; each later pause is twice as long as the one before.
	storePause = 100 * time.Millisecond
)

// takeAttempt ends the attempt that an answer belongs to. While the store is away it tries again for storePatience: after an
// outage each replica finds at a moment of its own that Redis is back, and a silent sign-in that began at the first must not
// fail at the second, since it is tried once. Only the browser that began it waits; what others send costs one question.
func (f *Flow) takeAttempt(c *gin.Context, came answer) (session.Attempt, error) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), storePatience)
	defer cancel()
	request := c.Request.WithContext(ctx)
	var storeErr error
	for pause := storePause; ; pause *= 2 {
		attempt, err := f.o.Attempts.Take(c.Writer, request, came.state)
		switch {
		case err == nil && attempt.AdminConsent != came.adminConsent:
			return session.Attempt{}, errOtherKind
		case err == nil:
			return attempt, nil
		case errors.Is(err, session.ErrNoAttempt) && storeErr != nil:
			return session.Attempt{}, storeErr // it was ended, and the store's answer was lost: that is the fault to tell of
		case errors.Is(err, session.ErrNoAttempt) || errors.Is(err, session.ErrOtherBrowser) || !f.o.Attempts.Began(c.Request, came.state):
			return session.Attempt{}, err
		}
		storeErr = err
		f.o.Log.WarnContext(ctx, "the store of sign-ins can't be reached; a callback waits for it", "error", err)
		select {
		case <-ctx.Done():
			return session.Attempt{}, storeErr
		case <-time.After(pause):
		}
	}
}

// errOtherKind: a state that names a sign-in came with an administrator's consent, or the other way around.
var errOtherKind = errors.New("the answer is of another kind than what was begun")

// attemptError says what an error of takeAttempt means in hop 1.
func attemptError(err error) error {
	switch {
	case errors.Is(err, session.ErrNoAttempt):
		return apperror.New(apperror.SignInExpired, err)
	case errors.Is(err, session.ErrOtherBrowser), errors.Is(err, errOtherKind):
		return apperror.New(apperror.SignInMismatch, err)
	}
	return &apperror.Error{Code: apperror.StoreUnavailable, Resend: true, Cause: err}
}
