package entra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
)

// maxDroppedLogged bounds the lines about dropped keys that one key set can write.
const maxDroppedLogged = 10

// droppedKey is an entry of the key set that no token may be verified with.
type droppedKey struct{ id, why string }

// fetchKeys asks the tenant's jwks_uri. A key that can't be read, is for another purpose, or of another issuer, is left
// out, and the log says so; an answer without any good key is an error, so that it never replaces a good set.
func (p *Provider) fetchKeys(ctx context.Context) (map[string]signingKey, error) {
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
	keys, dropped := readKeySet(set.Keys, metadata)
	p.logDropped(ctx, dropped)
	if len(keys) == 0 {
		return nil, errors.New("fetching the signing keys: the answer holds none that can be used")
	}
	return keys, nil
}

// readKeySet returns the keys that may verify tokens of the tenant, by their kids, and those that may not.
//
// Two different keys with one kid are both dropped: a token that names the kid doesn't say which of them it means, and to
// take the first or the last lets the order of the list decide. The same key twice is one key.
func readKeySet(entries []json.RawMessage, metadata Metadata) (keys map[string]signingKey, dropped []droppedKey) {
	keys = map[string]signingKey{}
	ambiguous := map[string]bool{}
	for _, entry := range entries {
		read, err := readSigningKey(entry)
		// Entra says which issuer a key is for; a key of personal accounts, say, must not vouch for this tenant ("Validate the
		// signing key issuer" in the identity platform's access token reference). Where the authority stands for several
		// tenants, that is asked for each token.
		if err == nil && !metadata.several() && !read.vouchesFor(metadata.TenantID(), metadata.Issuer) {
			err = errors.New("its issuer is not the tenant's")
		}
		if err != nil {
			dropped = append(dropped, droppedKey{read.id, err.Error()})
			continue
		}
		if other, known := keys[read.id]; known && !other.equal(read) && !ambiguous[read.id] {
			ambiguous[read.id] = true
			dropped = append(dropped, droppedKey{read.id, "two different keys have this kid"})
		}
		keys[read.id] = read
	}
	for id := range ambiguous {
		delete(keys, id)
	}
	return keys, dropped
}

// logDropped writes a line for each dropped key, and nothing where the same were dropped from the last set: it is fetched
// again and again.
func (p *Provider) logDropped(ctx context.Context, dropped []droppedKey) {
	if slices.Equal(dropped, p.dropped) {
		return
	}
	p.dropped = dropped
	for i, key := range dropped {
		if i == maxDroppedLogged {
			p.log.WarnContext(ctx, "more of the tenant's signing keys were dropped", "count", len(dropped)-i)
			return
		}
		p.log.WarnContext(ctx, "one of the tenant's signing keys was dropped; tokens that it signed will be refused",
			slog.String("kid", bounded(key.id)), slog.String("reason", key.why))
	}
}
