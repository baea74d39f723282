package onbehalfof_test

import (
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/onbehalfof"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
)

// TestRenewalInMemory: what becomes of the token of the process's own memory when it is due and Entra gives no new one.
func TestRenewalInMemory(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		refusal entra.TokenError
		serves  bool
	}{
		"the user was disabled": {entra.TokenError{Kind: entra.Rejected, AADSTS: 50057, Status: 400}, false},
		"Entra has a fault":     {entra.TokenError{Kind: entra.Unavailable, Status: 503}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var refused error
				next := exchangerFunc(func() (onbehalfof.Result, error) {
					now := time.Now()
					return onbehalfof.Result{Token: secret.New("token B"), ExpiresOn: now.Add(time.Hour), RefreshOn: now.Add(10 * time.Minute)}, refused
				})
				cache := onbehalfof.WithCache(next, onbehalfof.CacheOptions{
					Store: store.NewMemory(store.MemoryOptions{}), Timeout: time.Second, Now: time.Now, Log: slog.New(slog.DiscardHandler),
				})
				request := onbehalfof.Request{Caller: bearer.Caller{Expires: time.Now().Add(2 * time.Hour)}}
				if _, err := cache.Exchange(t.Context(), request); err != nil {
					t.Fatal(err)
				}
				time.Sleep(11 * time.Minute) // of the test's own clock
				refused = &test.refusal
				if _, err := cache.Exchange(t.Context(), request); err != nil {
					t.Fatalf("it has to wait for the renewal: %v", err)
				}
				synctest.Wait() // for the renewal
				if _, err := cache.Exchange(t.Context(), request); (err == nil) != test.serves || err != nil && !errors.Is(err, refused) {
					t.Errorf("after it: %v", err)
				}
			})
		})
	}
}
