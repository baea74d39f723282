package signin

import (
	"context"
	"errors"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// Callback answers GET /account/callback: Entra sends the browser back.
func (f *Flow) Callback(c *gin.Context) {
	if c.Request.URL.RawQuery == "" { // a bookmark, or typed from memory
		f.redirect(c, startPage)
		return
	}
	came, err := readCallback(c.Request.URL.RawQuery)
	if errors.Is(err, errNoAnswer) { // a link that somebody's mail program or tracker has added to
		f.redirect(c, startPage)
		return
	}
	if err != nil {
		f.o.Fail(c, apperror.New(apperror.SignInMismatch, err))
		return
	}
	if came.adminConsent {
		f.adminConsented(c, came)
		return
	}
	attempt, err := f.takeAttempt(c, came) // state is checked there: session/attempts.go, Take
	if err != nil {
		f.o.Fail(c, attemptError(err))
		return
	}
	if err := f.checkIssuer(c.Request.Context(), came.issuer); err != nil {
		f.o.Fail(c, err)
		return
	}
	if came.err != "" {
		f.refusedByEntra(c, attempt, came)
		return
	}
	if f.silentIsLate(c, attempt) {
		return
	}
	record, err := f.redeem(c.Request.Context(), attempt, came.code)
	if err != nil {
		f.o.Fail(c, err)
		return
	}
	f.finish(c, attempt, record)
}

// silentIsLate ends a silent sign-in where somebody has signed in meanwhile: nobody asked for the silent one, and it must not put
// another in their place. It reports whether it has.
func (f *Flow) silentIsLate(c *gin.Context, attempt session.Attempt) bool {
	if !attempt.Silent {
		return false
	}
	current, err := f.o.Sessions.Current(c.Request)
	if err != nil {
		return false
	}
	if current.User.Digest() != attempt.User {
		attempt.ReturnTo = startPage
	}
	f.redirect(c, attempt.ReturnTo)
	return true
}

// finish signs in the user of a record, and leads them to the page that they wanted.
func (f *Flow) finish(c *gin.Context, attempt session.Attempt, record session.Record) {
	anotherUser := attempt.User != "" && attempt.User != record.User.Digest()
	if anotherUser && attempt.Silent {
		// Entra took whoever is signed in there, and nobody has asked for that: not to be signed in at all is what one
		// notices, to be somebody else is not.
		f.o.Log.InfoContext(c.Request.Context(), "the silent sign-in came back with another user", "user_oid", record.User.ObjectID)
		f.redirect(c, startPage)
		return
	}
	if err := f.o.Sessions.SignIn(c.Writer, c.Request, record); err != nil {
		f.failStore(c, err)
		return
	}
	if anotherUser {
		// Sent to Entra as one user, they chose another account there, and that is who they are now. But the page, and
		// the reasons for the trip, were the first one's.
		attempt.ReturnTo, attempt.Reasons = startPage, 0
		f.loopGuard.forget(c)
	}
	if reasons := reason(attempt.Reasons); reasons != 0 {
		f.loopGuard.remember(c, f.loopGuard.reasons(c)|reasons)
	}
	f.o.Log.InfoContext(c.Request.Context(), "signed in", "user_oid", record.User.ObjectID, "silent", attempt.Silent, "reasons", attempt.Reasons)
	f.redirect(c, attempt.ReturnTo)
}

// redeem makes token A of the code, and a record of who the ID token says it is.
func (f *Flow) redeem(ctx context.Context, attempt session.Attempt, code string) (session.Record, error) {
	ctx, cancel := context.WithTimeout(ctx, f.o.Timeout)
	defer cancel()
	own := &userCache{}
	client, err := f.client(own, f.o.Provider.Authority())
	if err != nil {
		return session.Record{}, signInError(err)
	}
	// WithChallenge wants the verifier. Claims that were asked for are in the code (OpenID Connect Core, section 5.5).
	result, err := client.AcquireTokenByAuthCode(ctx, code, f.o.RedirectURI, []string{f.o.SignInScope}, confidential.WithChallenge(attempt.Verifier))
	if err != nil {
		return session.Record{}, signInError(err)
	}
	who, err := f.verify(ctx, secret.New(result.IDToken.RawToken), attempt.Nonce)
	if err != nil {
		return session.Record{}, err
	}
	record := session.Record{
		User:          session.User{TenantID: who.TenantID, ObjectID: who.ObjectID, Name: who.Name, Username: who.Username},
		SID:           who.SID,
		HomeAccountID: result.Account.HomeAccountID,
		LoginHint:     who.LoginHint,
	}
	keep(&record, result, own, f.o.Now())
	return record, nil
}

// checkIssuer compares iss where Entra sent it (RFC 9207): an answer of another server must not be taken to this one's
// token endpoint, nor its error for this one's.
func (f *Flow) checkIssuer(ctx context.Context, issuer string) error {
	if issuer == "" {
		return nil
	}
	issuers, err := f.o.Provider.Issuers(ctx)
	if err != nil {
		return apperror.New(apperror.ProviderUnavailable, err)
	}
	if !issuers.Is(issuer) {
		return &apperror.Error{Code: apperror.SignInMismatch, Check: "iss", Cause: errors.New("the callback's iss is not the tenant's issuer")}
	}
	return nil
}

// refusedByEntra ends a sign-in that Entra answered with an error. One that the user didn't begin ends on the start page, as if
// it had never been: they are signed out, and can sign in.
func (f *Flow) refusedByEntra(c *gin.Context, attempt session.Attempt, came answer) {
	why := came.explain()
	if attempt.Silent {
		f.o.Log.InfoContext(c.Request.Context(), "the silent sign-in ended without a user", "cause", why.Cause)
		f.redirect(c, startPage)
		return
	}
	f.o.Fail(c, why)
}
