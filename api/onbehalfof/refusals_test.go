package onbehalfof_test

import (
	"context"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/onbehalfof"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// exchangerFunc is an exchange that does what a test says.
type exchangerFunc func() (onbehalfof.Result, error)

func (f exchangerFunc) Exchange(context.Context, onbehalfof.Request) (onbehalfof.Result, error) {
	return f()
}

func (exchangerFunc) Forget(context.Context, onbehalfof.Request) {}

// TestFieldCase35EndOfAProbe: however the request ends that finds out whether Entra can be asked again, others may ask after it.
func TestFieldCase35EndOfAProbe(t *testing.T) {
	t.Parallel()
	for name, probe := range map[string]func() (onbehalfof.Result, error){
		"well": func() (onbehalfof.Result, error) { return onbehalfof.Result{}, nil },
		"refused": func() (onbehalfof.Result, error) {
			return onbehalfof.Result{}, &entra.TokenError{Kind: entra.Interaction}
		},
		"given up":   func() (onbehalfof.Result, error) { return onbehalfof.Result{}, context.Canceled },
		"in a panic": func() (onbehalfof.Result, error) { panic("of a library") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now, next := time.Now(), exchangerFunc(nil)
			refusals := onbehalfof.WithRefusals(exchangerFunc(func() (onbehalfof.Result, error) { return next() }), func() time.Time { return now })
			exchange := func(user string) (err error) {
				defer func() { _ = recover() }() // as the cache does
				caller := bearer.Caller{ObjectID: user, Digest: secret.New(user).Digest()}
				_, err = refusals.Exchange(t.Context(), onbehalfof.Request{Caller: caller})
				return err
			}
			next = func() (onbehalfof.Result, error) {
				return onbehalfof.Result{}, &entra.TokenError{Kind: entra.Throttled, RetryAfter: time.Minute}
			}
			for _, user := range []string{"a", "b", "c"} {
				if exchange(user) == nil {
					t.Fatal("not throttled")
				}
			}
			now = now.Add(31 * time.Second)
			next = probe
			_ = exchange("d")
			next = func() (onbehalfof.Result, error) { return onbehalfof.Result{}, nil }
			if err := exchange("e"); err != nil {
				t.Errorf("after the probe: %v", err)
			}
		})
	}
}
