package devtenant

import (
	"net/http"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// userInfo is GET and POST /oidc/userinfo (OpenID Connect Core section 5.3). It is Graph's, so the token is one for Graph;
// Entra has it at https://graph.microsoft.com/oidc/userinfo. sub is that of the ID token of the same application.
func (t *Tenant) userInfo(w http.ResponseWriter, r *http.Request) {
	allowAnyOrigin(w.Header(), "GET, POST, OPTIONS")
	scheme, raw, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	claims, err := t.VerifyToken(raw, directory.GraphAppID)
	if !strings.EqualFold(scheme, "Bearer") || err != nil {
		userInfoError(w, http.StatusUnauthorized, "invalid_token", "The access token is missing, has expired, or is not for Microsoft Graph.")
		return
	}
	token := verified{claims: claims}
	user, ok := t.dir.User(token.text("oid"))
	if !ok || token.isAppOnly() {
		userInfoError(w, http.StatusForbidden, "insufficient_scope", "The access token is not a user's.")
		return
	}
	callOf(r).user, callOf(r).clientID = user.MailNickname, token.text("appid")
	answer := map[string]any{
		"sub": pairwise(token.text("appid"), user.ID), "name": user.DisplayName,
		"family_name": user.Surname, "given_name": user.GivenName, "picture": t.backURL + "/v1.0/me/photo/$value",
	}
	if user.Mail != "" {
		answer["email"] = user.Mail
	}
	writeJSON(w, http.StatusOK, answer)
}

// userInfoError refuses as RFC 6750 section 3 says.
func userInfoError(w http.ResponseWriter, status int, code, description string) {
	w.Header().Set("WWW-Authenticate", `Bearer error="`+code+`", error_description="`+description+`"`)
	writeJSON(w, status, map[string]string{"error": code, "error_description": description})
}
