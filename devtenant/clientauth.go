package devtenant

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// clientAuth says how a client proved itself: the value of azpacr and appidacr.
type clientAuth string

const (
	publicClient      clientAuth = "0"
	withSecret        clientAuth = "1"
	withCertificate   clientAuth = "2"
	jwtBearerAssert              = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	clientAssertSkew             = 5 * time.Minute
	maxCertificateAge            = 24 * time.Hour // how far ahead exp of a client assertion may lie
)

// authenticateClient finds the client of a token request and checks its credential: client_secret_post,
// client_secret_basic (RFC 6749 section 2.3.1), private_key_jwt (RFC 7523 section 2.2) or a token of an outside issuer.
func (t *Tenant) authenticateClient(r *http.Request, form url.Values) (directory.Application, clientAuth, *refusal) {
	c := callOf(r)
	id, secret := form.Get("client_id"), form.Get("client_secret")
	if user, password, ok := r.BasicAuth(); ok {
		if secret != "" || id != "" && id != user {
			return directory.Application{}, "", refuse(9002313)
		}
		// Both parts are form-encoded inside the header; a secret with a colon would not come through otherwise.
		var err1, err2 error
		id, err1 = url.QueryUnescape(user)
		secret, err2 = url.QueryUnescape(password)
		if err1 != nil || err2 != nil {
			return directory.Application{}, "", refuse(9002313)
		}
	}
	c.clientID = id
	if id == "" {
		return directory.Application{}, "", refuse(900144, "parameter", "client_id")
	}
	client, ok := t.dir.Client(id)
	if !ok {
		return directory.Application{}, "", refuse(700016, "tenant", t.dir.DisplayName())
	}
	c.clientName = client.DisplayName
	assertion := form.Get("client_assertion")
	switch {
	case secret != "" && assertion != "":
		return client, "", refuse(9002313)
	case secret != "":
		return client, withSecret, t.checkSecret(client, secret)
	case assertion != "":
		if form.Get("client_assertion_type") != jwtBearerAssert {
			return client, "", refuse(900144, "parameter", "client_assertion_type")
		}
		if federated, ok := readFederated(assertion); ok {
			return client, withCertificate, t.checkFederated(r.Context(), client, federated)
		}
		return client, withCertificate, t.checkClientAssertion(client, assertion)
	case client.Public(), len(client.SPA.RedirectURIs) > 0:
		return client, publicClient, nil // a single-page application's code needs no credential; checkOrigin sees to the others
	}
	return client, "", refuse(7000218)
}

func (t *Tenant) checkSecret(client directory.Application, secret string) *refusal {
	switch err := t.dir.CheckSecret(client.AppID, secret); {
	case err == nil:
		return nil
	case client.Public() && len(client.PasswordCredentials) == 0:
		return refuse(700025)
	case errors.Is(err, directory.ErrExpiredSecret):
		return refuse(7000222)
	}
	return refuse(7000215)
}

// checkClientAssertion checks a signed client assertion, as "Microsoft identity platform application authentication
// certificate credentials" describes it. The same assertion may come again until it expires: MSAL for Node keeps and
// reuses it.
func (t *Tenant) checkClientAssertion(client directory.Application, raw string) *refusal {
	token, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.RS256, jose.PS256})
	if err != nil || len(token.Headers) != 1 {
		return refuse(700027)
	}
	var claims jwt.Claims
	if !slices.ContainsFunc(t.dir.Certificates(client.AppID), func(certificate *x509.Certificate) bool {
		return hasThumbprint(token.Headers[0], certificate) && token.Claims(certificate.PublicKey, &claims) == nil
	}) {
		return refuse(700027)
	}
	now := t.Now()
	switch {
	case claims.Issuer != client.AppID || claims.Subject != client.AppID:
		return refuse(700021)
	case !slices.ContainsFunc(claims.Audience, t.isTokenAudience):
		return refuse(700023)
	case claims.Expiry == nil || now.After(claims.Expiry.Time().Add(clientAssertSkew)) || claims.Expiry.Time().Sub(now) > maxCertificateAge,
		claims.NotBefore != nil && now.Add(clientAssertSkew).Before(claims.NotBefore.Time()):
		return refuse(700024)
	case claims.ID == "":
		return refuse(9002313) // jti makes each assertion another one
	}
	return nil
}

// isTokenAudience accepts what clients put into aud: the token endpoint, by any name of the tenant, or the issuer.
func (t *Tenant) isTokenAudience(audience string) bool {
	for _, tenant := range []string{t.dir.TenantID(), t.dir.Domain(), "common", "organizations"} {
		base := t.backURL + "/" + tenant
		if strings.EqualFold(audience, base+"/oauth2/v2.0/token") || strings.EqualFold(audience, base+"/v2.0") {
			return true
		}
	}
	return false
}

// hasThumbprint says whether a header names the certificate. MSAL for Go writes x5t#S256 in standard base64, others
// in base64url as RFC 7515 says; x5t is SHA-1.
func hasThumbprint(header jose.Header, certificate *x509.Certificate) bool {
	sha1Sum, sha256Sum := sha1.Sum(certificate.Raw), sha256.Sum256(certificate.Raw)
	named := false
	for name, want := range map[jose.HeaderKey][]byte{"x5t": sha1Sum[:], "x5t#S256": sha256Sum[:]} {
		sent, ok := header.ExtraHeaders[name].(string)
		if !ok {
			continue
		}
		decoded, err := base64.RawURLEncoding.DecodeString(strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(sent))
		if err != nil || !bytes.Equal(decoded, want) {
			return false
		}
		named = true
	}
	return named
}
