package jsonbody_test

import (
	"encoding/json"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/jsonbody"
)

func TestList(t *testing.T) {
	t.Parallel()
	for want, entries := range map[string][]json.RawMessage{
		`{"value":[],"count":0}`:                        nil,
		`{"value":[{"name":"a & <b>"}],"count":1}`:      {json.RawMessage(`{"name":"a & <b>"}`)},
		`{"value":[{"id":"%s"},{ "id": 2 }],"count":2}`: {json.RawMessage(`{"id":"%s"}`), json.RawMessage(`{ "id": 2 }`)},
	} {
		if got := string(jsonbody.List(entries)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
