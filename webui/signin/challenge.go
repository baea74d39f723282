package signin

import (
	"errors"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/middleware"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// reason is why somebody is signed in again without having pressed a button. Reasons add up to a set.
type reason int

const (
	recordGone        reason = 1 << iota // the cookie is good and the server's record gone: a restart, an eviction, the end of its time
	noTokenLeft                          // Entra gives no new token for the session
	challenged                           // the API, Azure behind it, wants the user to sign in again
	wantsConsent                         // and to consent
	wantsSecondFactor                    // and to prove who they are once more
)

func (r reason) has(other reason) bool { return r&other != 0 }

// noSession goes on without a session: as a visitor, or silently where only the server has lost the record. Where Entra still
// knows the user they notice nothing; where it doesn't, or this happened a moment ago, they are signed out.
func (f *Flow) noSession(c *gin.Context, err error) {
	if errors.Is(err, session.ErrNone) {
		f.signedOut(c)
		return
	}
	if !errors.Is(err, session.ErrGone) {
		f.failStore(c, err)
		return
	}
	user, lost := f.o.Sessions.Former(c.Request)
	switch {
	case f.loopGuard.silentTried(c, lost):
		f.signedOut(c)
	case f.loopGuard.reasons(c) != 0:
		// Signed in again for another reason a moment ago: not once more, and not on the next page either.
		f.loopGuard.noteSilent(c, lost)
		f.signedOut(c)
	default:
		f.begin(c, request{returnTo: localPath(c.Request.URL.RequestURI()), prompt: "none", reasons: recordGone, user: user, lost: lost})
	}
}

// noToken goes on without token A: back to sign in where Entra wants that, once.
func (f *Flow) noToken(c *gin.Context, current *session.Session, err error) {
	if errors.Is(err, session.ErrGone) { // signed out in another tab, a moment ago; the cookie may be the next user's
		f.signedOut(c)
		return
	}
	refused, ok := errors.AsType[*entra.TokenError](err)
	if !ok {
		f.failStore(c, err)
		return
	}
	why := refused.Explain(apperror.Renewal)
	switch {
	case accountIsGone(why.Code):
		f.end(c, current, why)
	case refused.Kind != entra.Interaction:
		f.o.Fail(c, why)
	case refused.ClaimsError != nil: // to sign in without them would end the session, and change nothing
		why.Code = apperror.ProviderMalformed
		f.o.Fail(c, why)
	case f.loopGuard.reasons(c).has(noTokenLeft):
		f.loopGuard.forget(c)
		why.Code = apperror.NoTokenLeft
		f.o.Fail(c, why)
	default:
		// The record is of no use any more. Without it whoever doesn't go through with the sign-in is signed out, and
		// not sent there again by each page.
		middleware.SetCause(c, refused)
		f.signInAgain(c, current, request{claims: refused.Claims, reasons: noTokenLeft, ends: current})
	}
}

// Refused goes on where the API has refused what a page needs: back to sign in where that may help, once, and otherwise to
// the error's page.
func (f *Flow) Refused(c *gin.Context, current *session.Session, err error) {
	refusal := apperror.As(err)
	switch {
	case accountIsGone(refusal.Code):
		f.end(c, current, refusal)
		return
	case !signInHelps(refusal):
		f.o.Fail(c, refusal)
		return
	}
	why := reasonOf(refusal.Code)
	if f.loopGuard.reasons(c).has(why) {
		f.loopGuard.forget(c)
		if refusal.Challenge.WantsSignIn() {
			refusal.Code = apperror.StillRefused
		}
		f.o.Fail(c, refusal)
		return
	}
	middleware.SetCause(c, refusal)
	asked := request{claims: refusal.Challenge.Claims, reasons: why}
	if refusal.Code == apperror.ConsentRequired {
		// By itself Entra asks for consent only where there is none at all for the web UI; what is missing is the API's.
		asked.prompt = "consent"
	}
	f.signInAgain(c, current, asked)
}

// signInAgain signs the user in again, and brings them back to the page that they wanted.
func (f *Flow) signInAgain(c *gin.Context, current *session.Session, asked request) {
	asked.returnTo = localPath(c.Request.URL.RequestURI())
	if fits(current.User.Username) {
		asked.loginHint = current.User.Username
	}
	asked.user = current.User.Digest()
	f.begin(c, asked)
}

// end signs out a user whom Entra no longer lets in, and shows why. With the session each visit would ask Entra again.
func (f *Flow) end(c *gin.Context, current *session.Session, why *apperror.Error) {
	if err := current.End(c.Request.Context(), c.Writer); err != nil {
		f.failStore(c, err)
		return
	}
	f.o.Fail(c, why)
}

// signInHelps reports whether a new sign-in may change the API's mind: it says so itself, or the token is no longer good, as when
// the tenant withdrew the key that it was signed with. MSAL has no way to drop a token that hasn't expired, and with the sign-in
// comes a new one.
func signInHelps(refusal *apperror.Error) bool {
	if refusal.Challenge == nil {
		return false
	}
	return refusal.Challenge.WantsSignIn() || refusal.Upstream == apperror.InvalidToken || refusal.Upstream == apperror.TokenExpired
}

// reasonOf tells challenges apart. Entra asks for one thing at a time: a new user whose organization wants a second factor is
// asked to consent first, and the second question must not pass for the first one asked in vain.
func reasonOf(code string) reason {
	switch code {
	case apperror.ConsentRequired:
		return wantsConsent
	case apperror.MFARequired, apperror.MFAEnrolment:
		return wantsSecondFactor
	}
	return challenged
}

// accountIsGone reports whether Entra no longer lets the user in at all: to sign in again as the same one would end at its
// sign-in page, which can't say why they came there.
func accountIsGone(code string) bool {
	return code == apperror.UserDisabled || code == apperror.UserNotFound
}
