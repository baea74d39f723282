package entra

import (
	"context"
	"crypto/rsa"
)

// Fetch fetches metadata and keys once, as [Provider.WarmUp] does again and again.
func (p *Provider) Fetch(ctx context.Context) error { return p.fetch(ctx) }

// ReadSigningKey reads an entry of a key set.
func ReadSigningKey(entry []byte) (id string, key *rsa.PublicKey, err error) {
	read, err := readSigningKey(entry)
	return read.id, read.key, err
}
