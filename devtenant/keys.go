package devtenant

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"sync"
	"time"
)

// signingKey signs tokens. Its kid is its certificate's thumbprint, as Entra's are.
type signingKey struct {
	kid         string
	private     *rsa.PrivateKey
	certificate *x509.Certificate
}

// keyRing holds the keys that are published; the last one signs.
type keyRing struct {
	mu   sync.RWMutex
	keys []signingKey
}

func (k *keyRing) current() signingKey {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.keys[len(k.keys)-1]
}

func (k *keyRing) all() []signingKey {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return slices.Clone(k.keys)
}

func (k *keyRing) find(kid string) (signingKey, bool) {
	for _, key := range k.all() {
		if key.kid == kid {
			return key, true
		}
	}
	return signingKey{}, false
}

func (k *keyRing) add(key signingKey) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys = append(k.keys, key)
}

// RotateKeys makes a new signing key. The old ones stay published, so that tokens they signed go on being accepted.
func (t *Tenant) RotateKeys() error {
	key, err := newSigningKey(t.clock.source())
	if err != nil {
		return err
	}
	t.keys.add(key)
	return nil
}

// WithdrawKeys makes a new signing key and stops publishing all others: tokens they signed are worth nothing to
// whoever fetches the keys again.
func (t *Tenant) WithdrawKeys() error {
	key, err := newSigningKey(t.clock.source())
	if err != nil {
		return err
	}
	t.keys.mu.Lock()
	defer t.keys.mu.Unlock()
	t.keys.keys = []signingKey{key}
	return nil
}

// SigningKey returns the key that signs tokens now, so that a test can make any token it likes.
func (t *Tenant) SigningKey() (kid string, key *rsa.PrivateKey) {
	current := t.keys.current()
	return current.kid, current.private
}

func newSigningKey(now time.Time) (signingKey, error) {
	return newCertifiedKey("devtenant token signing (for development only)", now)
}

func newCertifiedKey(name string, now time.Time) (signingKey, error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return signingKey{}, fmt.Errorf("making a signing key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    now.AddDate(-1, 0, 0),
		NotAfter:     now.AddDate(1, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return signingKey{}, fmt.Errorf("making a signing certificate: %w", err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return signingKey{}, fmt.Errorf("reading back the signing certificate: %w", err)
	}
	thumbprint := sha1.Sum(der)
	return signingKey{kid: base64.RawURLEncoding.EncodeToString(thumbprint[:]), private: private, certificate: certificate}, nil
}

// publishedKey is one entry of the key set, with the members that Entra gives it.
type publishedKey struct {
	Kty    string   `json:"kty"`
	Use    string   `json:"use"`
	Alg    string   `json:"alg,omitempty"` // Entra leaves it out
	Kid    string   `json:"kid"`
	X5t    string   `json:"x5t"`
	N      string   `json:"n"`
	E      string   `json:"e"`
	X5c    []string `json:"x5c"`
	Issuer string   `json:"issuer"`
}

// keySet is GET /{tenant}/discovery/v2.0/keys (RFC 7517).
func (t *Tenant) keySet(w http.ResponseWriter, r *http.Request) {
	set := struct {
		Keys []publishedKey `json:"keys"`
	}{Keys: []publishedKey{}}
	issuer := t.issuer()
	if multiTenant(r.PathValue("tenant")) {
		issuer = t.issuerTemplate()
	}
	change := altered(callOf(r), func(f Fault) KeyChange { return f.Keys })
	for _, key := range t.keys.all() {
		exponent := big.NewInt(int64(key.private.E)).Bytes()
		set.Keys = append(set.Keys, publishedKey{
			Kty: "RSA", Use: "sig", Kid: key.kid, X5t: key.kid,
			N:      base64.RawURLEncoding.EncodeToString(key.private.N.Bytes()),
			E:      base64.RawURLEncoding.EncodeToString(exponent),
			X5c:    []string{base64.StdEncoding.EncodeToString(key.certificate.Raw)},
			Issuer: issuer,
		})
		set.Keys = change.apply(set.Keys)
	}
	allowAnyOrigin(w.Header(), "GET, OPTIONS")
	cacheForADay(w.Header())
	writeJSON(w, http.StatusOK, set)
}
