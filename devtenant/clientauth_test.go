package devtenant_test

import (
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

type clientAssertion struct {
	key        *rsa.PrivateKey
	algorithm  jose.SignatureAlgorithm
	thumbprint map[jose.HeaderKey]string
	claims     map[string]any
}

func (c clientAssertion) sign(t *testing.T) string {
	t.Helper()
	options := &jose.SignerOptions{}
	for name, value := range c.thumbprint {
		options.WithHeader(name, value)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: c.algorithm, Key: c.key}, options)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := jwt.Signed(signer).Claims(c.claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestClientAssertion(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	now := time.Now()
	key, certificate := newCertificate(t, now)
	registerCertificate(t, tenant, api, certificate)
	otherKey, other := newCertificate(t, now)
	oldKey, old := newCertificate(t, now.Add(-24*time.Hour))
	registerCertificate(t, tenant, api, old)

	sha1Of := func(c *x509.Certificate) string {
		sum := sha1.Sum(c.Raw)
		return base64.RawURLEncoding.EncodeToString(sum[:])
	}
	sha256Of := func(c *x509.Certificate) string {
		sum := sha256.Sum256(c.Raw)
		return base64.StdEncoding.EncodeToString(sum[:])
	}

	tests := map[string]struct {
		change func(*clientAssertion)
		want   int
	}{
		"x5t#S256, PS256": {func(*clientAssertion) {}, 0},
		"x5t, RS256": {func(a *clientAssertion) {
			a.algorithm, a.thumbprint = jose.RS256, map[jose.HeaderKey]string{"x5t": sha1Of(certificate)}
		}, 0},
		"aud is the issuer": {func(a *clientAssertion) { a.claims["aud"] = tenant.Authority() + "/v2.0" }, 0},
		"another key":       {func(a *clientAssertion) { a.key = otherKey }, 700027},
		"another certificate": {func(a *clientAssertion) {
			a.key, a.thumbprint = otherKey, map[jose.HeaderKey]string{"x5t#S256": sha256Of(other)}
		}, 700027},
		"an expired certificate": {func(a *clientAssertion) {
			a.key, a.thumbprint = oldKey, map[jose.HeaderKey]string{"x5t#S256": sha256Of(old)}
		}, 700027},
		"no thumbprint":      {func(a *clientAssertion) { a.thumbprint = nil }, 700027},
		"thumbprints differ": {func(a *clientAssertion) { a.thumbprint["x5t"] = sha1Of(other) }, 700027},
		"RS384":              {func(a *clientAssertion) { a.algorithm = jose.RS384 }, 700027},
		"another audience":   {func(a *clientAssertion) { a.claims["aud"] = "https://evil.example" }, 700023},
		"another issuer":     {func(a *clientAssertion) { a.claims["iss"] = webUI }, 700021},
		"another subject":    {func(a *clientAssertion) { a.claims["sub"] = webUI }, 700021},
		"expired":            {func(a *clientAssertion) { a.claims["exp"] = now.Add(-10 * time.Minute).Unix() }, 700024},
		"without exp":        {func(a *clientAssertion) { delete(a.claims, "exp") }, 700024},
		"valid for a year":   {func(a *clientAssertion) { a.claims["exp"] = now.AddDate(1, 0, 0).Unix() }, 700024},
		"not valid yet":      {func(a *clientAssertion) { a.claims["nbf"] = now.Add(time.Hour).Unix() }, 700024},
		"without jti":        {func(a *clientAssertion) { delete(a.claims, "jti") }, 9002313},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assertion := clientAssertion{
				key: key, algorithm: jose.PS256, thumbprint: map[jose.HeaderKey]string{"x5t#S256": sha256Of(certificate)},
				claims: map[string]any{
					"aud": tenant.Authority() + "/oauth2/v2.0/token", "iss": api, "sub": api, "jti": "1", "exp": now.Add(10 * time.Minute).Unix(), "nbf": now.Unix(),
				},
			}
			test.change(&assertion)
			got := postToken(t, tenant, exchange(tenant.AccessToken("alice"), map[string]string{
				"client_secret": "", "client_assertion": assertion.sign(t), "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
			}))
			if test.want != 0 {
				refused(t, got, test.want)
				return
			}
			if got.Status != 200 || claimsOf(t, got.AccessToken)["appidacr"] != "2" {
				t.Errorf("refused: %s", got.Description)
			}
		})
	}
}
