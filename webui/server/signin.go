package server

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/gin-gonic/gin"
	"golang.org/x/oauth2"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
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
		s.pages.fail(c, &problem{code: apperror.StoreUnavailable, cause: err})
		return
	}
	if asked.ends != nil {
		// Last: claims that no address can be made of must not cost the session.
		if err := asked.ends.End(c.Request.Context(), c.Writer); err != nil {
			s.pages.fail(c, &problem{code: apperror.StoreUnavailable, cause: err})
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
