package app

import (
	"bytes"
	"encoding/json"
	"errors"
)

// maxDepth is how deep the API's JSON may be nested. Resource Manager's entries are four levels deep.
const maxDepth = 64

var errTooDeep = errors.New("it is nested too deep")

// nesting returns how deep JSON is nested, and how many bytes of line ends and spaces it takes to indent it by two spaces a level:
// what is short and deep becomes very long.
func nesting(raw []byte) (deepest, indentation int) {
	depth, inString := 0, false
	for i := 0; i < len(raw); i++ {
		switch char := raw[i]; {
		case inString && char == '\\':
			i++
		case char == '"':
			inString = !inString
		case inString:
		case char == '{' || char == '[':
			depth++
			deepest = max(deepest, depth)
			indentation += 1 + 2*depth
		case char == ',':
			indentation += 1 + 2*depth
		case char == '}' || char == ']':
			depth--
			indentation += 1 + 2*max(depth, 0)
		}
	}
	return deepest, indentation
}

// indented returns JSON for people. Escaping is the template's business.
func indented(value any) (string, error) {
	var plain, body bytes.Buffer
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	compact := bytes.TrimSpace(plain.Bytes())
	if _, more := nesting(compact); more > 4*len(compact) {
		return string(compact), nil
	}
	body.Grow(2 * len(compact))
	err := json.Indent(&body, compact, "", "  ")
	return body.String(), err
}
