package signin

import (
	"bytes"
	"io"
	"net/http"
	"sync"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
)

// maxRefusal bounds a refusal that is remembered, in bytes.
const maxRefusal = 512 << 10

// refusals is a transport that remembers the last refusal of the token endpoint: while MSAL polls for a device code it reads each
// to its end, and azidentity hands out what is left, which is nothing. It is for one sign-in at a time.
type refusals struct {
	next *http.Client

	mu      sync.Mutex
	last    *entra.TokenError
	network outbound.Kind // what kept the last request from its answer, or "". azidentity's error holds it as text alone
}

// Do sends a request, as azcore's policy.Transporter has it.
func (r *refusals) Do(request *http.Request) (*http.Response, error) {
	response, err := r.next.Do(request)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.network = outbound.KindOf(err)
	if err != nil || response.StatusCode < http.StatusBadRequest {
		return response, err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxRefusal))
	_ = response.Body.Close()
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	r.last = entra.ReadTokenError(response)
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// explain returns what Entra said of a sign-in that failed. answer is the response that the error carries, nil for none.
func (r *refusals) explain(err error, answer *http.Response) *entra.TokenError {
	if answer == nil {
		return entra.AsTokenError(err).WithNumber(err.Error())
	}
	found := entra.ReadTokenError(answer)
	r.mu.Lock()
	defer r.mu.Unlock()
	if found.AADSTS == 0 && found.OAuthError == "" && r.last != nil && r.last.Status == answer.StatusCode {
		return r.last
	}
	return found.WithNumber(err.Error())
}

// kept returns what kept the last request from its answer, or "".
func (r *refusals) kept() outbound.Kind {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.network
}
