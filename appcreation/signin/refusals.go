package entra

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"sync"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
)

// Refusals is a transport that remembers the last refusal of the token endpoint, for errors whose answer a library has read
// before its caller can: while MSAL polls for a device code it reads each refusal to its end, and azidentity hands out what
// is left, which is nothing. It is for one sign-in at a time.
type Refusals struct {
	next *http.Client

	mu      sync.Mutex
	last    *TokenError
	network outbound.Kind
}

// RecordRefusals returns a transport over client.
func RecordRefusals(client *http.Client) *Refusals { return &Refusals{next: client} }

// Do sends a request, as azcore's policy.Transporter has it.
func (r *Refusals) Do(request *http.Request) (*http.Response, error) {
	response, err := r.next.Do(request)
	r.mu.Lock()
	r.network = outbound.KindOf(err)
	r.mu.Unlock()
	if err != nil || response.StatusCode < http.StatusBadRequest {
		return response, err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	_ = response.Body.Close()
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	kept := *response
	kept.Body = io.NopCloser(bytes.NewReader(body))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = fromResponse(&kept)
	return response, nil
}

// CloseIdleConnections closes the client's.
func (r *Refusals) CloseIdleConnections() { r.next.CloseIdleConnections() }

// Network returns what kept the last request from its answer, or "". azidentity's error holds it as text alone.
func (r *Refusals) Network() outbound.Kind {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.network
}

// aadstsAnywhere finds Entra's number in a library's text, which itself must not be shown.
var aadstsAnywhere = regexp.MustCompile(`\bAADSTS(\d{4,9})\b`)

// Explain is [AsTokenError] for an error of a library that may have read the answer already. answer is the response that the
// error carries, nil for none.
func (r *Refusals) Explain(err error, answer *http.Response) *TokenError {
	if known, ok := errors.AsType[*TokenError](err); ok {
		return known
	}
	found := AsTokenError(err)
	if answer != nil {
		found = fromResponse(answer)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil || found.AADSTS != 0 || found.OAuthError != "":
		return found
	case answer != nil && r.last != nil && r.last.Status == answer.StatusCode:
		return r.last
	}
	if match := aadstsAnywhere.FindStringSubmatch(err.Error()); match != nil {
		found.Kind = Rejected
		found.AADSTS, _ = strconv.Atoi(match[1])
	}
	return found
}
