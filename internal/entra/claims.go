package entra

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

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
func (c Claims) Client() string {
	if c.AZP != "" {
		return c.AZP
	}
	return c.AppID
}

// AppOnly reports whether the token stands for an application and no user: it has no scp, or says so in idtyp.
func (c Claims) AppOnly() bool { return c.IDType == "app" || c.Scope == "" }

// DecodeClaims reads the payload of a JWT without verifying it. It is for showing and comparing tokens that came
// straight from the token endpoint over TLS. The form of an access token is the resource's business: a client that
// decides anything else by it breaks on the day that the resource changes it.
func DecodeClaims(jwt secret.String) (Claims, error) {
	parts := strings.Split(jwt.Reveal(), ".")
	if len(parts) != 3 {
		return Claims{}, errors.New("decoding claims: the token is not a JWT")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return Claims{}, errors.New("decoding claims: the payload is not base64url")
	}
	var claims Claims
	if err := json.Unmarshal(payload, &claims); err != nil {
		return Claims{}, errors.New("decoding claims: the payload is not the JSON object that it should be")
	}
	return claims, nil
}
