package signin

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
)

// FrontChannelLogout answers GET /account/frontchannel-logout, which Entra's sign-out page opens in a hidden frame when the user
// signs out of another application (OpenID Connect Front-Channel Logout 1.0). The frame is on Entra's page, so the browser
// sends no cookie of ours: sid alone says which sessions end. It is random, and whoever guesses one can only sign out.
func (f *Flow) FrontChannelLogout(c *gin.Context) {
	metadata, err := f.o.Provider.Metadata(c.Request.Context())
	issuers, issuersErr := f.o.Provider.Issuers(c.Request.Context())
	if err := errors.Join(err, issuersErr); err != nil {
		f.o.Fail(c, apperror.New(apperror.ProviderUnavailable, err))
		return
	}
	query := c.Request.URL.Query()
	issuer, sid := query["iss"], query["sid"]
	if len(issuer) != 1 || len(sid) != 1 || !issuers.Is(issuer[0]) || sid[0] == "" {
		f.o.Fail(c, apperror.New(apperror.BadRequest, errors.New("iss or sid of the front-channel sign-out is missing, there twice, or not the tenant's")))
		return
	}
	ended, err := f.o.Sessions.SignOutSID(c.Request.Context(), sid[0])
	if err != nil {
		f.failStore(c, err)
		return
	}
	f.o.Log.InfoContext(c.Request.Context(), "signed out from elsewhere", "sessions", ended)
	if ended > 0 {
		clearSiteData(c)
	}
	f.o.AllowFraming(c, metadata.EndSessionEndpoint)
	c.Data(http.StatusOK, "text/html; charset=utf-8", []byte("<!doctype html><title>Signed out</title>\n"))
}
