package server

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// signOut is the end of a session.
type signOut struct {
	sessions              *session.Store
	provider              *entra.Provider
	pages                 *pages
	loopGuard             *loopGuard
	goodbye               *goodbye
	clientID              string
	postLogoutRedirectURI string
	log                   *slog.Logger
}

// logout answers POST /account/logout. The record goes first, with all tokens in it: whatever happens behind that, a copy
// of the cookie opens nothing. Then the browser ends its session at Entra, which would otherwise sign the user in again
// without a question (OpenID Connect RP-Initiated Logout 1.0).
//
// Where to go on to is a setting; the request has no say in it.
func (s *signOut) logout(c *gin.Context) {
	record, err := s.sessions.SignOut(c.Writer, c.Request)
	if err != nil && !errors.Is(err, session.ErrNone) && !errors.Is(err, session.ErrGone) {
		s.pages.fail(c, &problem{code: apperror.StoreUnavailable, cause: err})
		return
	}
	s.loopGuard.end(c)
	s.goodbye.begin(c)
	recordUser(c, record.User)
	c.Redirect(http.StatusSeeOther, s.endSessionURL(c))
}

// endSessionURL is Entra's sign-out, or the start page while the tenant can't be reached.
func (s *signOut) endSessionURL(c *gin.Context) string {
	metadata, err := s.provider.Metadata(c.Request.Context())
	if err != nil {
		s.log.WarnContext(c.Request.Context(), "the user is signed out here, but not at Entra", "error", err)
		return startPage
	}
	address, err := url.Parse(metadata.EndSessionEndpoint)
	if err != nil || address.Host == "" {
		return startPage
	}
	query := address.Query()
	query.Set("post_logout_redirect_uri", s.postLogoutRedirectURI)
	query.Set("client_id", s.clientID)
	address.RawQuery = query.Encode()
	return address.String()
}

// frontChannel answers GET /account/frontchannel-logout, which Entra's sign-out page opens in a hidden frame when the user
// signs out of another application (OpenID Connect Front-Channel Logout 1.0). The frame is on Entra's page, so the browser
// sends no cookie of ours: sid alone says which sessions end. It is random, and whoever guesses one can only sign out.
func (s *signOut) frontChannel(c *gin.Context) {
	metadata, err := s.provider.Metadata(c.Request.Context())
	if err != nil {
		s.pages.fail(c, &problem{code: apperror.ProviderUnavailable, cause: err})
		return
	}
	query := c.Request.URL.Query()
	issuer, sid := query["iss"], query["sid"]
	if len(issuer) != 1 || len(sid) != 1 || issuer[0] != metadata.Issuer || sid[0] == "" {
		s.pages.fail(c, &problem{code: apperror.BadRequest, cause: errors.New("iss or sid of the front-channel sign-out is missing, there twice, or not the tenant's")})
		return
	}
	ended, err := s.sessions.SignOutSID(c.Request.Context(), sid[0])
	if err != nil {
		s.pages.fail(c, &problem{code: apperror.StoreUnavailable, cause: err})
		return
	}
	s.log.InfoContext(c.Request.Context(), "signed out from elsewhere", "sessions", ended)
	if ended > 0 {
		dropKeptPages(c)
	}
	allowFraming(c, metadata.EndSessionEndpoint)
	c.Data(http.StatusOK, "text/html; charset=utf-8", []byte("<!doctype html><title>Signed out</title>\n"))
}
