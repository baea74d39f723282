package entra

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

const (
	minKeyBits = 2048
	maxKeyBits = 8192 // verification's cost grows with the square of it
)

// fetchKeys asks the tenant's jwks_uri. A key that can't be read, is for another purpose, or of another issuer, is left
// out; an answer without any good key is an error, so that it never replaces a good set.
func (p *Provider) fetchKeys(ctx context.Context) (map[string]*rsa.PublicKey, error) {
	metadata, err := p.Metadata(ctx)
	if err != nil {
		return nil, err
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := getJSON(ctx, p.client, metadata.JWKSURI, &set); err != nil {
		return nil, fmt.Errorf("fetching the signing keys: %w", err)
	}
	keys := map[string]*rsa.PublicKey{}
	for _, raw := range set.Keys {
		if id, key := readKey(raw, metadata); key != nil {
			keys[id] = key
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("fetching the signing keys: the answer holds none that can be used")
	}
	return keys, nil
}

// readKey returns nil for a key that must not verify a token.
func readKey(raw []byte, metadata Metadata) (string, *rsa.PublicKey) {
	var key jose.JSONWebKey
	var entra struct {
		Issuer string `json:"issuer"`
	}
	if key.UnmarshalJSON(raw) != nil || json.Unmarshal(raw, &entra) != nil {
		return "", nil
	}
	public, ok := key.Key.(*rsa.PublicKey)
	if !ok || key.KeyID == "" || (key.Use != "" && key.Use != "sig") {
		return "", nil
	}
	if bits := public.N.BitLen(); bits < minKeyBits || bits > maxKeyBits {
		return "", nil
	}
	// Entra says which issuer a key is for; a key of personal accounts, say, must not vouch for this tenant
	// ("Validate the signing key issuer" in the identity platform's access token reference).
	issuer := strings.ReplaceAll(entra.Issuer, "{tenantid}", metadata.TenantID())
	if issuer != "" && issuer != metadata.Issuer {
		return "", nil
	}
	return key.KeyID, public
}
