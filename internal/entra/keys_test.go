package entra_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/clocktest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
)

const tenantID = "11111111-2222-3333-4444-555555555555"

// tenant is a discovery document and a set of keys that the tests change.
type tenant struct {
	server *httptest.Server

	mu      sync.Mutex
	keys    string // the body of the keys' answer
	appKeys string // and where it was asked for by an application's id
	status  int
	issuer  string
	fetches int
}

func startTenant(t *testing.T) *tenant {
	t.Helper()
	f := &tenant{status: http.StatusOK}
	f.server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if strings.HasSuffix(r.URL.Path, "/openid-configuration") {
			issuer, _ := json.Marshal(f.issuer)
			fmt.Fprintf(w, `{"issuer":%s,"authorization_endpoint":"http://localhost/authorize","token_endpoint":"%[2]s/token","jwks_uri":"%[2]s/keys?%[3]s"}`,
				issuer, f.server.URL, r.URL.RawQuery)
			return
		}
		f.fetches++
		w.WriteHeader(f.status)
		keys := f.keys
		if r.URL.Query().Get("appid") != "" {
			keys = f.appKeys
		}
		_, _ = w.Write([]byte(keys))
	}))
	f.issuer = f.server.URL + "/" + tenantID + "/v2.0"
	t.Cleanup(f.server.Close)
	return f
}

func (f *tenant) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *tenant) asked() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fetches
}

func (f *tenant) provider(t *testing.T, o entra.ProviderOptions) *entra.Provider {
	t.Helper()
	authority, err := entra.ParseAuthority(f.server.URL + "/" + tenantID)
	if err != nil {
		t.Fatal(err)
	}
	return entra.NewProvider(f.server.Client(), authority, o)
}

type signer struct {
	kid string
	key *rsa.PrivateKey
}

func newSigner(t *testing.T, kid string) signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return signer{kid, key}
}

func (s signer) sign(t *testing.T) string {
	t.Helper()
	var key any = jose.JSONWebKey{Key: s.key, KeyID: s.kid}
	if s.kid == "" {
		key = s.key
	}
	made, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := made.Sign([]byte(`{"sub":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return compact
}

// jwk returns the public key as an entry of the set, with members added or replaced.
func (s signer) jwk(t *testing.T, members map[string]any) string {
	t.Helper()
	raw, err := jose.JSONWebKey{Key: &s.key.PublicKey, KeyID: s.kid, Use: "sig"}.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	entry := map[string]any{}
	if err := json.Unmarshal(raw, &entry); err != nil {
		t.Fatal(err)
	}
	for name, value := range members {
		entry[name] = value
	}
	raw, err = json.Marshal(entry)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func set(entries ...string) string { return `{"keys":[` + strings.Join(entries, ",") + `]}` }

func TestWhichKeysAreBelieved(t *testing.T) {
	t.Parallel()
	good, other := newSigner(t, "good"), newSigner(t, "good")
	fake := startTenant(t)
	tests := []struct {
		name  string
		set   string
		token string
		want  error
	}{
		{"a good key", set(good.jwk(t, nil)), good.sign(t), nil},
		{"another key under the same kid", set(good.jwk(t, nil)), other.sign(t), entra.ErrSignature},
		{"an unknown kid", set(good.jwk(t, nil)), newSigner(t, "unknown").sign(t), entra.ErrUnknownKey},
		{"no kid", set(good.jwk(t, nil)), signer{"", good.key}.sign(t), entra.ErrUnknownKey},
		{"a malformed key beside the good one", set(`{"kty":"RSA","kid":"bad","n":"!","e":"AQAB"}`, good.jwk(t, nil)), good.sign(t), nil},
		{"an encryption key", set(good.jwk(t, map[string]any{"use": "enc"})), good.sign(t), entra.ErrKeysUnavailable},
		{"another issuer's key", set(good.jwk(t, map[string]any{"issuer": "https://login.example/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"})), good.sign(t), entra.ErrKeysUnavailable},
		{"this issuer's key", set(good.jwk(t, map[string]any{"issuer": fake.issuer})), good.sign(t), nil},
		{"a template of issuers", set(good.jwk(t, map[string]any{"issuer": fake.server.URL + "/{tenantid}/v2.0"})), good.sign(t), nil},
		{"an empty set", set(), good.sign(t), entra.ErrKeysUnavailable},
		{"not JSON", "<html>", good.sign(t), entra.ErrKeysUnavailable},
		{"not a token", set(good.jwk(t, nil)), "abc", entra.ErrSignature},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fake.set(func() { fake.keys = test.set })
			_, err := fake.provider(t, entra.ProviderOptions{}).VerifySignature(t.Context(), test.token)
			if !errors.Is(err, test.want) {
				t.Errorf("error is %v, want %v", err, test.want)
			}
		})
	}
}

// TestFieldCase10VerifiedTokensHaveOneText: go-jose verifies each of these.
func TestFieldCase10VerifiedTokensHaveOneText(t *testing.T) {
	t.Parallel()
	good := newSigner(t, "good")
	fake := startTenant(t)
	fake.keys = set(good.jwk(t, nil))
	provider := fake.provider(t, entra.ProviderOptions{})
	token := good.sign(t)
	if _, err := provider.VerifySignature(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, text := range append(otherLastCharacters(token), strings.Replace(token, ".", "\n.", 1), token+"\r\n") {
		signed, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.RS256})
		if err != nil {
			continue
		}
		if _, err := signed.Verify(&good.key.PublicKey); err != nil {
			continue // another signature, and not another text of this one
		}
		refused++
		if _, err := provider.VerifySignature(t.Context(), text); !errors.Is(err, entra.ErrSignature) {
			t.Errorf("error is %v, want %v", err, entra.ErrSignature)
		}
	}
	if refused < 15 {
		t.Errorf("%d texts that go-jose takes, want fifteen at least: the test has lost its point", refused)
	}
}

// otherLastCharacters returns a token with each other last character that base64url has.
func otherLastCharacters(token string) []string {
	var texts []string
	for _, last := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
		if text := token[:len(token)-1] + string(last); text != token {
			texts = append(texts, text)
		}
	}
	return texts
}

func TestFetchesAreLimited(t *testing.T) {
	t.Parallel()
	good, unknown := newSigner(t, "good"), newSigner(t, "unknown")
	fake, now := startTenant(t), clocktest.New(time.Unix(1_800_000_000, 0))
	fake.keys = set(good.jwk(t, nil))
	provider := fake.provider(t, entra.ProviderOptions{KeyInterval: time.Minute, Now: now.Now})
	if err := provider.Fetch(t.Context()); err != nil {
		t.Fatal(err)
	}
	flood := func() {
		var group sync.WaitGroup
		bad := signer{"good", unknown.key}.sign(t)
		token, fine := unknown.sign(t), good.sign(t)
		for range 10 {
			group.Go(func() {
				for range 20 {
					_, _ = provider.VerifySignature(t.Context(), token)
					_, _ = provider.VerifySignature(t.Context(), bad)
					if _, err := provider.VerifySignature(t.Context(), fine); err != nil {
						t.Errorf("a good token is refused: %v", err)
					}
				}
			})
		}
		group.Wait()
	}
	flood()
	if got := fake.asked(); got != 1 {
		t.Errorf("%d fetches within the interval of the first, want none but that one", got)
	}
	now.Advance(time.Minute)
	flood()
	if got := fake.asked(); got != 2 {
		t.Errorf("%d fetches after one more interval, want 2", got)
	}
}

func TestRotationAndAge(t *testing.T) {
	t.Parallel()
	old, fresh := newSigner(t, "old"), newSigner(t, "fresh")
	fake, now := startTenant(t), clocktest.New(time.Unix(1_800_000_000, 0))
	fake.keys = set(old.jwk(t, nil))
	provider := fake.provider(t, entra.ProviderOptions{KeyInterval: time.Minute, Now: now.Now})
	verify := func(s signer) error {
		_, err := provider.VerifySignature(t.Context(), s.sign(t))
		return err
	}
	if err := verify(old); err != nil {
		t.Fatal(err)
	}
	now.Advance(2 * time.Minute)
	fake.set(func() { fake.keys = set(fresh.jwk(t, nil)) })
	if err := verify(old); err != nil {
		t.Errorf("a key that is young enough is refused: %v", err)
	}
	if err := verify(fresh); err != nil {
		t.Errorf("the new key is refused: %v", err)
	}
	if err := verify(old); !errors.Is(err, entra.ErrUnknownKey) {
		t.Errorf("the withdrawn key: %v", err)
	}

	t.Run("a key that was withdrawn is refused once the set is old", func(t *testing.T) {
		fake.set(func() { fake.keys = set(old.jwk(t, nil)) })
		now.Advance(61 * time.Minute)
		if err := verify(fresh); !errors.Is(err, entra.ErrUnknownKey) {
			t.Errorf("error is %v", err)
		}
	})
	t.Run("the last good set goes on serving", func(t *testing.T) {
		for name, change := range map[string]func(){
			"away":  func() { fake.status = http.StatusServiceUnavailable },
			"empty": func() { fake.status, fake.keys = http.StatusOK, `{"keys":[]}` },
			"html":  func() { fake.keys = "<html>" },
		} {
			fake.set(change)
			now.Advance(61 * time.Minute)
			if err := verify(old); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestColdStartRecovers(t *testing.T) {
	t.Parallel()
	good := newSigner(t, "good")
	fake, now := startTenant(t), clocktest.New(time.Unix(1_800_000_000, 0))
	fake.status = http.StatusServiceUnavailable
	fake.keys = set(good.jwk(t, nil))
	provider := fake.provider(t, entra.ProviderOptions{Now: now.Now})
	if err := provider.Fetch(t.Context()); err == nil {
		t.Error("warming up succeeded without a tenant")
	}
	if _, err := provider.VerifySignature(t.Context(), good.sign(t)); !errors.Is(err, entra.ErrKeysUnavailable) {
		t.Errorf("error is %v", err)
	}
	if provider.Ready() == nil {
		t.Error("a provider without keys says that it is ready")
	}
	fake.set(func() { fake.status = http.StatusOK })
	now.Advance(time.Second)
	if _, err := provider.VerifySignature(t.Context(), good.sign(t)); err != nil {
		t.Errorf("after the tenant came back: %v", err)
	}
	if err := provider.Ready(); err != nil {
		t.Error(err)
	}
}

func TestACallerThatLeavesDoesNotFailTheOthers(t *testing.T) {
	t.Parallel()
	good := newSigner(t, "good")
	fake := startTenant(t)
	fake.keys = set(good.jwk(t, nil))
	provider := fake.provider(t, entra.ProviderOptions{})
	gone, leave := context.WithCancel(t.Context())
	leave()
	_, _ = provider.VerifySignature(gone, good.sign(t))
	if _, err := provider.VerifySignature(t.Context(), good.sign(t)); err != nil {
		t.Errorf("the next caller: %v", err)
	}
}
