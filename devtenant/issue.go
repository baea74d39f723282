package devtenant

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// evidence is what a token is issued on: who signed in, and how.
type evidence struct {
	Tenant       string    `json:"tenant"` // its id
	User         string    `json:"user"`   // object id there
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
	if refused := checkChallenge(request.claims, e); refused != nil {
		return nil, refused
	}
	resource, refused := t.single(request.scopes)
	if refused != nil {
		return nil, refused
	}
	if !t.dir.Assigned(user.ID, request.client.AppID) || !t.dir.Assigned(user.ID, resource.api.AppID) {
		return nil, refuse(50105)
	}
	granted, refused := t.granted(request.client, resource, user.ID)
	if refused != nil {
		return nil, refused
	}
	if user.NeedsSecondFactorFor(resource.api.AppID) && !e.SecondFactor {
		return nil, refuse(50076, "resource", resource.api.AppID).withClaims(secondFactorChallenge(50076))
	}
	lifetime := t.lifetime(request, resource)
	claims := t.userClaims(request, resource, user, granted, e, lifetime)
	callOf(request.http).alter(claims)
	answer := &tokenAnswer{
		TokenType: "Bearer", Scope: request.scopes.answered(resource, granted),
		ExpiresIn: int64(lifetime.Seconds()) - 1, ExtExpiresIn: int64(lifetime.Seconds()) - 1,
		AccessToken: t.signAccessToken(resource.api, claims),
	}
	if lifetime >= refreshInFrom {
		answer.RefreshIn = int64(lifetime.Seconds() / 2)
	}
	if refreshIn := altered(callOf(request.http), func(f Fault) time.Duration { return f.RefreshIn }); refreshIn > 0 {
		answer.RefreshIn = int64(refreshIn.Seconds())
	}
	if request.scopes.wants("offline_access") {
		answer.RefreshToken = t.refreshToken(request, e)
	}
	if request.scopes.wants("openid") {
		answer.IDToken = t.sign(t.idClaims(request, user, e))
	}
	if request.form.Get("client_info") == "1" {
		answer.ClientInfo = clientInfo(user, t.dir.TenantID())
	}
	return answer, nil
}

// refreshToken makes one, or the successor of the one that is redeemed.
func (t *Tenant) refreshToken(request *tokenRequest, e evidence) string {
	old := request.renewed
	token := refreshToken{evidence: e, ClientID: request.client.AppID, SPA: old.SPA, IssuedAt: t.Now(), Scope: cmp.Or(old.Scope, strings.Join(request.scopes.asked, " "))}
	if old.SPA && !old.IssuedAt.IsZero() {
		token.IssuedAt = old.IssuedAt // its end can't be put off
	}
	return t.seals.seal(sealedRefreshToken, token)
}

// checkUser finds the user that a grant is for, and refuses one who is gone, disabled, or whose sessions were revoked
// after they signed in.
func (t *Tenant) checkUser(request *tokenRequest, e evidence) (directory.User, *refusal) {
	user, ok := t.local(e.Tenant, e.User) // a refresh token of one tenant serves a guest in another
	if !ok {
		return user, refuse(50034, "user", e.User, "tenant", t.dir.DisplayName())
	}
	callOf(request.http).user = user.MailNickname
	switch {
	case !user.AccountEnabled:
		return user, refuse(50057)
	case e.AuthTime.Before(user.SignInSessionsValidFromDateTime):
		return user, refuse(50173, "issued", exactTime(e.AuthTime), "valid_from", exactTime(user.SignInSessionsValidFromDateTime))
	}
	return user, nil
}

// checkChallenge refuses evidence that doesn't meet the claims that a resource asked for: a new token would be what it
// has just refused.
func checkChallenge(asked claimsRequest, e evidence) *refusal {
	switch {
	case asked.SignedInFrom.After(e.AuthTime):
		return refuse(50173, "issued", exactTime(e.AuthTime), "valid_from", exactTime(asked.SignedInFrom))
	case asked.SecondFactor && !e.SecondFactor:
		return refuse(50076).withClaims(secondFactorChallenge(50076))
	}
	return nil
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
	e.Tenant, _ = claims["tid"].(string)
	e.Nonce = ""
	if e.AuthTime.IsZero() {
		if iat, ok := claims["iat"].(float64); ok {
			e.AuthTime = time.Unix(int64(iat), 0)
		}
	}
	return e
}

// clientInfo tells MSAL the user's home account: its cache key.
func clientInfo(user directory.User, tenantID string) string {
	uid, utid := user.ID, tenantID
	if user.Guest() {
		uid, utid = user.Devtenant.HomeObjectID, user.Devtenant.HomeTenantID
	}
	return base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprintf(`{"uid":%q,"utid":%q}`, uid, utid)))
}
