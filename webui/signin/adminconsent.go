package signin

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/guid"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// AdminConsent answers GET /account/admin-consent: an administrator lets web UI and API into their organization, for everybody there
// ("Admin consent on the Microsoft identity platform"). It signs nobody in. What comes back is compared with the state, which
// only this browser has: otherwise anybody's link could have this site say that an organization has consented.
func (f *Flow) AdminConsent(c *gin.Context) {
	metadata, err := f.o.Provider.Metadata(c.Request.Context())
	if err != nil {
		f.o.Fail(c, apperror.New(apperror.ProviderUnavailable, err))
		return
	}
	// The two endpoints stand beside each other; the discovery document names one of them.
	base, found := strings.CutSuffix(metadata.AuthorizationEndpoint, "/oauth2/v2.0/authorize")
	if !found {
		f.o.Fail(c, apperror.New(apperror.ProviderMalformed, errors.New("the authorization endpoint's path is not Entra's")))
		return
	}
	if host, several := strings.CutSuffix(base, "/common"); several {
		base = host + "/organizations" // personal accounts have no administrator, and Entra's documentation says not to ask there
	}
	if err := f.o.Sessions.Ping(c.Request.Context()); err != nil {
		f.failStore(c, err)
		return
	}
	state, err := f.o.Attempts.Begin(c.Writer, c.Request, session.Attempt{AdminConsent: true})
	if err != nil {
		f.o.Fail(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, base+"/v2.0/adminconsent?"+url.Values{
		"client_id": {f.o.ClientID}, "redirect_uri": {f.o.RedirectURI}, "state": {state}, "scope": {f.o.SignInScope},
	}.Encode())
}

// adminConsented ends what [Flow.AdminConsent] or a consent link of the portal's began, which has no state.
func (f *Flow) adminConsented(c *gin.Context, came answer) {
	if came.state != "" {
		if _, err := f.takeAttempt(c, came); err != nil {
			f.o.Fail(c, attemptError(err))
			return
		}
	}
	if came.err != "" {
		why := came.explain()
		if why.Code == apperror.SignInRefused {
			why.Code = apperror.ConsentDeclined
		}
		f.o.Fail(c, why)
		return
	}
	tenantID := strings.ToLower(came.tenant)
	if came.state == "" || !guid.ValidLower(tenantID) {
		tenantID = "" // anybody can write a link that names a tenant
	}
	if tenantID != "" {
		issuers, err := f.o.Provider.Issuers(c.Request.Context())
		if err != nil {
			f.o.Fail(c, apperror.New(apperror.ProviderUnavailable, err))
			return
		}
		if !issuers.Allow(tenantID) {
			f.o.Fail(c, notAllowed(tenantID))
			return
		}
	}
	f.o.Log.InfoContext(c.Request.Context(), "an administrator has consented", "tenant", tenantID)
	f.o.AdminConsented(c, tenantID)
}
