package devtenant

import (
	"encoding/base64"
	"math/big"
	"net/http"
	"strconv"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// What the sample's applications trust of the test issuer: two service accounts, as of a Kubernetes cluster.
const (
	KubernetesIssuer = "kubernetes" // for IssuerURL and FederatedToken
	WebUISubject     = "system:serviceaccount:default:webui"
	APISubject       = "system:serviceaccount:default:api"
)

// IssuerURL is the address of a test issuer: somebody outside Entra whose tokens a federated credential can trust, as a
// Kubernetes cluster's or GitHub's. There is one for each name, and each gives tokens to whoever asks.
func (t *Tenant) IssuerURL(name string) string { return t.backURL + issuersPath + name }

const (
	issuersPath       = "/issuers/"
	federatedLifetime = time.Hour // as of a projected service account token
)

// FederatedToken makes a token of a test issuer (by name), as a projected service account token is: for an hour and for
// api://AzureADTokenExchange. Each change may alter, add or delete claims before it is signed; a nil value deletes.
func (t *Tenant) FederatedToken(issuer, subject string, change ...func(claims map[string]any)) string {
	now := t.Now()
	claims := map[string]any{
		"iss": t.IssuerURL(issuer), "sub": subject, "aud": directory.TokenExchangeAudience, "jti": uuid.NewString(),
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(federatedLifetime).Unix(),
	}
	changeClaims(claims, change)
	return signWith(t.issuerKey(), claims)
}

// issuerDiscovery is GET /issuers/{name}/.well-known/openid-configuration.
func (t *Tenant) issuerDiscovery(w http.ResponseWriter, r *http.Request) {
	issuer := t.IssuerURL(r.PathValue("name"))
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer": issuer, "jwks_uri": issuer + "/keys", "response_types_supported": []string{"id_token"},
		"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"},
	})
}

// issuerKeys is GET /issuers/{name}/keys.
func (t *Tenant) issuerKeys(w http.ResponseWriter, _ *http.Request) {
	key := t.issuerKey()
	writeJSON(w, http.StatusOK, map[string]any{"keys": []map[string]string{{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": key.kid, "n": base64.RawURLEncoding.EncodeToString(key.private.N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.private.E)).Bytes()),
	}}})
}

// issuerToken is POST /issuers/{name}/token, with the parameters subject, audience (api://AzureADTokenExchange if it is
// missing) and expires_in (seconds; 3600, and less than 0 for a token that has expired). It answers with the token alone,
// as a projected file holds it.
func (t *Tenant) issuerToken(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	subject := r.FormValue("subject")
	if subject == "" {
		http.Error(w, "subject is missing: whom the token is about, for example "+APISubject+".", http.StatusBadRequest)
		return
	}
	lifetime := federatedLifetime
	if raw := r.FormValue("expires_in"); raw != "" {
		seconds, err := strconv.Atoi(raw)
		if err != nil {
			http.Error(w, "expires_in should be a number of seconds.", http.StatusBadRequest)
			return
		}
		lifetime = time.Duration(seconds) * time.Second
	}
	token := t.FederatedToken(r.PathValue("name"), subject, func(claims map[string]any) {
		claims["exp"] = t.Now().Add(lifetime).Unix()
		if audience := r.FormValue("audience"); audience != "" {
			claims["aud"] = audience
		}
	})
	w.Header().Set("Content-Type", "application/jwt")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(token))
}

// makeIssuerKey makes the test issuers' key, for whom it is asked first: most tenants never need it.
func (t *Tenant) makeIssuerKey() signingKey {
	key, err := newSigningKey(t.clock.source())
	if err != nil {
		panic("devtenant: making the test issuer's key: " + err.Error()) // no random numbers
	}
	return key
}

// ownIssuerKeys are the test issuers' keys: this tenant need not ask itself for them.
func (t *Tenant) ownIssuerKeys() jose.JSONWebKeySet {
	key := t.issuerKey()
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.private.Public(), KeyID: key.kid, Algorithm: "RS256", Use: "sig"}}}
}
