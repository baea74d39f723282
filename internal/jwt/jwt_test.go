package jwt_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/jwt"
)

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// sign returns a token of RS256, whose signature of 256 bytes has four bits to spare in its last character.
func sign(t *testing.T) (string, *rsa.PublicKey) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign([]byte(`{"aud":"api","sub":"x"}`)) // 23 bytes: two bits to spare
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token, &key.PublicKey
}

// siblings returns the texts that differ from segment in its last character and that a lenient decoder takes for the same.
func siblings(segment string) []string {
	want, _ := base64.RawURLEncoding.DecodeString(segment)
	var found []string
	for _, last := range alphabet {
		text := segment[:len(segment)-1] + string(last)
		if got, err := base64.RawURLEncoding.DecodeString(text); err == nil && string(got) == string(want) && text != segment {
			found = append(found, text)
		}
	}
	return found
}

// TestFieldCase10OneTokenHasOneText: each text here is one that go-jose verifies, or that some reader of tokens takes.
func TestFieldCase10OneTokenHasOneText(t *testing.T) {
	t.Parallel()
	token, public := sign(t)
	if _, err := jwt.Decode(token); err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(token, ".")
	texts := map[string][]string{}
	for i, name := range []string{"header", "payload", "signature"} {
		for _, sibling := range siblings(parts[i]) {
			changed := append([]string{}, parts...)
			changed[i] = sibling
			texts["spare bits in the "+name] = append(texts["spare bits in the "+name], strings.Join(changed, "."))
		}
		for kind, segment := range map[string]string{
			"a line feed":      parts[i][:4] + "\n" + parts[i][4:],
			"a CR and LF":      parts[i] + "\r\n",
			"a space":          parts[i] + " ",
			"padding":          parts[i] + "=",
			"more padding":     parts[i] + "==",
			"a NUL":            parts[i] + "\x00",
			"percent-encoding": parts[i] + "%3D",
		} {
			changed := append([]string{}, parts...)
			changed[i] = segment
			texts[kind+" in the "+name] = append(texts[kind+" in the "+name], strings.Join(changed, "."))
		}
	}
	if len(texts["spare bits in the signature"]) != 15 {
		t.Errorf("%d siblings of the signature, want 15: the test has lost its point", len(texts["spare bits in the signature"]))
	}
	accepted := 0
	for kind, list := range texts {
		for _, text := range list {
			if _, err := jwt.Decode(text); !errors.Is(err, jwt.ErrEncoding) {
				t.Errorf("%s: error is %v", kind, err)
			}
			if signed, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.RS256}); err == nil {
				if _, err := signed.Verify(public); err == nil {
					accepted++
				}
			}
		}
	}
	if accepted == 0 {
		t.Error("go-jose takes none of these texts any more: is this package still needed?")
	}
	t.Logf("go-jose takes %d of them", accepted)
}

func TestFieldCase10Segments(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, token string
		want        error
	}{
		{"three", "e30.e30.AA", nil},
		{"none", "", jwt.ErrSegments},
		{"two", "e30.e30", jwt.ErrSegments},
		{"no signature", "e30.e30.", jwt.ErrSegments},
		{"no header", ".e30.AA", jwt.ErrSegments},
		{"no payload", "e30..AA", jwt.ErrSegments},
		{"five, encrypted", "e30.AA.AA.AA.AA", jwt.ErrSegments},
		{"JSON serialization", `{"payload":"e30","signature":"AA","protected":"e30"}`, jwt.ErrSegments},
		{"standard alphabet", "e30.e30.+/AA", jwt.ErrEncoding},
		{"one character alone", "e30.e30.A", jwt.ErrEncoding},
		{"spare bits", "e30.e31.AA", jwt.ErrEncoding},
		{"text that isn't ASCII", "e30.e30.ＡＡ", jwt.ErrEncoding},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, err := jwt.Decode(test.token); !errors.Is(err, test.want) {
				t.Errorf("error is %v, want %v", err, test.want)
			}
		})
	}
}

// FuzzDecode: what is taken has no other spelling.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"e30.e30.AA", "e30.e31.AA", "e30.e30.A\nA", "e30.e30.AA==", "e30.e30.", "e30.e30.AA.", "e30=.e30.AA"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		token, err := jwt.Decode(text)
		if err != nil {
			return
		}
		encode := base64.RawURLEncoding.EncodeToString
		if again := encode(token.Header) + "." + encode(token.Payload) + "." + encode(token.Signature); again != text {
			t.Errorf("%q was taken, and its own spelling is %q", text, again)
		}
	})
}
