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

// indented returns JSON for people. Escaping is the template's business.
func indented(value any) (string, error) {
	var plain, body bytes.Buffer
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	compact := bytes.TrimSpace(plain.Bytes())
	if _, more := jsonbody.Nesting(compact); more > 4*len(compact) {
		return string(compact), nil
	}
	body.Grow(2 * len(compact))
	err := json.Indent(&body, compact, "", "  ")
	return body.String(), err
}
