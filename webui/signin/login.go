package signin

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/gin-gonic/gin"
	"golang.org/x/oauth2"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// request is what one sign-in asks of Entra.
type request struct {
	returnTo  string
	prompt    string           // none, consent, select_account; "" leaves it to Entra
	loginHint string           // whom to sign in, where that is known
	claims    string           // the claims challenge to answer
	reasons   reason           // why, where nobody pressed a button
	user      string           // who it has to be ([session.User.Digest]); "" for anyone
	ends      *session.Session // the session that is of no use any more; nil for none
	lost      string           // the session whose record is gone, for a silent sign-in
}

// Login answers GET /account/login: somebody wants to sign in. With select_account they can say as whom. Without it Entra
// would sign in the account that it knows, also one that can't do what its user came for.
func (f *Flow) Login(c *gin.Context) {
	f.begin(c, request{returnTo: localPath(strings.TrimPrefix(c.Query("return_to"), f.o.Cookies.Path)), prompt: "select_account"})
}

// begin sends the browser to Entra (RFC 6749 section 4.1, RFC 7636, OpenID Connect Core section 3.1). What the answer will be
// compared with the browser keeps, sealed.
func (f *Flow) begin(c *gin.Context, asked request) {
	attempt := session.Attempt{
		Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(),
		ReturnTo: asked.returnTo, User: asked.user, Silent: asked.prompt == "none", Reasons: int(asked.reasons),
	}
	if err := f.o.Sessions.Ping(c.Request.Context()); err != nil {
		f.failStore(c, err) // better now than when the user has signed in at Entra
		return
	}
	state, err := f.o.Attempts.Begin(c.Writer, c.Request, attempt)
	if err != nil {
		f.o.Fail(c, err)
		return
	}
	address, err := f.authorizationURL(c.Request.Context(), attempt, state, asked)
	if err != nil {
		f.o.Fail(c, err)
		return
	}
	if asked.ends != nil {
		// Last: claims that no address can be made of must not cost the session.
		if err := asked.ends.End(c.Request.Context(), c.Writer); err != nil {
			f.failStore(c, err)
			return
		}
	}
	if attempt.Silent {
		f.loopGuard.noteSilent(c, asked.lost)
	}
	c.Redirect(http.StatusSeeOther, address)
}

// authorizationURL has MSAL build the address, with the claims and the client's capabilities, and adds what MSAL Go leaves
// out: state, nonce, the PKCE challenge, the id of our trace, and the scopes without which the request is no OpenID Connect request.
func (f *Flow) authorizationURL(ctx context.Context, attempt session.Attempt, state string, asked request) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, f.o.Timeout)
	defer cancel()
	client, err := f.client(&userCache{}, f.o.Provider.Authority())
	if err != nil {
		return "", signInError(err)
	}
	// The token request gets openid, profile and offline_access from MSAL; here nobody adds them (OpenID Connect Core,
	// section 3.1.2.1).
	scopes := []string{f.o.SignInScope, "openid", "profile", "offline_access"}
	raw, err := client.AuthCodeURL(ctx, f.o.ClientID, f.o.RedirectURI, scopes, confidential.WithClaims(asked.claims), confidential.WithLoginHint(asked.loginHint))
	if err != nil {
		return "", signInError(err)
	}
	address, err := url.Parse(raw)
	if err != nil {
		return "", fmt.Errorf("reading the authorization endpoint's address: %w", err)
	}
	query := address.Query()
	query.Set("state", state)
	query.Set("nonce", attempt.Nonce)
	query.Set("code_challenge", oauth2.S256ChallengeFromVerifier(attempt.Verifier))
	query.Set("code_challenge_method", "S256")
	query.Set("client-request-id", telemetry.RequestID(ctx)) // so that Entra's sign-in log can be searched for our trace id
	if asked.prompt != "" {
		query.Set("prompt", asked.prompt)
	}
	address.RawQuery = query.Encode()
	return address.String(), nil
}

// signInError says what an error of MSAL means in hop 1.
func signInError(err error) error { return entra.AsTokenError(err).Explain(apperror.SignIn) }
