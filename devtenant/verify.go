package devtenant

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// What is wrong with a token that this tenant doesn't accept.
var (
	errTokenMalformed = errors.New("the token is malformed")
	errTokenSignature = errors.New("the token's signature is not of this tenant's published keys")
	errTokenIssuer    = errors.New("the token's issuer is not this tenant")
	errTokenExpired   = errors.New("the token has expired")
	errTokenTooEarly  = errors.New("the token is not valid yet")
	errTokenAudience  = errors.New("the token is for another audience")
)

const clockSkew = 5 * time.Minute // how far clocks may differ

// verified is a token whose signature, issuer and times were found good.
type verified struct {
	claims   map[string]any
	audience string
	expires  time.Time
	nonce    bool // one of Graph's, which nobody else can check
}

// verify checks a token of this tenant; whom it is for is the caller's question.
func (t *Tenant) verify(raw string) (verified, error) {
	var v verified
	raw, v.nonce = withHashedNonce(raw)
	token, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil || len(token.Headers) != 1 {
		return v, errTokenMalformed
	}
	key, ok := t.keys.find(token.Headers[0].KeyID)
	if !ok {
		return v, errTokenSignature
	}
	var standard jwt.Claims
	if err := token.Claims(key.private.Public(), &standard, &v.claims); err != nil {
		return v, errTokenSignature
	}
	if standard.Expiry != nil {
		v.expires = standard.Expiry.Time()
	}
	now := t.Now()
	switch {
	case standard.Issuer != t.issuer() && standard.Issuer != t.issuerV1():
		return v, errTokenIssuer
	case v.text("tid") != t.dir.TenantID():
		return v, errTokenIssuer
	case standard.Expiry == nil || len(standard.Audience) != 1:
		return v, errTokenMalformed
	case now.After(standard.Expiry.Time()):
		return v, errTokenExpired
	case standard.NotBefore != nil && now.Add(clockSkew).Before(standard.NotBefore.Time()):
		return v, errTokenTooEarly
	}
	v.audience = standard.Audience[0]
	return v, nil
}

// VerifyToken checks an access token for one of Microsoft's APIs (by its client id), or for one of the tenant's, and
// returns its claims.
func (t *Tenant) VerifyToken(raw, resourceAppID string) (map[string]any, error) {
	v, err := t.verify(raw)
	if err != nil {
		return nil, fmt.Errorf("verifying an access token: %w", err)
	}
	api, ok := t.dir.ServicePrincipalByAppID(resourceAppID)
	if !ok || v.isIDToken() || !slices.Contains(api.ServicePrincipalNames, v.audience) {
		return nil, fmt.Errorf("verifying an access token: %w", errTokenAudience)
	}
	return v.claims, nil
}

func (v verified) text(claim string) string {
	value, _ := v.claims[claim].(string)
	return value
}

func (v verified) texts(claim string) []string {
	list, _ := v.claims[claim].([]any)
	var values []string
	for _, item := range list {
		if text, ok := item.(string); ok {
			values = append(values, text)
		}
	}
	return values
}

// isIDToken: an ID token names no client, an access token always does.
func (v verified) isIDToken() bool { return v.text("azp") == "" && v.text("appid") == "" }

// isAppOnly: no delegated permission, so nobody to act for.
func (v verified) isAppOnly() bool { return v.text("idtyp") == "app" || v.text("scp") == "" }
