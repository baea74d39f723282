package server

import (
	"cmp"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/server/templates"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// problem is why a user doesn't get what they asked for. It keeps three things apart: the code is for machines, the texts
// that internal/apperror has for the code are for people, and the cause is for the log alone.
type problem struct {
	code       string        // a code of internal/apperror
	check      string        // the check that failed, such as "nonce"; "" elsewhere
	apiCode    string        // the code that the API gave, where this one is about the API itself
	aadsts     int           // Entra's number, 0 if it isn't Entra's error
	retryAfter time.Duration // the Retry-After header, 0 for none
	again      bool          // the same request sent again goes on where this one ended
	cause      error         // for the log; must be safe to log
}

// Error makes a problem an error, so that each step can return one.
func (p *problem) Error() string {
	text := p.code
	if p.check != "" {
		text += " (" + p.check + ")"
	}
	if p.cause != nil {
		text += ": " + p.cause.Error()
	}
	return text
}

// Unwrap returns the cause.
func (p *problem) Unwrap() error { return p.cause }

// asProblem returns the problem in an error's chain, or what is known of other errors.
func asProblem(err error) *problem {
	if known, ok := errors.AsType[*problem](err); ok {
		return known
	}
	if refused, ok := errors.AsType[*entra.TokenError](err); ok {
		return tokenProblem(refused)
	}
	return &problem{code: apperror.Internal, cause: err}
}

// tokenProblem says what an error of the token endpoint means for the user.
func tokenProblem(refused *entra.TokenError) *problem {
	p := &problem{aadsts: refused.AADSTS, retryAfter: refused.RetryAfter, cause: refused}
	switch refused.Kind {
	case entra.Throttled:
		p.code = apperror.ProviderThrottled
	case entra.Unavailable, entra.Abandoned:
		p.code = apperror.ProviderUnavailable
	case entra.NoCredential:
		p.code = apperror.NoCredential
	case entra.Malformed:
		p.code = apperror.ProviderMalformed
	default:
		known, ok := apperror.ForAADSTS(apperror.SignIn, refused.AADSTS)
		switch {
		case ok:
			p.code = known.Code
		case refused.Kind == entra.Interaction:
			p.code = apperror.InteractionRequired
		default:
			p.code = apperror.TokenRejected
		}
	}
	return p
}

// retryFallback is what a 503 asks for where nobody named a time.
const retryFallback = 5 * time.Second

// fail ends the request with a page about the error. It is the one place that writes error pages.
func (p *pages) fail(c *gin.Context, err error) {
	why := asProblem(err)
	recordProblem(c, why)
	if browserIsGone(c) {
		c.Status(statusGone) // whatever failed did so because of that
		c.Abort()
		return
	}
	known := apperror.Get(why.code)
	retryAfter := why.retryAfter
	if known.Status == http.StatusServiceUnavailable {
		retryAfter = cmp.Or(retryAfter, retryFallback)
	}
	page := templates.ErrorPage{
		Frame: templates.Frame{Title: known.Title, User: p.signedIn(c, why)}, Failure: known, Check: why.check, AADSTS: why.aadsts,
		DocsURL: apperror.Docs(known.Code), TraceID: telemetry.TraceID(c.Request.Context()),
		SignIn: signingInHelps(known), Again: why.again, AsAnother: accountIsGone(known.Code) || known.Code == apperror.StillRefused,
	}
	if inner, ok := apperror.Lookup(why.apiCode); ok && inner.Code != known.Code {
		page.APIFailure = &inner
	}
	if retryAfter > 0 {
		// Rounded up: who comes back a moment early is refused again.
		page.RetryAfter = int(math.Ceil(retryAfter.Seconds()))
		c.Header("Retry-After", strconv.Itoa(page.RetryAfter))
	}
	c.Abort()
	p.write(c, known.Status, templates.Error(page))
}

// signedIn returns who is signed in, so that error pages, too, have a way to sign out; nil for nobody, and where the problem
// is the store: to ask it again would only make the page late.
func (p *pages) signedIn(c *gin.Context, why *problem) *session.User {
	if why.code == apperror.StoreUnavailable {
		return nil
	}
	current, err := p.sessions.Current(c.Request)
	if err != nil {
		return nil
	}
	return &current.User
}

// signingInHelps tells the failures whose way back is the sign-in from those that are worth asking again.
func signingInHelps(f apperror.Failure) bool {
	switch f.Status {
	case http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusTooManyRequests, http.StatusNotFound,
		http.StatusMethodNotAllowed, http.StatusInternalServerError:
		return false
	}
	switch f.Code {
	case apperror.SignInExpired, apperror.SignInMismatch, apperror.SignInRefused, apperror.IDTokenRejected, apperror.ConsentDeclined,
		apperror.CodeRedeemed, apperror.PKCEMismatch, apperror.WrongClientForCode, apperror.NoTokenLeft, apperror.StillRefused, apperror.APIRefused:
		// What the API refuses is in a token that would go on being sent until it expires.
		return true
	}
	return f.Status == http.StatusUnauthorized
}
