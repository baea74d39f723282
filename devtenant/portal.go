package devtenant

import (
	"net/http"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// portalConsent is POST /api/RegisteredApplications/{id}/Consent of main.iam.ad.ext.azure.com: the portal's button "Grant
// admin consent", which az ad app permission admin-consent presses. Every permission that the application lists is allowed,
// delegated ones for all users.
func (t *Tenant) portalConsent(w http.ResponseWriter, r *http.Request) {
	token, err := t.VerifyToken(bearer(r), directory.PortalAppID)
	if err != nil {
		writeJSON(w, http.StatusUnauthorized, map[string]any{"Message": "Authorization has been denied for this request."})
		return
	}
	oid, _ := token["oid"].(string)
	user, ok := t.dir.User(oid)
	if !ok || !user.MayConsent("Admin") {
		writeJSON(w, http.StatusForbidden, map[string]any{"Message": "Only an administrator may consent for the organization."})
		return
	}
	app, ok := t.dir.ApplicationByAppID(r.PathValue("id"))
	_, hasPrincipal := t.dir.ServicePrincipalByAppID(r.PathValue("id"))
	if !ok || !hasPrincipal {
		writeJSON(w, http.StatusBadRequest, map[string]any{"Message": "The application has no service principal in this tenant."})
		return
	}
	if err := t.allowEverything(app); err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]any{"Message": "The consent could not be recorded."})
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
