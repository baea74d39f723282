// Package jsonbody reads JSON that another service has answered, as leniently as the SDKs that would read it otherwise.
package jsonbody

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// byteOrderMark is what some gateways put in front of a text in UTF-8. JSON has none, and a reader may skip it (RFC 8259,
// section 8.1), which the Azure SDKs do.
var byteOrderMark = []byte("\xef\xbb\xbf")

// Unmarshal is [json.Unmarshal] for a document that may begin with a byte order mark. Nothing else is forgiven: half a
// document, or more than one, is an error.
func Unmarshal(data []byte, into any) error {
	return json.Unmarshal(bytes.TrimPrefix(data, byteOrderMark), into)
}

// Decode reads an answer to its end and unmarshals it. The caller bounds the reader.
func Decode(body io.Reader, into any) error {
	data, err := io.ReadAll(body)
	if err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	return Unmarshal(data, into)
}
