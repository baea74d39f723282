package jsonbody_test

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/jsonbody"
)

func TestFieldCase07ByteOrderMark(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		good       bool
	}{
		{"none", `{"value":1}`, true},
		{"one", "\ufeff" + `{"value":1}`, true},
		{"one, and space behind it", "\ufeff\r\n " + `{"value":1}` + "\r\n", true},
		{"two", "\ufeff\ufeff" + `{"value":1}`, false},
		{"one in the middle", `{"value":` + "\ufeff" + `1}`, false},
		{"one alone", "\ufeff", false},
		{"half of one", "\xef\xbb" + `{"value":1}`, false},
		{"UTF-16", "\xff\xfe{\x00}\x00", false},
		{"something behind", `{"value":1} x`, false},
		{"nothing", "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var into struct{ Value int }
			err := jsonbody.Decode(strings.NewReader(test.text), &into)
			if (err == nil) != test.good || test.good && into.Value != 1 {
				t.Errorf("%+v, %v", into, err)
			}
		})
	}
	cut := errors.New("cut")
	if err := jsonbody.Decode(iotest.ErrReader(cut), new(int)); !errors.Is(err, cut) {
		t.Errorf("error is %v", err)
	}
}
