package app

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/jsonbody"
)

// maxDepth is how deep the API's JSON may be nested. Resource Manager's entries are four levels deep.
const maxDepth = 64

var errTooDeep = errors.New("it is nested too deep")

// indented returns a list for people. Escaping is the template's business.
func indented(entries []json.RawMessage) (string, error) {
	plain := jsonbody.List(entries)
	if _, more := jsonbody.Nesting(plain); more > 4*len(plain) {
		return string(plain), nil
	}
	var body bytes.Buffer
	body.Grow(2 * len(plain))
	err := json.Indent(&body, plain, "", "  ")
	return body.String(), err
}
