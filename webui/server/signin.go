package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/gin-gonic/gin"
	"golang.org/x/oauth2"

	"ms-identity-go-on-behalf-of/internal/entra"
	"ms-identity-go-on-behalf-of/internal/failure"
	"ms-identity-go-on-behalf-of/internal/secret"
	"ms-identity-go-on-behalf-of/webui/session"
)

// callbackPath is where Entra sends the browser back to. WEBUI_REDIRECT_URI ends with it.
const callbackPath = "/account/callback"

// signIn is hop 1: the authorization code flow with PKCE (RFC 6749 section 4.1, RFC 7636, OpenID Connect Core section 3.1).
type signIn struct {
	provider    *entra.Provider
	msal        *msalClients
	sessions    *session.Store
	attempts    *session.Attempts
	loopGuard   *loopGuard
	pages       *pages
	clientID    string
	redirectURI string
	scope       string // <App ID URI>/.default
	timeout     time.Duration
	now         func() time.Time
	log         *slog.Logger
}

// request is what one sign-in asks of Entra.
type request struct {
	returnTo  string
	prompt    string           // none, consent, select_account; "" leaves it to Entra
	loginHint string           // whom to sign in, where that is known
	claims    string           // the claims challenge to answer
	reasons   reason           // why, where nobody pressed a button
	user      string           // who it has to be ([session.User.Digest]); "" for anyone
	ends      *session.Session // the session that is of no use any more; nil for none
}

// login answers GET /account/login: somebody wants to sign in. select_account lets them say as whom: where Entra still
// knows an account that can't do what they came for, they would otherwise be signed in with it again and again.
func (s *signIn) login(c *gin.Context) {
	s.begin(c, request{returnTo: localPath(c.Query("return_to")), prompt: "select_account"})
}

// begin sends the browser to Entra. What the answer will be compared with stays on the server.
func (s *signIn) begin(c *gin.Context, asked request) {
	attempt := session.Attempt{
		State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(),
		ReturnTo: asked.returnTo, Claims: asked.claims, User: asked.user, Silent: asked.prompt == "none", Reasons: int(asked.reasons),
	}
	address, err := s.authorizationURL(c.Request.Context(), attempt, asked)
	if err != nil {
		s.pages.fail(c, err)
		return
	}
	if err := s.attempts.Begin(c.Writer, c.Request, attempt); err != nil {
		s.pages.fail(c, &problem{code: failure.StoreUnavailable, cause: err})
		return
	}
	if asked.ends != nil {
		// Last: claims that no address can be made of must not cost the session.
		if err := asked.ends.End(c.Request.Context(), c.Writer); err != nil {
			s.pages.fail(c, &problem{code: failure.StoreUnavailable, cause: err})
			return
		}
	}
	if attempt.Silent {
		// Without the cookie this browser isn't sent on such a trip again, whatever comes of this one.
		s.sessions.Forget(c.Writer)
	}
	c.Redirect(http.StatusSeeOther, address)
}

// authorizationURL has MSAL build the address, with the claims and the client's capabilities, and adds what MSAL Go leaves
// out: state, nonce, the PKCE challenge, and the scopes without which the request is no OpenID Connect request.
func (s *signIn) authorizationURL(ctx context.Context, attempt session.Attempt, asked request) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	client, err := s.msal.withCache(&userCache{})
	if err != nil {
		return "", entra.AsTokenError(err)
	}
	// The token request gets openid, profile and offline_access from MSAL; here nobody adds them (OpenID Connect Core,
	// section 3.1.2.1).
	scopes := []string{s.scope, "openid", "profile", "offline_access"}
	raw, err := client.AuthCodeURL(ctx, s.clientID, s.redirectURI, scopes, confidential.WithClaims(asked.claims), confidential.WithLoginHint(asked.loginHint))
	if err != nil {
		return "", entra.AsTokenError(err)
	}
	address, err := url.Parse(raw)
	if err != nil {
		return "", fmt.Errorf("reading the authorization endpoint's address: %w", err)
	}
	query := address.Query()
	query.Set("state", attempt.State)
	query.Set("nonce", attempt.Nonce)
	query.Set("code_challenge", oauth2.S256ChallengeFromVerifier(attempt.Verifier))
	query.Set("code_challenge_method", "S256")
	if asked.prompt != "" {
		query.Set("prompt", asked.prompt)
	}
	address.RawQuery = query.Encode()
	return address.String(), nil
}

// callback answers GET /account/callback: Entra sends the browser back.
func (s *signIn) callback(c *gin.Context) {
	came, err := readCallback(c.Request.URL.RawQuery)
	if err != nil {
		s.pages.fail(c, &problem{code: failure.SignInMismatch, cause: err})
		return
	}
	var attempt session.Attempt
	err = patiently(c.Request.Context(), func() (err error) {
		attempt, err = s.attempts.Take(c.Writer, c.Request, came.state)
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
	err = patiently(c.Request.Context(), func() error { return s.sessions.SignIn(c.Writer, c.Request, record) })
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

// redeem makes token A of the code, and a record of who the ID token says it is.
func (s *signIn) redeem(ctx context.Context, attempt session.Attempt, code string) (session.Record, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	own := &userCache{}
	client, err := s.msal.withCache(own)
	if err != nil {
		return session.Record{}, entra.AsTokenError(err)
	}
	// WithChallenge wants the verifier. Claims go along, so that the token answers the challenge and not only the sign-in.
	result, err := client.AcquireTokenByAuthCode(ctx, code, s.redirectURI, []string{s.scope},
		confidential.WithChallenge(attempt.Verifier), confidential.WithClaims(attempt.Claims))
	if err != nil {
		return session.Record{}, entra.AsTokenError(err)
	}
	checks := &idTokens{provider: s.provider, clientID: s.clientID, now: s.now}
	who, err := checks.verify(ctx, secret.New(result.IDToken.RawToken), attempt.Nonce)
	if err != nil {
		return session.Record{}, err
	}
	token := secret.New(result.AccessToken)
	return session.Record{
		User:          session.User{TenantID: who.TenantID, ObjectID: who.ObjectID, Name: who.Name, Username: who.Username},
		SID:           who.SID,
		HomeAccountID: result.Account.HomeAccountID,
		RenewAt:       renewAt(result, s.now()),
		ExpiresAt:     result.ExpiresOn,
		Scopes:        result.GrantedScopes,
		Cache:         keepOnly(own.content, token),
		AccessToken:   token,
	}, nil
}
