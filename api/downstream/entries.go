package downstream

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/jsonbody"
)

// maxDepth is how deep an entry may be nested. Written for people, each level is indented further, so that 18 kB of brackets become
// a page of 160 MB.
const maxDepth = 64

// Entries takes the entries out of each page of a list, as they were sent: the SDK's models drop what they don't know, and this API
// has no opinion on what an entry may hold. To the SDK it leaves the link to the next page, if there is one. If the SDK got the whole
// page, it would decode every entry into models that nobody uses, which takes longer than the rest of the call.
type Entries struct {
	Service  *Service
	MaxBytes int               // how many more bytes are read; many pages of the largest size would fill the memory
	List     []json.RawMessage // of all pages so far
}

// Do implements [policy.Policy].
func (e *Entries) Do(request *policy.Request) (*http.Response, error) {
	response, err := request.Next()
	if err != nil || response.StatusCode != http.StatusOK {
		return response, err
	}
	body, err := runtime.Payload(response) // the SDK has downloaded it
	if err != nil {
		return nil, e.Service.Malformed("the page could not be read")
	}
	if e.MaxBytes -= len(body); e.MaxBytes < 0 {
		return nil, e.Service.Endless("the pages are larger together than the API reads")
	}
	var page struct {
		Value    []json.RawMessage `json:"value"`
		NextLink string            `json:"nextLink"`
	}
	if err := jsonbody.Unmarshal(body, &page); err != nil || page.Value == nil || slices.ContainsFunc(page.Value, notAnObject) {
		return nil, e.Service.Malformed("the page is not a list of objects")
	}
	if deepest, _ := jsonbody.Nesting(body); deepest > maxDepth {
		return nil, e.Service.Malformed("an entry is nested too deeply")
	}
	e.List = append(e.List, page.Value...)
	if page.NextLink == "" {
		response.Body = http.NoBody // of which the SDK makes a page without a link: the last one
		return response, nil
	}
	link, err := request.Raw().URL.Parse(page.NextLink) // some services send a path
	if err != nil {
		return nil, e.Service.Malformed("the link to the next page can't be read")
	}
	rest, err := json.Marshal(map[string]string{"nextLink": link.String()})
	if err != nil {
		return nil, fmt.Errorf("leaving the link to the next page: %w", err)
	}
	response.Body = io.NopCloser(bytes.NewReader(rest))
	return response, nil
}

func notAnObject(entry json.RawMessage) bool { return entry[0] != '{' } // there is no white space in front
