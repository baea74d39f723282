package onbehalfof_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/onbehalfof"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
)

// TestForget: a token that the service refused is exchanged anew, whether or not the next request asks for the claims that the
// refused one met.
func TestForget(t *testing.T) {
	t.Parallel()
	const claims = `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`
	for name, test := range map[string]struct{ refused, next string }{
		"without claims":                 {"", ""},
		"with claims, and without":       {claims, ""},
		"with claims, and with the same": {claims, claims},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			exchanges := 0
			exchanger := onbehalfof.WithCache(exchangerFunc(func() (onbehalfof.Result, error) {
				exchanges++
				return onbehalfof.Result{Token: secret.New("token B"), ExpiresOn: time.Now().Add(time.Hour)}, nil
			}), onbehalfof.CacheOptions{
				Store: store.NewMemory(store.MemoryOptions{}), Timeout: time.Minute, Now: time.Now, Log: slog.New(slog.DiscardHandler),
			})
			caller := bearer.Caller{Token: secret.New("token A"), Expires: time.Now().Add(time.Hour)}
			ask := func(claims string) *onbehalfof.Credential {
				t.Helper()
				credential := onbehalfof.NewCredential(exchanger, caller)
				if _, err := credential.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{"scope"}, Claims: claims}); err != nil {
					t.Fatal(err)
				}
				return credential
			}
			refused := ask(test.refused)
			if ask(test.next); exchanges != 1 {
				t.Fatalf("%d exchanges before anything was refused", exchanges)
			}
			refused.Forget(t.Context())
			if ask(test.next); exchanges != 2 {
				t.Errorf("%d exchanges: the refused token came again", exchanges)
			}
		})
	}
}
