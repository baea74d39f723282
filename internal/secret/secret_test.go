package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

const hidden = "eyJhbGciOi.the.token"

func TestNothingPrintsTheContent(t *testing.T) {
	t.Parallel()
	type holder struct {
		Token  secret.String
		Others map[string]secret.String
	}
	token := secret.New(hidden)
	values := map[string]any{
		"value":   token,
		"pointer": &token,
		"struct":  holder{Token: token, Others: map[string]secret.String{"b": token}},
		"slice":   []secret.String{token},
		"error":   fmt.Errorf("calling with %v", token),
	}
	for name, value := range values {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
				fmt.Fprintf(&out, verb+"\n", value)
			}
			_ = json.NewEncoder(&out).Encode(value)
			slog.New(slog.NewTextHandler(&out, nil)).Info("text", "v", value)
			slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "v", value)
			for _, form := range []string{hidden, fmt.Sprintf("%x", hidden)} {
				if strings.Contains(out.String(), form) {
					t.Errorf("the content shows in:\n%s", out.String())
				}
			}
		})
	}
}

func TestEqual(t *testing.T) {
	t.Parallel()
	if !secret.New("a").Equal(secret.New("a")) {
		t.Error("the same content compares unequal")
	}
	if secret.New("a").Equal(secret.New("b")) || secret.New("a").Equal(secret.String{}) {
		t.Error("different content compares equal")
	}
	if !secret.New("").IsZero() {
		t.Error("an empty secret is not zero")
	}
}

func ExampleString() {
	token := secret.New("eyJ0eXAiOiJKV1Qi")
	fmt.Println(token)
	fmt.Printf("%+v\n", struct{ Token secret.String }{token})
	fmt.Println(len(token.Reveal()))
	// Output:
	// [redacted]
	// {Token:[redacted]}
	// 16
}
