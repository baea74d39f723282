package server

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// reason is why somebody is signed in again without having pressed a button. Reasons add up to a set.
type reason int

const (
	recordGone     reason = 1 << iota // the cookie is good and the server's record gone: a restart, an eviction, the end of its time
	noTokenLeft                       // Entra gives no new token for the session
	challenged                        // the API, Azure behind it, wants the user to sign in again
	noConsent                         // and to consent
	noSecondFactor                    // and to prove who they are once more
)

func (r reason) has(other reason) bool { return r&other != 0 }

// silently tries to sign the user in without a page: the cookie is theirs, and only the server has lost its record. Where
// Entra still knows them they notice nothing; where it doesn't, or this happened a moment ago, they are signed out.
func (s *subscriptions) silently(c *gin.Context) {
	if s.loopGuard.before(c) != 0 {
		s.sessions.Forget(c.Writer)
		s.signedOut(c)
		return
	}
	s.signIn.begin(c, request{
		returnTo: localPath(c.Request.URL.RequestURI()), prompt: "none", reasons: recordGone, user: s.sessions.FormerUser(c.Request),
	})
}

// noToken goes on where there is no token A: back to sign in where Entra wants that, once.
func (s *subscriptions) noToken(c *gin.Context, current *session.Session, err error) {
	refused, ok := errors.AsType[*entra.TokenError](err)
	switch {
	case errors.Is(err, session.ErrGone): // signed out in another tab, a moment ago; the cookie may be the next user's
		s.signedOut(c)
	case !ok:
		s.pages.fail(c, &problem{code: apperror.StoreUnavailable, cause: err})
	case accountIsGone(tokenProblem(refused).code):
		s.end(c, current, refused)
	case refused.Kind != entra.Interaction:
		s.pages.fail(c, refused)
	case s.loopGuard.before(c).has(noTokenLeft):
		s.loopGuard.end(c)
		s.pages.fail(c, &problem{code: apperror.NoTokenLeft, aadsts: refused.AADSTS, cause: refused})
	default:
		// The record is of no use any more. Without it whoever doesn't go through with the sign-in is signed out, and
		// not sent there again by each page.
		s.signInAgain(c, current, request{claims: refused.Claims, reasons: noTokenLeft, ends: current})
	}
}

// refused goes on where the API gives no list: back to sign in where that may help, once, and otherwise to a page.
func (s *subscriptions) refused(c *gin.Context, current *session.Session, err error) {
	refusal, ok := errors.AsType[*apiRefusal](err)
	if !ok {
		s.pages.fail(c, err)
		return
	}
	recordCause(c, refusal)
	if accountIsGone(refusal.code) {
		s.end(c, current, refusal.problem())
		return
	}
	if !refusal.wantsSignIn() {
		s.pages.fail(c, refusal.problem())
		return
	}
	if s.loopGuard.before(c).has(refusal.reason()) {
		s.loopGuard.end(c)
		s.pages.fail(c, refusal.afterVainSignIn())
		return
	}
	asked := request{claims: refusal.challenge.claims, reasons: refusal.reason()}
	if refusal.code == apperror.ConsentRequired {
		// By itself Entra asks for consent only where there is none at all for the web UI; what is missing is the API's.
		asked.prompt = "consent"
	}
	s.signInAgain(c, current, asked)
}

// signInAgain signs the user in again, and brings them back to the page that they wanted.
func (s *subscriptions) signInAgain(c *gin.Context, current *session.Session, asked request) {
	asked.returnTo = localPath(c.Request.URL.RequestURI())
	asked.loginHint = current.User.Username
	asked.user = current.User.Digest()
	s.signIn.begin(c, asked)
}

// end signs out a user whom Entra no longer lets in, and shows why. With the session each visit would ask Entra again.
func (s *subscriptions) end(c *gin.Context, current *session.Session, why error) {
	if err := current.End(c.Request.Context(), c.Writer); err != nil {
		why = &problem{code: apperror.StoreUnavailable, cause: err}
	}
	s.pages.fail(c, why)
}

// wantsSignIn reports whether a new sign-in may change the API's mind: it says so itself (insufficient_claims), or the
// token is no longer good, as when the tenant withdrew the key that it was signed with. MSAL has no way to drop a token
// that hasn't expired, and with the sign-in comes a new one.
func (r *apiRefusal) wantsSignIn() bool {
	if r.status != http.StatusUnauthorized {
		return false
	}
	return r.challenge.err == "insufficient_claims" || r.code == apperror.InvalidToken || r.code == apperror.TokenExpired
}

// reason tells challenges apart. Entra asks for one thing at a time: a new user whose organization wants a second factor
// is asked to consent first, and the second question must not pass for the first one asked in vain.
func (r *apiRefusal) reason() reason {
	switch r.code {
	case apperror.ConsentRequired:
		return noConsent
	case apperror.MFARequired, apperror.MFAEnrolment:
		return noSecondFactor
	}
	return challenged
}

// accountIsGone reports whether Entra no longer lets the user in at all: to sign in again as the same one would end at its
// sign-in page, which can't say why they came there.
func accountIsGone(code string) bool {
	return code == apperror.UserDisabled || code == apperror.UserNotFound
}

// afterVainSignIn says what to tell whoever has been signed in again in vain.
func (r *apiRefusal) afterVainSignIn() *problem {
	if r.challenge.err == "insufficient_claims" {
		return &problem{code: apperror.StillRefused, apiCode: r.code, aadsts: r.aadsts, cause: r}
	}
	return r.problem()
}
