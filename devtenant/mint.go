package devtenant

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"

	"ms-identity-go-on-behalf-of/devtenant/directory"
)

const (
	longLifetime  = 24 * time.Hour      // of tokens that continuous access evaluation can end early
	refreshInFrom = 2 * time.Hour       // answers with a lifetime from this on say refresh_in, at half of it
	refreshLife   = 90 * 24 * time.Hour // of refresh tokens
)

// evidence is what a token is issued on: who signed in, and how.
type evidence struct {
	User         string    `json:"user"` // object id
	SessionID    string    `json:"sid"`
	AuthTime     time.Time `json:"authTime"`
	SecondFactor bool      `json:"secondFactor"`
	Nonce        string    `json:"nonce,omitempty"`
}

// tokenAnswer is the body of a good answer of the token endpoint.
type tokenAnswer struct {
	TokenType    string `json:"token_type"`
	Scope        string `json:"scope,omitempty"`
	ExpiresIn    int64  `json:"expires_in"`
	ExtExpiresIn int64  `json:"ext_expires_in"`
	RefreshIn    int64  `json:"refresh_in,omitempty"`
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	IDToken      string `json:"id_token,omitempty"`
	ClientInfo   string `json:"client_info,omitempty"`
}

// issue makes the tokens of a user for the API that the request names. All grants with a user end here, so that
// consent, Conditional Access and the state of the account are checked in one place.
func (t *Tenant) issue(request *tokenRequest, e evidence) (*tokenAnswer, *refusal) {
	user, refused := t.checkUser(request, e)
	if refused != nil {
		return nil, refused
	}
	resource, refused := t.single(request.scopes)
	if refused != nil {
		return nil, refused
	}
	granted, refused := t.granted(request.client, resource, user.ID)
	if refused != nil {
		return nil, refused
	}
	if user.NeedsSecondFactorFor(resource.api.AppID) && !e.SecondFactor {
		return nil, refuse(50076, "resource", resource.api.AppID).withClaims(secondFactorChallenge(50076))
	}
	lifetime := t.lifetime(request, resource)
	answer := &tokenAnswer{
		TokenType: "Bearer", Scope: request.scopes.answered(resource, granted),
		ExpiresIn: int64(lifetime.Seconds()) - 1, ExtExpiresIn: int64(lifetime.Seconds()) - 1,
		AccessToken: t.sign(t.userClaims(request, resource, user, granted, e, lifetime)),
	}
	if lifetime >= refreshInFrom {
		answer.RefreshIn = int64(lifetime.Seconds() / 2)
	}
	if refreshIn := altered(callOf(request.http), func(f Fault) time.Duration { return f.RefreshIn }); refreshIn > 0 {
		answer.RefreshIn = int64(refreshIn.Seconds())
	}
	if request.scopes.wants("offline_access") {
		answer.RefreshToken = t.seals.seal(sealedRefreshToken, refreshToken{evidence: e, ClientID: request.client.AppID, IssuedAt: t.Now()})
	}
	if request.scopes.wants("openid") {
		answer.IDToken = t.sign(t.idClaims(request, user, e))
	}
	if request.form.Get("client_info") == "1" {
		answer.ClientInfo = clientInfo(user, t.dir.TenantID())
	}
	return answer, nil
}

// checkUser finds the user that a grant is for, and refuses one who is gone, disabled, or whose sessions were revoked
// after they signed in.
func (t *Tenant) checkUser(request *tokenRequest, e evidence) (directory.User, *refusal) {
	user, ok := t.dir.User(e.User)
	if !ok {
		return user, refuse(50034, "user", e.User, "tenant", t.dir.DisplayName())
	}
	callOf(request.http).user = user.MailNickname
	switch {
	case !user.AccountEnabled:
		return user, refuse(50057)
	case e.AuthTime.Before(user.SignInSessionsValidFromDateTime):
		return user, refuse(50173, "issued", timestamp(e.AuthTime), "valid_from", timestamp(user.SignInSessionsValidFromDateTime))
	}
	return user, nil
}

// lifetime is how long an access token lives: long where both the client (CP1) and the API can handle that its end
// comes early, as "Continuous access evaluation" describes.
func (t *Tenant) lifetime(request *tokenRequest, resource resourceScopes) time.Duration {
	if short := altered(callOf(request.http), func(f Fault) time.Duration { return f.Lifetime }); short > 0 {
		return short
	}
	if request.claims.CP1 && evaluatesContinuously(resource.api.AppID) {
		return longLifetime
	}
	return t.options.AccessTokenLifetime
}

func evaluatesContinuously(appID string) bool {
	return appID == directory.ResourceManagerAppID || appID == directory.GraphAppID
}

// userClaims are the claims of an access token for a user, in the format that the API's registration asks for
// ("Access token claims reference").
func (t *Tenant) userClaims(request *tokenRequest, resource resourceScopes, user directory.User, granted []string, e evidence, lifetime time.Duration) map[string]any {
	claims := t.commonClaims(lifetime)
	claims["aio"] = sealEvidence(e)
	claims["name"], claims["oid"] = user.DisplayName, user.ID
	claims["scp"] = strings.Join(granted, " ")
	claims["sid"] = e.SessionID
	claims["sub"] = pairwise(resource.api.AppID, user.ID)
	if user.Guest() {
		claims["idp"] = "https://sts.windows.net/" + user.Devtenant.HomeTenantID + "/"
	}
	api, own := t.dir.ApplicationByAppID(resource.api.AppID)
	if request.claims.CP1 && (evaluatesContinuously(resource.api.AppID) || api.AsksForAccessTokenClaim("xms_cc")) {
		claims["xms_cc"] = []string{"CP1"}
	}
	if !own || api.AsksForAccessTokenClaim("idtyp") {
		claims["idtyp"] = "user"
	}
	if own && api.AccessTokenVersion() == 2 {
		t.addV2(claims, resource.api.AppID, request)
		claims["preferred_username"] = user.UserPrincipalName
		return claims
	}
	t.addV1(claims, audienceV1(resource), request)
	methods := []string{"pwd"}
	if e.SecondFactor {
		methods = append(methods, "mfa")
	}
	claims["acr"], claims["amr"] = "1", methods
	claims["family_name"], claims["given_name"] = user.Surname, user.GivenName
	claims["unique_name"], claims["upn"] = user.UserPrincipalName, user.UserPrincipalName
	claims["ipaddr"] = "203.0.113.1" // a documentation address: nobody is located
	return claims
}

// appClaims are the claims of an app-only token: no user, no scp, no name.
func (t *Tenant) appClaims(request *tokenRequest, resource resourceScopes, principal directory.ServicePrincipal, lifetime time.Duration) map[string]any {
	claims := t.commonClaims(lifetime)
	claims["oid"], claims["sub"] = principal.ID, principal.ID
	claims["idp"] = t.issuerV1()
	api, own := t.dir.ApplicationByAppID(resource.api.AppID)
	if !own || api.AsksForAccessTokenClaim("idtyp") {
		claims["idtyp"] = "app"
	}
	if own && api.AccessTokenVersion() == 2 {
		t.addV2(claims, resource.api.AppID, request)
		return claims
	}
	t.addV1(claims, audienceV1(resource), request)
	return claims
}

// idClaims are the claims of an ID token ("ID token claims reference"); it is always v2.0 here.
func (t *Tenant) idClaims(request *tokenRequest, user directory.User, e evidence) map[string]any {
	claims := t.commonClaims(time.Hour)
	claims["aud"], claims["iss"], claims["ver"] = request.client.AppID, t.issuer(), "2.0"
	claims["auth_time"] = e.AuthTime.Unix()
	claims["oid"], claims["sid"] = user.ID, e.SessionID
	claims["sub"] = pairwise(request.client.AppID, user.ID)
	if e.Nonce != "" {
		claims["nonce"] = e.Nonce
	}
	if request.scopes.wants("profile") {
		claims["name"], claims["preferred_username"] = user.DisplayName, user.UserPrincipalName
	}
	if request.scopes.wants("email") {
		claims["email"] = user.Mail
	}
	if user.Guest() {
		claims["idp"] = "https://sts.windows.net/" + user.Devtenant.HomeTenantID + "/"
	}
	return claims
}

func (t *Tenant) commonClaims(lifetime time.Duration) map[string]any {
	now := t.Now().Unix()
	return map[string]any{
		"iat": now, "nbf": now, "exp": now + int64(lifetime.Seconds()),
		"tid": t.dir.TenantID(), "uti": randomText(16), "rh": "1." + randomText(24),
	}
}

func (t *Tenant) addV2(claims map[string]any, audience string, request *tokenRequest) {
	claims["aud"], claims["iss"], claims["ver"] = audience, t.issuer(), "2.0"
	claims["azp"], claims["azpacr"] = request.client.AppID, string(request.auth)
}

func (t *Tenant) addV1(claims map[string]any, audience string, request *tokenRequest) {
	claims["aud"], claims["iss"], claims["ver"] = audience, t.issuerV1(), "1.0"
	claims["appid"], claims["appidacr"] = request.client.AppID, string(request.auth)
}

// audienceV1 is the API as the client named it: the audience of a v1.0 token follows the request.
func audienceV1(resource resourceScopes) string { return resource.name }

// sign makes a token of claims with the current key.
func (t *Tenant) sign(claims map[string]any) string {
	signer, err := t.keys.current().signer()
	if err == nil {
		var raw string
		if raw, err = jwt.Signed(signer).Claims(claims).Serialize(); err == nil {
			return raw
		}
	}
	panic(fmt.Sprintf("devtenant: signing a token: %v", err)) // our own key and a map of plain values
}

// sealEvidence makes the aio claim. Entra keeps in it what it wants to know of a token later, opaque to everyone else;
// so does this tenant: an on-behalf-of request has to tell whether the user of the assertion gave a second factor.
func sealEvidence(e evidence) string {
	raw, err := json.Marshal(e)
	if err != nil {
		panic("devtenant: encoding the evidence of a token: " + err.Error()) // a struct of plain values
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// evidenceOf reads it back from a token whose signature was checked.
func evidenceOf(claims map[string]any) evidence {
	var e evidence
	aio, _ := claims["aio"].(string)
	if raw, err := base64.RawURLEncoding.DecodeString(aio); err == nil {
		_ = json.Unmarshal(raw, &e) // a token that a test made has another aio, or none: no evidence then
	}
	oid, _ := claims["oid"].(string)
	e.User = oid
	e.Nonce = ""
	if e.AuthTime.IsZero() {
		if iat, ok := claims["iat"].(float64); ok {
			e.AuthTime = time.Unix(int64(iat), 0)
		}
	}
	return e
}

// pairwise is a user's sub at one application: two applications can't match their users by it.
func pairwise(appID, userID string) string {
	sum := sha256.Sum256([]byte(appID + " " + userID))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// clientInfo tells MSAL the user's home account: its cache key.
func clientInfo(user directory.User, tenantID string) string {
	uid, utid := user.ID, tenantID
	if user.Guest() {
		uid, utid = user.Devtenant.HomeObjectID, user.Devtenant.HomeTenantID
	}
	return base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprintf(`{"uid":%q,"utid":%q}`, uid, utid)))
}

// randomText is n random bytes as text that fits anywhere.
func randomText(n int) string {
	raw := make([]byte, n)
	rand.Read(raw)
	return base64.RawURLEncoding.EncodeToString(raw)
}
