package devtenant

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// ChallengeForm is one of the two forms in which a resource asks for a new sign-in.
type ChallengeForm string

const (
	// Documented is the form of "How to use continuous access evaluation enabled APIs", and Microsoft Graph's:
	// error="insufficient_claims".
	Documented ChallengeForm = ""
	// SessionRevoked is Resource Manager's, as recorded for a revoked session: error="invalid_token". Only the claims
	// beside it tell it from a token that is merely bad.
	SessionRevoked ChallengeForm = "session revoked"
)

// ClaimsEncoding is how a challenge writes its claims. All three were seen.
type ClaimsEncoding string

const (
	Base64         ClaimsEncoding = "" // the standard alphabet, padded
	Base64Unpadded ClaimsEncoding = "unpadded"
	Base64URL      ClaimsEncoding = "URL alphabet"
)

func (e ClaimsEncoding) encode(claims string) string {
	switch e {
	case Base64Unpadded:
		return base64.RawStdEncoding.EncodeToString([]byte(claims))
	case Base64URL:
		return base64.RawURLEncoding.EncodeToString([]byte(claims))
	}
	return base64.StdEncoding.EncodeToString([]byte(claims))
}

// challengeForm is a form, and how its claims are written.
type challengeForm struct {
	form     ChallengeForm
	encoding ClaimsEncoding
}

// writeChallenge answers as a resource that ended the session of a token that is good otherwise. In claims, which are
// JSON, {now} is the tenant's time in seconds.
func (t *Tenant) writeChallenge(w http.ResponseWriter, claims string, form challengeForm) {
	claims = strings.ReplaceAll(claims, "{now}", strconv.FormatInt(t.Now().Unix(), 10))
	encoded := form.encoding.encode(claims)
	if form.form == SessionRevoked {
		w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer authorization_uri="https://login.windows.net/", error="invalid_token", `+
			`error_description="User session has been revoked", claims="%s"`, encoded))
		w.Header().Set("X-Ms-Failure-Cause", "gateway")
		resourceManagerError(w, http.StatusUnauthorized, "AuthenticationFailed", "Authentication failed.")
		return
	}
	w.Header().Set("WWW-Authenticate", t.documentedChallenge(encoded))
	resourceManagerError(w, http.StatusUnauthorized, "InvalidAuthenticationToken", "The session was ended before the token's time. The user has to sign in again.")
}

// ClaimsChallenge is the WWW-Authenticate header of a resource that ended a session early, in the documented form: claims
// is JSON, sent in standard base64.
func (t *Tenant) ClaimsChallenge(claims string) string {
	return t.documentedChallenge(Base64.encode(claims))
}

func (t *Tenant) documentedChallenge(encoded string) string {
	return fmt.Sprintf(`Bearer realm="", authorization_uri="%s/common/oauth2/authorize", error="insufficient_claims", claims="%s"`, t.browserURL, encoded)
}

// bearerChallenge is that of a token that won't do, for a reason that no sign-in mends.
func (t *Tenant) bearerChallenge(description string) string {
	return fmt.Sprintf(`Bearer authorization_uri="%s/%s", error="invalid_token", error_description="%s"`, t.backURL, t.dir.TenantID(), description)
}

// revokedSessionForm is the form in which Resource Manager tells that a session was ended early: its own, unless the
// switch revoke-sessions-documented was thrown last.
func (t *Tenant) revokedSessionForm() challengeForm {
	if t.documentedChallenges.Load() {
		return challengeForm{form: Documented}
	}
	return challengeForm{form: SessionRevoked}
}

// endedEarly returns the claims to ask for where the user of a token was disabled or removed, or had their sessions
// revoked, after they signed in ("Continuous access evaluation"). Only a token whose client understands that (CP1, xms_cc)
// is refused before its time.
func (t *Tenant) endedEarly(token verified) string {
	if token.isAppOnly() || !slices.Contains(token.texts("xms_cc"), "CP1") {
		return ""
	}
	user, ok := t.dir.User(token.text("oid"))
	switch {
	case !ok || !user.AccountEnabled:
		return signedInFrom("{now}")
	case evidenceOf(token.claims).AuthTime.Before(user.SignInSessionsValidFromDateTime):
		return signedInFrom(strconv.FormatInt(user.SignInSessionsValidFromDateTime.Unix(), 10))
	}
	return ""
}

// signedInFrom is the claims request of continuous access evaluation: a token of a sign-in that is not older than this.
func signedInFrom(seconds string) string {
	return `{"access_token":{"nbf":{"essential":true,"value":"` + seconds + `"},"xms_caeerror":{"value":"10012"}}}`
}
