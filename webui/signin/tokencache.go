package signin

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/cache"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// userCache is one user's MSAL cache for the length of a call.
type userCache struct{ content []byte }

// Replace implements [cache.ExportReplace]: MSAL is about to read.
func (u *userCache) Replace(_ context.Context, into cache.Unmarshaler, _ cache.ReplaceHints) error {
	if len(u.content) == 0 {
		return nil
	}
	return into.Unmarshal(u.content)
}

// Export implements [cache.ExportReplace]: MSAL has written.
func (u *userCache) Export(_ context.Context, from cache.Marshaler, _ cache.ExportHints) error {
	content, err := from.Marshal()
	if err != nil {
		return fmt.Errorf("keeping the user's tokens: %w", err)
	}
	u.content = content
	return nil
}

// keepOnly drops from an MSAL cache, in MSAL's unified schema, the ID token, which has been checked and which nobody reads again
// (a fifth of what a user costs in memory), and all access tokens but one. MSAL drops none: after a renewal the sign-in's token
// would stay beside the new one. Both hold the scope that is asked for, MSAL takes whichever its map yields first, and each
// second request would renew again.
//
// A cache that isn't of this form is returned as it is.
func keepOnly(cache []byte, token secret.String) []byte {
	var content map[string]json.RawMessage
	var tokens map[string]json.RawMessage
	if json.Unmarshal(cache, &content) != nil || json.Unmarshal(content["AccessToken"], &tokens) != nil {
		return cache
	}
	maps.DeleteFunc(tokens, func(_ string, raw json.RawMessage) bool {
		var kept struct {
			Secret string `json:"secret"`
		}
		return json.Unmarshal(raw, &kept) == nil && !secret.New(kept.Secret).Equal(token)
	})
	delete(content, "IdToken")
	var err error
	if content["AccessToken"], err = json.Marshal(tokens); err != nil {
		return cache
	}
	smaller, err := json.Marshal(content)
	if err != nil {
		return cache
	}
	return smaller
}
