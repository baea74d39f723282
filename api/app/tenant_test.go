package app_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	tenantID    = "aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa"
	apiClientID = "bbbbbbbb-2222-4222-8222-bbbbbbbbbbbb"
	webClientID = "cccccccc-3333-4333-8333-cccccccccccc"
	aliceOID    = "dddddddd-4444-4444-8444-dddddddddddd"
	bobOID      = "eeeeeeee-5555-4555-8555-eeeeeeeeeeee"
	goodKid     = "key-1"
)

// tenant is just enough of Entra and Resource Manager, over TLS, to forge every token and answer every request wrongly.
// The tests of the whole chain use the development tenant instead, which is strict where this one does as it is told.
type tenant struct {
	server *httptest.Server

	mu            sync.Mutex
	keys          map[string]*rsa.PrivateKey
	requests      map[string]int
	keysHandler   http.HandlerFunc // in place of the key set, where not nil
	tokenHandler  http.HandlerFunc // in place of token B, where not nil
	azureHandler  http.HandlerFunc // in place of alice's subscription, where not nil
	lastTokenForm map[string][]string
}

// One key for all tests: to make one takes longer than most of them.
var (
	signingKey = sync.OnceValue(newKey)
	otherKey   = sync.OnceValue(newKey)
)

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

func newTenant(t testing.TB) *tenant {
	t.Helper()
	issuer := &tenant{keys: map[string]*rsa.PrivateKey{goodKid: signingKey()}, requests: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /"+tenantID+"/v2.0/.well-known/openid-configuration", issuer.discovery)
	mux.HandleFunc("GET /"+tenantID+"/discovery/v2.0/keys", issuer.handle("keys", &issuer.keysHandler, issuer.sendKeys))
	mux.HandleFunc("POST /"+tenantID+"/oauth2/v2.0/token", issuer.handle("token", &issuer.tokenHandler, issuer.sendToken))
	mux.HandleFunc("GET /subscriptions", issuer.handle("subscriptions", &issuer.azureHandler, sendSubscriptions))
	issuer.server = httptest.NewUnstartedServer(mux)
	issuer.server.Config.ErrorLog = nil
	issuer.server.StartTLS()
	t.Cleanup(issuer.server.Close)
	return issuer
}

// handle counts a request and answers it, as the test says or as it should be.
func (i *tenant) handle(name string, override *http.HandlerFunc, usual http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		i.requests[name]++
		handler := *override
		if name == "token" {
			_ = r.ParseForm()
			i.lastTokenForm = maps.Clone(r.PostForm)
		}
		i.mu.Unlock()
		if handler == nil {
			handler = usual
		}
		handler(w, r)
	}
}

// set changes how the tenant answers.
func (i *tenant) set(change func(*tenant)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	change(i)
}

func (i *tenant) count(name string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.requests[name]
}

func (i *tenant) form() map[string][]string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.lastTokenForm
}

func (i *tenant) authority() string { return i.server.URL + "/" + tenantID }
func (i *tenant) issuer() string    { return i.authority() + "/v2.0" }

// caFile is the tenant's certificate, for TRUSTED_CA_FILE.
func (i *tenant) caFile(t testing.TB) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.server.Certificate().Raw})
	if err := os.WriteFile(file, block, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func (i *tenant) discovery(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	i.requests["discovery"]++
	i.mu.Unlock()
	sendJSON(w, http.StatusOK, map[string]any{
		"issuer":                 i.issuer(),
		"authorization_endpoint": "http://localhost:8002/" + tenantID + "/oauth2/v2.0/authorize",
		"token_endpoint":         i.authority() + "/oauth2/v2.0/token",
		"jwks_uri":               i.authority() + "/discovery/v2.0/keys",
	})
}

func (i *tenant) sendKeys(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	set := []any{}
	for kid, key := range i.keys {
		set = append(set, jwk(kid, &key.PublicKey))
	}
	sendJSON(w, http.StatusOK, map[string]any{"keys": set})
}

func jwk(kid string, key *rsa.PublicKey) map[string]any {
	return map[string]any{
		"kty": "RSA", "use": "sig", "kid": kid,
		"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
	}
}

// sendToken answers the exchange with a token B for the user of the assertion.
func (i *tenant) sendToken(w http.ResponseWriter, r *http.Request) {
	sendTokenB(w, r, tokenB(payloadOf(r.PostForm.Get("assertion"))["oid"].(string), nil), nil)
}

// sendTokenB sends a token response for an access token, with more or other members.
func sendTokenB(w http.ResponseWriter, r *http.Request, token string, with map[string]any) {
	body := map[string]any{
		"token_type": "Bearer", "scope": r.PostForm.Get("scope"), "expires_in": 3600, "ext_expires_in": 3600,
		"access_token": token,
	}
	maps.Copy(body, with)
	sendJSON(w, http.StatusOK, body)
}

// tokenB returns a v1.0 token for Resource Manager. Only Resource Manager would verify its signature.
func tokenB(oid string, with map[string]any) string {
	return forge(nil, maps2(map[string]any{
		"aud": "https://management.core.windows.net/", "iss": "https://sts.windows.net/" + tenantID + "/", "ver": "1.0",
		"scp": "user_impersonation", "appid": apiClientID, "oid": oid, "tid": tenantID, "exp": time.Now().Add(time.Hour).Unix(),
		"iat": time.Now().Unix(), "uti": rand.Text(), // makes each one different
	}, with), signingKey())
}

func sendTokenError(w http.ResponseWriter, status int, body map[string]any) {
	body = maps2(map[string]any{
		"error_description": "AADSTS" + fmt.Sprint(body["error_codes"]) + ": secret words that no log may hold. Trace ID: x",
		"correlation_id":    "11111111-0000-4000-8000-000000000000",
	}, body)
	sendJSON(w, status, body)
}

func sendSubscriptions(w http.ResponseWriter, r *http.Request) {
	sendJSON(w, http.StatusOK, map[string]any{"value": []any{subscription(1)}, "count": map[string]any{"type": "Total", "value": 1}})
}

func subscription(n int) map[string]any {
	id := fmt.Sprintf("00000000-0000-4000-8000-%012d", n)
	return map[string]any{
		"id": "/subscriptions/" + id, "subscriptionId": id, "tenantId": tenantID, "displayName": fmt.Sprintf("Subscription %d", n),
		"state": "Enabled", "authorizationSource": "RoleBased", "unknownToTheSDK": true,
	}
}

func sendJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// header and payload of a good token A.
func (i *tenant) header() map[string]any {
	return map[string]any{"typ": "JWT", "alg": "RS256", "kid": goodKid}
}

func (i *tenant) payload() map[string]any {
	now := time.Now()
	return map[string]any{
		"aud": apiClientID, "iss": i.issuer(), "iat": now.Add(-time.Minute).Unix(), "nbf": now.Add(-time.Minute).Unix(),
		"exp": now.Add(time.Hour).Unix(), "azp": webClientID, "azpacr": "1", "name": "Alice", "oid": aliceOID,
		"preferred_username": "alice@example.com", "scp": "access_as_user", "sub": "pairwise-subject", "tid": tenantID, "ver": "2.0",
	}
}

// token returns a good token A with some claims changed. A nil value removes the claim.
func (i *tenant) token(with map[string]any) string {
	return forge(i.header(), maps2(i.payload(), with), signingKey())
}

// maps2 lays one object over another; nil removes a member.
func maps2(base, over map[string]any) map[string]any {
	merged := maps.Clone(base)
	for name, value := range over {
		if value == nil {
			delete(merged, name)
		} else {
			merged[name] = value
		}
	}
	return merged
}

// forge makes a JWT signed with RS256, whatever its header says; without a key the signature is rubbish.
func forge(header, payload map[string]any, key *rsa.PrivateKey) string {
	if header == nil {
		header = map[string]any{"typ": "JWT", "alg": "RS256", "kid": goodKid}
	}
	return forgeRaw(mustJSON(header), mustJSON(payload), key)
}

func forgeRaw(header, payload string, key *rsa.PrivateKey) string {
	signed := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	if key == nil {
		return signed + "." + strings.Repeat("A", 342)
	}
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		panic(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func mustJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func payloadOf(token string) map[string]any {
	var payload map[string]any
	if parts := strings.Split(token, "."); len(parts) == 3 {
		data, _ := base64.RawURLEncoding.DecodeString(parts[1])
		_ = json.Unmarshal(data, &payload)
	}
	return payload
}
