package devtenant

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

const (
	longLifetime  = 24 * time.Hour      // of tokens that continuous access evaluation can end early
	refreshInFrom = 2 * time.Hour       // answers with a lifetime from this on say refresh_in, at half of it
	refreshLife   = 90 * 24 * time.Hour // of refresh tokens
	// Of a single-page application's the first and all that come of it end a day after it was issued.
	refreshLifeSPA = 24 * time.Hour
)

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
	if roles := t.dir.AppRoles(user.ID, resource.api.AppID); len(roles) > 0 {
		claims["roles"] = roles
	}
	api, own := t.dir.Registration(resource.api.AppID)
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
	if resource.api.AppID == directory.GraphAppID {
		claims["aud"], claims["app_displayname"] = directory.GraphAppID, request.client.DisplayName
	}
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
	if roles := t.dir.AppRoles(principal.ID, resource.api.AppID); len(roles) > 0 {
		claims["roles"] = roles
	}
	api, own := t.dir.Registration(resource.api.AppID)
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
func (t *Tenant) sign(claims map[string]any) string { return signWith(t.keys.current(), claims) }

// signAccessToken makes an access token for an API. Graph's are Graph's alone to read, see nonce.go.
func (t *Tenant) signAccessToken(api directory.ServicePrincipal, claims map[string]any) string {
	if api.AppID == directory.GraphAppID {
		return signWithNonce(t.keys.current(), claims)
	}
	return t.sign(claims)
}

// signWith makes a token of claims; headers are more members of its header, beside typ, alg, kid and x5t.
func signWith(key signingKey, claims map[string]any, headers ...header) string {
	options := (&jose.SignerOptions{}).WithType("JWT").WithHeader("x5t", key.kid)
	for _, h := range headers {
		options.WithHeader(h.name, h.value)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key.private, KeyID: key.kid}}, options)
	if err == nil {
		var raw string
		if raw, err = jwt.Signed(signer).Claims(claims).Serialize(); err == nil {
			return raw
		}
	}
	panic(fmt.Sprintf("devtenant: signing a token: %v", err)) // our own key and a map of plain values
}

// header is one member of a token's header.
type header struct {
	name  jose.HeaderKey
	value string
}

// pairwise is a user's sub at one application: two applications can't match their users by it.
func pairwise(appID, userID string) string {
	sum := sha256.Sum256([]byte(appID + " " + userID))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// randomText is n random bytes as text that fits anywhere.
func randomText(n int) string {
	raw := make([]byte, n)
	rand.Read(raw)
	return base64.RawURLEncoding.EncodeToString(raw)
}
