package entra

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/jwt"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// MaxSkew is how far the clocks of Entra and of this machine may be apart, where a claim lies in the future. go-oidc allows
// nbf the same. exp gets none: Entra's tokens live for an hour or more, and the client renews them ahead of that.
const MaxSkew = 5 * time.Minute

// Claims is what a page may show of a token: enough to see whom it is for, from whom and about whom, and nothing with
// which anybody could do anything.
type Claims struct {
	Audience string `json:"aud"`
	Issuer   string `json:"iss"`
	Version  string `json:"ver"`
	Scope    string `json:"scp,omitempty"`
	AZP      string `json:"azp,omitempty"`   // the client, in v2.0 tokens
	AppID    string `json:"appid,omitempty"` // the client, in v1.0 tokens
	ObjectID string `json:"oid,omitempty"`
	TenantID string `json:"tid,omitempty"`
	Expires  int64  `json:"exp"` // seconds since 1970
	IDType   string `json:"idtyp,omitempty"`
}

// ExpiresAt returns exp as a time.
func (c Claims) ExpiresAt() time.Time { return time.Unix(c.Expires, 0).UTC() }

// Client returns azp or appid: the application that the token was issued to.
func (c Claims) Client() string { return cmp.Or(c.AZP, c.AppID) }

// AppOnly reports whether the token stands for an application and no user: it has no scp, or says so in idtyp.
func (c Claims) AppOnly() bool { return c.IDType == "app" || c.Scope == "" }

// DecodeClaims reads the payload of a JWT without verifying it. It is for showing and comparing tokens that came
// straight from the token endpoint over TLS. The form of an access token is the resource's business: a client that
// decides anything else by it breaks on the day that the resource changes it.
func DecodeClaims(token secret.String) (Claims, error) {
	decoded, err := jwt.Decode(token.Reveal())
	if err != nil {
		return Claims{}, fmt.Errorf("decoding claims: %w", err)
	}
	var claims Claims
	if err := json.Unmarshal(decoded.Payload, &claims); err != nil {
		return Claims{}, errors.New("decoding claims: the payload is not the JSON object that it should be")
	}
	return claims, nil
}
