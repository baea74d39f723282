package e2e

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
)

// keyInterval is the API's own: the shortest time between two fetches of the keys.
const keyInterval = 5 * time.Second

// TestFlood: ten thousand tokens with unknown kids, and as many with signatures that don't fit. Each gets its 401; the
// tenant is asked for keys once an interval at most; and whoever has a good token is served meanwhile.
func TestFlood(t *testing.T) {
	const senders = 16
	tokens := 10_000
	if raceDetector {
		tokens = 1_000 // which makes each cost ten times as much
	}
	s := start(t)
	sender := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: senders}, Timeout: 30 * time.Second}
	good := s.Tenant.AccessToken("alice")
	if _, err := callAPI(t.Context(), s, good); err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, ".")
	for name, forge := range map[string]func(i int) string{
		"unknown kids": func(i int) string {
			return header(fmt.Sprintf("unknown-%d", i)) + "." + parts[1] + "." + parts[2]
		},
		"bad signatures": func(int) string {
			signature := make([]byte, 256)
			rand.Read(signature)
			return parts[0] + "." + parts[1] + "." + base64.RawURLEncoding.EncodeToString(signature)
		},
	} {
		t.Run(name, func(t *testing.T) {
			fetches, began := s.Tenant.Count("keys"), time.Now()
			served := keepCalling(t, s, good)
			var group sync.WaitGroup
			var next, refused atomic.Int32
			for range senders {
				group.Go(func() {
					for i := int(next.Add(1)); i <= tokens; i = int(next.Add(1)) {
						if status(t, sender, s.API.URL, forge(i)) == http.StatusUnauthorized {
							refused.Add(1)
						}
					}
				})
			}
			group.Wait()
			took := time.Since(began)
			good, failed := served()
			fetches = s.Tenant.Count("keys") - fetches
			t.Logf("%d of %d refused in %s (%.0f a second); %d key fetches; %d good calls meanwhile, %d failed",
				refused.Load(), tokens, took.Round(time.Millisecond), float64(tokens)/took.Seconds(), fetches, good, failed)
			if int(refused.Load()) != tokens {
				t.Errorf("%d of %d were refused", refused.Load(), tokens)
			}
			if most := 1 + int(took/keyInterval); fetches > most {
				t.Errorf("%d key fetches in %s, want %d at most", fetches, took, most)
			}
			if good == 0 || failed > 0 {
				t.Errorf("%d good calls, %d failed", good, failed)
			}
		})
	}
}

// header is a JWT's that names a key.
func header(kid string) string {
	raw, err := json.Marshal(map[string]string{"alg": "RS256", "typ": "JWT", "kid": kid})
	if err != nil {
		panic(err) // three strings
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// status is what the API answers to a token; 0 for no answer.
func status(t *testing.T, sender *http.Client, api, token string) int {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, api+"/subscriptions", nil)
	if err != nil {
		t.Error(err)
		return 0
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := sender.Do(request)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil { // or the connection isn't used again
		t.Error(err)
	}
	return response.StatusCode
}

// keepCalling calls the API with a good token, from four callers fifty times a second each, until the result is asked for.
func keepCalling(t *testing.T, s *stack.Stack, token string) (stop func() (good, failed int32)) {
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	var good, failed atomic.Int32
	for range 4 {
		group.Go(func() {
			ticker := time.NewTicker(20 * time.Millisecond)
			defer ticker.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-ticker.C:
				}
				if _, err := callAPI(context.WithoutCancel(ctx), s, token); err != nil {
					t.Errorf("a good caller: %v", err)
					failed.Add(1)
					continue
				}
				good.Add(1)
			}
		})
	}
	return func() (int32, int32) {
		cancel()
		group.Wait()
		return good.Load(), failed.Load()
	}
}
