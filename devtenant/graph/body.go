package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
)

var unknownField = regexp.MustCompile(`unknown field "(.*)"`)

// readBody decodes a request's body. Annotations of OData, which clients in typed languages send along, say nothing that
// isn't clear without them and are left out; only a reference (@odata.id) is read. What isn't JSON is refused.
func readBody(r *http.Request, into any) error {
	var content any
	decoder := json.NewDecoder(r.Body)
	decoder.UseNumber()
	if err := decoder.Decode(&content); err != nil {
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			return err
		}
		return badRequest("BadRequest", "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.")
	}
	raw, err := json.Marshal(withoutAnnotations(content))
	if err != nil {
		return err
	}
	return decodeStrictly(raw, into)
}

// decodeStrictly refuses members that the object doesn't have, in Graph's words.
func decodeStrictly(raw []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if err == nil {
		return nil
	}
	if m := unknownField.FindStringSubmatch(err.Error()); m != nil {
		return badRequest("Request_BadRequest", "One or more property values specified are invalid. Invalid property '%s'.", m[1])
	}
	if mismatch := (*json.UnmarshalTypeError)(nil); errors.As(err, &mismatch) {
		return badRequest("Request_BadRequest", "Invalid value specified for property '%s'.", mismatch.Field)
	}
	return badRequest("Request_BadRequest", "One or more property values specified are invalid.")
}

func withoutAnnotations(content any) any {
	switch value := content.(type) {
	case map[string]any:
		for name, member := range value {
			if strings.Contains(name, "@odata.") && name != "@odata.id" {
				delete(value, name)
				continue
			}
			value[name] = withoutAnnotations(member)
		}
	case []any:
		for i := range value {
			value[i] = withoutAnnotations(value[i])
		}
	}
	return content
}
