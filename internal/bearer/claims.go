package bearer

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/guid"
)

// knownClaims are the claims that this API reads.
var knownClaims = []string{"aud", "iss", "exp", "nbf", "iat", "sub", "oid", "tid", "ver", "azp", "scp", "roles", "idtyp", "nonce"}

// claims is the payload of a token, member by member.
type claims map[string]json.RawMessage

// readClaims reads the payload of a token whose signature is good.
func readClaims(payload []byte) (claims, error) {
	members, ok := strictObject(payload)
	if !ok {
		return nil, refuse("payload", "it is not a JSON object in UTF-8 with each name once")
	}
	for name := range members {
		// encoding/json, and go-oidc with it, takes "Aud" for "aud"; whoever reads by the letter sees another token.
		for _, known := range knownClaims {
			if name != known && strings.EqualFold(name, known) {
				return nil, refuse(known, "its name is written in another case")
			}
		}
	}
	return members, nil
}

// moment reads a NumericDate. RFC 7519 allows fractions; Entra has never sent one.
func moment(raw json.RawMessage) (when time.Time, ok bool) {
	seconds, err := strconv.ParseInt(string(raw), 10, 64)
	// Twelve digits reach into the year 33658: what is longer is no date.
	return time.Unix(seconds, 0), err == nil && len(raw) <= 12
}

// checkTimes returns when the token expires.
func (c claims) checkTimes(now time.Time) (time.Time, error) {
	expires, ok := moment(c["exp"])
	switch {
	case c["exp"] == nil:
		return time.Time{}, refuse("exp", "the token says no time at which it expires")
	case !ok:
		return time.Time{}, refuse("exp", "it is not a whole number of seconds")
	case !now.Before(expires):
		return time.Time{}, refuseAs(apperror.TokenExpired, "exp", "the token has expired")
	}
	for _, name := range []string{"nbf", "iat"} {
		when, ok := moment(c[name])
		switch {
		case c[name] == nil: // neither has to be there
		case !ok:
			return time.Time{}, refuse(name, "it is not a whole number of seconds")
		case when.After(now.Add(entra.MaxSkew)):
			return time.Time{}, refuseAs(apperror.TokenExpired, name, "it lies in the future; a clock is wrong, on one side or the other")
		}
	}
	return expires, nil
}

// checkOrigin compares iss, aud, tid and ver to the letter. audience is this API's client id.
func (c claims) checkOrigin(issuers entra.Issuers, audience string) error {
	version, tenantID := text(c, "ver"), text(c, "tid")
	if iss := text(c, "iss"); iss == "" || iss != issuers.Of(tenantID) {
		if version == "1.0" {
			return refuseAs(apperror.WrongVersion, "iss", "the token is of version 1.0, and this API reads version 2.0")
		}
		return refuseAs(apperror.WrongIssuer, "iss", "the token is not from the issuer that this API trusts")
	}
	// An array is refused even if it holds the right value: Entra's access tokens are for one API each.
	if text(c, "aud") != audience {
		return refuseAs(apperror.WrongAudience, "aud", "the token is not for this API")
	}
	// iss holds the tenant id already; a tid that differs means a token that Entra would not issue.
	if !issuers.Allow(tenantID) {
		return refuseAs(apperror.WrongTenant, "tid", "it is not a tenant that this API serves")
	}
	if version != "2.0" {
		return refuseAs(apperror.WrongVersion, "ver", "it is not 2.0")
	}
	return nil
}

// identify returns who the token is about, what it was issued for, and until when.
func (c claims) identify(expires time.Time) (Caller, error) {
	subject, objectID := text(c, "sub"), text(c, "oid")
	switch {
	case subject == "":
		return Caller{}, refuse("sub", "the token says nothing of whom it is about")
	case !guid.ValidLower(objectID):
		// Without oid the result of the exchange couldn't be compared with the user that it is meant for.
		return Caller{}, refuse("oid", "the token does not say which user it is about")
	}
	_, hasRoles := c["roles"]
	_, hasScopes := c["scp"]
	caller := Caller{
		TenantID: text(c, "tid"), ObjectID: objectID, ClientID: text(c, "azp"),
		Expires: expires,
		Scopes:  strings.Fields(text(c, "scp")), // an array is not what Entra sends
		// How an application's own token is told: it has no scp. It has roles where the application was given some, idtyp where the
		// API's registration asks for that claim, and the service principal itself for its subject.
		Application: text(c, "idtyp") == "app" || (!hasScopes && (hasRoles || subject == objectID)),
	}
	if caller.ClientID == "" && !caller.Application {
		// Where web UI and API share one registration, the audience of an ID token is right; it has no azp and no scp.
		return Caller{}, refuse("azp", "the token names no client; an ID token looks like this, and it is no access token (it has no scp)")
	}
	if hasRoles && json.Unmarshal(c["roles"], &caller.Roles) != nil {
		return Caller{}, refuse("roles", "it is not a list of names")
	}
	return caller, nil
}
