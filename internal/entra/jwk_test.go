package entra_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/clocktest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
)

// negativeSerial returns a certificate of the signer's key, in base64, that crypto/x509 refuses to read.
func (s signer) negativeSerial(t *testing.T) string {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(5), Subject: pkix.Name{CommonName: "x"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &s.key.PublicKey, s.key)
	if err != nil {
		t.Fatal(err)
	}
	der = bytes.Replace(der, []byte{2, 1, 5}, []byte{2, 1, 0x85}, 1)
	if _, err := x509.ParseCertificate(der); err == nil {
		t.Fatal("crypto/x509 reads a negative serial: the test has lost its point")
	}
	return base64.StdEncoding.EncodeToString(der)
}

// TestFieldCase08NeedlessMembersSpoilNothing: go-jose refuses the key for many of these.
func TestFieldCase08NeedlessMembersSpoilNothing(t *testing.T) {
	t.Parallel()
	good, other := newSigner(t, "good"), newSigner(t, "other")
	fake := startTenant(t)
	encoded, _ := selfSigned(t)
	certificate, _ := pem.Decode(encoded)
	tests := []struct {
		name    string
		members map[string]any
	}{
		{"x5c with a negative serial", map[string]any{"x5c": []string{good.negativeSerial(t)}}},
		{"x5c of another key", map[string]any{"x5c": []string{base64.StdEncoding.EncodeToString(certificate.Bytes)}}},
		{"x5c that is no certificate", map[string]any{"x5c": []string{"AAAA"}}},
		{"x5c that is not base64", map[string]any{"x5c": []string{"!"}}},
		{"x5c that is text", map[string]any{"x5c": "AAAA"}},
		{"x5c that is empty", map[string]any{"x5c": []string{}}},
		{"x5c that is null", map[string]any{"x5c": nil}},
		{"x5t of another certificate", map[string]any{"x5t": "AAAAAAAAAAAAAAAAAAAAAAAAAAA"}},
		{"x5t of another length", map[string]any{"x5t": "AA"}},
		{"x5t that is a number", map[string]any{"x5t": 1}},
		{"x5t#S256 that is none", map[string]any{"x5t#S256": "?"}},
		{"x5u that is no address", map[string]any{"x5u": ":"}},
		{"x5u that is an object", map[string]any{"x5u": map[string]any{"x": 1}}},
		{"members of other kinds of keys", map[string]any{"crv": 1, "x": "?", "y": []int{1}}},
		{"nbf and exp", map[string]any{"nbf": "x", "exp": -1}},
		{"cloud_instance_name", map[string]any{"cloud_instance_name": "microsoftonline.com"}},
		{"names that differ in case", map[string]any{"N": "AA", "KID": "x", "Use": "enc", "E": 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			entry := good.jwk(t, test.members)
			fake.set(func() { fake.keys = set(entry, other.jwk(t, nil)) })
			if _, err := fake.provider(t, entra.ProviderOptions{}).VerifySignature(t.Context(), good.sign(t)); err != nil {
				t.Errorf("%v, for %s", err, entry)
			}
		})
	}
	t.Run("a needless member twice", func(t *testing.T) {
		entry := strings.Replace(good.jwk(t, nil), "{", `{"x5t":"a","x5t":"b",`, 1)
		fake.set(func() { fake.keys = set(entry) })
		if _, err := fake.provider(t, entra.ProviderOptions{}).VerifySignature(t.Context(), good.sign(t)); err != nil {
			t.Error(err)
		}
	})
}

// keyNumbers returns members for a modulus and an exponent.
func keyNumbers(n, e *big.Int) map[string]any {
	encode := base64.RawURLEncoding.EncodeToString
	return map[string]any{"n": encode(n.Bytes()), "e": encode(e.Bytes())}
}

// TestFieldCase09WhatAKeyIsFor: a key for something else, or one that anybody can sign with, verifies nothing.
func TestFieldCase09WhatAKeyIsFor(t *testing.T) {
	t.Parallel()
	good := newSigner(t, "good")
	n, e := good.key.N, big.NewInt(int64(good.key.E))
	shifted := func(bits uint) *big.Int { return new(big.Int).SetBit(new(big.Int).Lsh(big.NewInt(1), bits-1), 0, 1) }
	private := base64.RawURLEncoding.EncodeToString(good.key.D.Bytes())
	tests := []struct {
		name    string
		members map[string]any
		reason  string // a part of it; "" where the key is good
	}{
		{"RS256, sig, verify", map[string]any{"alg": "RS256", "use": "sig", "key_ops": []string{"verify"}}, ""},
		{"verify and more", map[string]any{"key_ops": []string{"encrypt", "verify"}}, ""},
		{"null", map[string]any{"alg": nil, "use": nil, "key_ops": nil}, ""},
		{"RSA-OAEP", map[string]any{"alg": "RSA-OAEP"}, "alg"},
		{"RS512", map[string]any{"alg": "RS512"}, "alg"},
		{"PS256", map[string]any{"alg": "PS256"}, "alg"},
		{"none", map[string]any{"alg": "none"}, "alg"},
		{"alg in lower case", map[string]any{"alg": "rs256"}, "alg"},
		{"alg as a list", map[string]any{"alg": []string{"RS256"}}, "alg is not text"},
		{"for encryption", map[string]any{"use": "enc"}, "use"},
		{"for something", map[string]any{"use": "tls"}, "use"},
		{"to sign alone", map[string]any{"key_ops": []string{"sign"}}, "key_ops"},
		{"to wrap keys", map[string]any{"key_ops": []string{"wrapKey", "unwrapKey"}}, "key_ops"},
		{"for nothing", map[string]any{"key_ops": []string{}}, "key_ops"},
		{"key_ops as text", map[string]any{"key_ops": "verify"}, "key_ops"},
		{"kty EC", map[string]any{"kty": "EC"}, "kty"},
		{"kty oct", map[string]any{"kty": "oct", "k": "AA"}, "kty"},
		{"no kty", map[string]any{"kty": nil}, "kty"},
		{"kty in lower case", map[string]any{"kty": "rsa"}, "kty"},
		{"a private key", map[string]any{"d": private}, "private"},
		{"a half of a private key", map[string]any{"p": "AA", "q": "AA"}, "private"},
		{"a kid of 257 bytes", map[string]any{"kid": strings.Repeat("k", 257)}, "kid"},
		{"a kid that is a number", map[string]any{"kid": 1}, "kid"},
		{"no kid", map[string]any{"kid": nil}, "kid"},
		{"an exponent of 1", keyNumbers(n, big.NewInt(1)), "its e"},
		{"an exponent of 3", keyNumbers(n, big.NewInt(3)), "its e"},
		{"an exponent of 0", keyNumbers(n, big.NewInt(0)), "its e"},
		{"an even exponent", keyNumbers(n, big.NewInt(65538)), "its e"},
		{"a huge exponent", keyNumbers(n, shifted(2048)), "its e"},
		{"a modulus of 1024 bits", keyNumbers(shifted(1024), e), "1024 bits"},
		{"a modulus of 2047 bits", keyNumbers(shifted(2047), e), "2047 bits"},
		{"a modulus of 16384 bits", keyNumbers(shifted(16384), e), "16384 bits"},
		{"a modulus of one", keyNumbers(big.NewInt(1), e), "1 bits"},
		{"an even modulus", keyNumbers(new(big.Int).Sub(n, big.NewInt(1)), e), "even"},
		{"no modulus", map[string]any{"n": nil}, "its n"},
		{"an empty modulus", map[string]any{"n": ""}, "its n"},
		{"a modulus that is a number", map[string]any{"n": 3233}, "its n"},
		{"a modulus in the other alphabet", map[string]any{"n": "+/" + strings.Repeat("A", 340)}, "its n"},
		{"zeros in front", map[string]any{"n": base64.RawURLEncoding.EncodeToString(append([]byte{0}, n.Bytes()...))}, ""},
		{"padding", map[string]any{"n": base64.URLEncoding.EncodeToString(n.Bytes())}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, key, err := entra.ReadSigningKey([]byte(good.jwk(t, test.members)))
			switch {
			case test.reason == "" && (err != nil || !key.Equal(&good.key.PublicKey)):
				t.Errorf("the key is refused: %v", err)
			case test.reason != "" && (err == nil || key != nil || !strings.Contains(err.Error(), test.reason)):
				t.Errorf("error is %v, want one with %q", err, test.reason)
			}
		})
	}
	for name, entry := range map[string]string{
		"n twice":   strings.Replace(good.jwk(t, nil), "{", `{"n":"AA",`, 1),
		"alg twice": strings.Replace(good.jwk(t, nil), "{", `{"alg":"RS256","alg":"RSA-OAEP",`, 1),
		"null":      "null",
		"a list":    "[]",
		"text":      `"x"`,
		"half":      `{"kty":"RSA"`,
		"nothing":   "",
	} {
		if _, key, err := entra.ReadSigningKey([]byte(entry)); err == nil || key != nil {
			t.Errorf("%s: the key is taken", name)
		}
	}
}

// TestFieldCase09OneKidTwoKeys: neither key verifies anything, whatever their order; the same key twice is one key.
func TestFieldCase09OneKidTwoKeys(t *testing.T) {
	t.Parallel()
	first, second, other := newSigner(t, "one"), newSigner(t, "one"), newSigner(t, "other")
	a, b, c := first.jwk(t, nil), second.jwk(t, nil), other.jwk(t, nil)
	encryption := second.jwk(t, map[string]any{"use": "enc"})
	foreign := second.jwk(t, map[string]any{"issuer": "https://login.example/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"})
	tests := []struct {
		name          string
		set           string
		first, second error
	}{
		{"two", set(a, b, c), entra.ErrUnknownKey, entra.ErrUnknownKey},
		{"two, turned around", set(c, b, a), entra.ErrUnknownKey, entra.ErrUnknownKey},
		{"three, two of them the same", set(a, b, a, c), entra.ErrUnknownKey, entra.ErrUnknownKey},
		{"the same twice", set(a, a, c), nil, entra.ErrSignature},
		{"the other for encryption", set(a, encryption, c), nil, entra.ErrSignature},
		{"the other of another issuer", set(foreign, a, c), nil, entra.ErrSignature},
	}
	fake := startTenant(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fake.set(func() { fake.keys = test.set })
			provider := fake.provider(t, entra.ProviderOptions{})
			for _, expected := range []struct {
				signer signer
				err    error
			}{{first, test.first}, {second, test.second}, {other, nil}} {
				if _, err := provider.VerifySignature(t.Context(), expected.signer.sign(t)); !errors.Is(err, expected.err) {
					t.Errorf("error is %v, want %v", err, expected.err)
				}
			}
		})
	}
}

// TestFieldCase08DroppedKeysAreLogged: once for each change, with kid and reason, and bounded.
func TestFieldCase08DroppedKeysAreLogged(t *testing.T) {
	t.Parallel()
	good := newSigner(t, "good")
	bad := newSigner(t, "bad\nkid").jwk(t, map[string]any{"alg": "RSA-OAEP"})
	fake, now, log := startTenant(t), clocktest.New(time.Unix(1_800_000_000, 0)), make(lines, 100)
	provider := fake.provider(t, entra.ProviderOptions{
		KeyInterval: time.Second, Now: now.Now, Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	fetch := func(keys string) int {
		t.Helper()
		fake.set(func() { fake.keys = keys })
		now.Advance(time.Minute)
		_ = provider.Fetch(t.Context())
		return len(log)
	}
	if got := fetch(set(good.jwk(t, nil))); got != 0 {
		t.Errorf("%d lines about a good set", got)
	}
	if got := fetch(set(good.jwk(t, nil), bad)); got != 1 {
		t.Fatalf("%d lines about one dropped key", got)
	}
	if line := <-log; !strings.Contains(line, `bad\\nkid`) || !strings.Contains(line, "alg is not RS256") || strings.Count(line, "\n") != 1 {
		t.Errorf("the line is %q", line)
	}
	for range 3 {
		if got := fetch(set(good.jwk(t, nil), bad)); got != 0 {
			t.Errorf("%d more lines about the same set", got)
		}
	}
	if got := fetch(set(bad)); got != 0 {
		t.Errorf("%d more lines about the same key", got)
	}
	many := []string{good.jwk(t, nil)}
	for range 500 {
		many = append(many, `{"kty":"RSA"}`)
	}
	if got := fetch(set(many...)); got != 11 {
		t.Errorf("%d lines about 500 dropped keys, want ten and one that counts the rest", got)
	}
}

// FuzzReadSigningKey: what is taken is a sound key, and go-jose, where it reads the entry, reads the same.
func FuzzReadSigningKey(f *testing.F) {
	const n = "AQAB" // too small; the mutations are about the members around it
	for _, seed := range []string{
		`{"kty":"RSA","use":"sig","kid":"a","n":"` + n + `","e":"AQAB"}`,
		`{"kty":"RSA","alg":"RSA-OAEP","kid":"a","n":"` + n + `","e":"AQAB"}`,
		`{"kty":"RSA","kid":"a","n":"` + strings.Repeat("_", 342) + `","e":"AQAB","x5c":["AAAA"],"key_ops":["verify"]}`,
		`{"kty":"RSA","kid":"a","n":"` + strings.Repeat("_", 342) + `","e":"AQ","issuer":"https://login.example/{tenantid}/v2.0"}`,
		`{"kty":"RSA","kid":"a","kid":"b","d":"AA"}`, `null`, `[]`, `{`, `{"kty":1}`, `{"n":null,"key_ops":{}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, entry []byte) {
		id, key, err := entra.ReadSigningKey(entry)
		if err != nil {
			if key != nil || len(err.Error()) > 100 {
				t.Errorf("a refused key is returned, or quoted: %v", err)
			}
			return
		}
		if id == "" || key.N.BitLen() < 2048 || key.N.BitLen() > 8192 || key.N.Bit(0) == 0 || key.E < 65537 || key.E%2 == 0 {
			t.Errorf("kid %q, %d bits, e %d", id, key.N.BitLen(), key.E)
		}
		var read jose.JSONWebKey
		if json.Unmarshal(entry, &read) == nil {
			if other, ok := read.Key.(*rsa.PublicKey); !ok || !other.Equal(key) || read.KeyID != id {
				t.Errorf("go-jose reads another key of %q", entry)
			}
		}
	})
}
