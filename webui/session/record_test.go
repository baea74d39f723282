package session

import (
	"bytes"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

func TestARecordKeepsTheAccessTokenOnce(t *testing.T) {
	t.Parallel()
	token := "header." + strings.Repeat("payload", 100) + ".signature"
	for name, test := range map[string]struct{ cache, token, want string }{
		"in the cache":       {`{"AccessToken":{"key":{"secret":"` + token + `"}}}`, token, token},
		"not in the cache":   {`{"AccessToken":{}}`, token, ""},
		"no token":           {`{"AccessToken":{}}`, "", ""},
		"neither":            {"", "", ""},
		"all that there is":  {token, token, token},
		"at the cache's end": {"x" + token, token, token},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encoded, err := Record{Cache: []byte(test.cache), AccessToken: secret.New(test.token)}.encode()
			if err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(encoded, []byte(token)); n > 1 {
				t.Errorf("the token is stored %d times", n)
			}
			got, err := decodeRecord(encoded)
			if err != nil {
				t.Fatal(err)
			}
			if got.AccessToken.Reveal() != test.want || string(got.Cache) != test.cache {
				t.Errorf("token %q, cache %q", got.AccessToken.Reveal(), got.Cache)
			}
		})
	}
}

func TestARecordWhoseTokenIsOutsideOfItIsNotRead(t *testing.T) {
	t.Parallel()
	for _, front := range []string{`{"token_at":-1,"token_length":2}`, `{"token_at":2,"token_length":-1}`, `{"token_at":3,"token_length":1}`, `{"token_at":9223372036854775807,"token_length":1}`} {
		if _, err := decodeRecord(append([]byte{0, 0, 0, byte(len(front))}, front+"abc"...)); err == nil {
			t.Errorf("%s was read", front)
		}
	}
}
