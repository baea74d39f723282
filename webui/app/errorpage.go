package app

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/middleware"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app/templates"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/signin"
)

// fail ends the request with a page about the error. It is the one place that writes error pages.
func (a *App) fail(c *gin.Context, err error) {
	why := apperror.As(err)
	middleware.SetError(c, why)
	if middleware.ClientGone(c) {
		return
	}
	known, retryAfter := why.Row(), why.RetryAfterSeconds()
	page := templates.ErrorPage{
		Frame: a.frame(known.Title, a.userOf(c, why)), Failure: known, Check: why.Check, AADSTS: why.AADSTS,
		DocsURL: apperror.Docs(known.Code), TraceID: telemetry.TraceID(c.Request.Context()), RetryAfter: retryAfter,
		SignIn: offersSignIn(known), AsAnother: needsAnotherAccount(known.Code),
		AdminConsent: needsAdminConsent(known.Code),
	}
	page.Again, page.AgainAt = a.tryAgain(c, why)
	if a.hooks.Failed != nil {
		page.Extra = a.hooks.Failed(c.Request.Context(), why)
	}
	if page.User != nil {
		a.allowSignOut(c)
	}
	if inner, ok := apperror.Lookup(why.Upstream); ok && inner.Code != known.Code {
		page.APIFailure = &inner
	}
	if retryAfter > 0 {
		c.Header("Retry-After", strconv.Itoa(retryAfter))
	}
	c.Abort()
	a.write(c, known.Status, templates.Error(page))
}

// tryAgain reports whether the page's button is to try again, and where; "" is the same address. The button says what the advice says.
func (a *App) tryAgain(c *gin.Context, why *apperror.Error) (helps bool, at string) {
	known := why.Row()
	switch {
	case why.Resend:
		return true, ""
	case offersSignIn(known) || !known.Again:
		return false, ""
	case c.FullPath() == signin.CallbackPath: // an answer of Entra is used once
		return true, a.cookies.Path + signin.LoginPath
	}
	// A form may be sent to the address of the page that has it. What the other forms are sent to shows no page.
	return c.Request.Method != http.MethodPost || a.pages[c.FullPath()], ""
}

// userOf returns who is signed in, so that error pages, too, have a way to sign out; nil for nobody, and where the error is the
// store: to ask it again would only make the page late.
func (a *App) userOf(c *gin.Context, why *apperror.Error) *session.User {
	if why.Code == apperror.StoreUnavailable {
		return nil
	}
	current, err := a.sessions.Current(c.Request)
	if err != nil {
		return nil
	}
	return &current.User
}

// offersSignIn tells the failures whose way back is the sign-in from those that are worth asking again.
func offersSignIn(f apperror.Failure) bool {
	switch f.Status {
	case http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusTooManyRequests, http.StatusNotFound,
		http.StatusMethodNotAllowed, http.StatusInternalServerError:
		return false
	}
	switch f.Code {
	case apperror.SignInExpired, apperror.SignInMismatch, apperror.SignInRefused, apperror.SignInCancelled, apperror.IDTokenRejected, apperror.ConsentDeclined,
		apperror.CodeRedeemed, apperror.PKCEMismatch, apperror.WrongClientForCode, apperror.NoTokenLeft, apperror.StillRefused, apperror.APIRefused:
		// What the API refuses is in a token that would go on being sent until it expires.
		return true
	}
	return f.Status == http.StatusUnauthorized
}

// needsAnotherAccount tells the failures that stay as long as the user is the same.
func needsAnotherAccount(code string) bool {
	return code == apperror.UserDisabled || code == apperror.UserNotFound || code == apperror.StillRefused
}

// needsAdminConsent tells the failures that last until an administrator has consented for the organization.
func needsAdminConsent(code string) bool {
	return code == apperror.NoServicePrincipal || code == apperror.AdminConsent
}
