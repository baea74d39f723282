package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// maxForm bounds a token request, in bytes: an assertion has some thousand. A longer one isn't looked at.
const maxForm = 256 << 10

// TokenRequests watches the requests to a token endpoint, and hands on everything as it is.
type TokenRequests struct {
	Next http.RoundTripper
	Now  func() time.Time
	// Seen gets each, with the digest of the access token that came; of "" where none came.
	Seen func(context.Context, Request, secret.Digest)
}

// RoundTrip implements [http.RoundTripper].
func (t TokenRequests) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method != http.MethodPost || request.Body == nil || !strings.HasPrefix(request.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return t.Next.RoundTrip(request)
	}
	sent, body := peek(request.Body)
	request = request.Clone(request.Context()) // a RoundTripper must not change its caller's
	request.Body = body
	form, err := url.ParseQuery(string(sent))
	if err != nil || len(sent) == maxForm {
		return t.Next.RoundTrip(request)
	}
	shown := Request{Method: request.Method, URL: withoutQuery(request.URL), Sent: fields(form, map[string]string{"assertion": "[token A]"}), At: t.Now()}
	if verifier := form.Get("code_verifier"); verifier != "" {
		shown.Challenge = oauth2.S256ChallengeFromVerifier(verifier)
	}
	response, err := t.Next.RoundTrip(request)
	var token secret.String
	if err == nil {
		var came []byte
		came, response.Body = peek(response.Body)
		shown.Status = response.StatusCode
		shown.Answer, token = answer(came)
	}
	t.Seen(request.Context(), shown, token.Digest())
	return response, err
}

// answer tells what a token endpoint answered (RFC 6749, section 5), and the access token in it.
func answer(body []byte) ([]Field, secret.String) {
	var members map[string]any
	if json.Unmarshal(body, &members) != nil {
		return nil, secret.String{}
	}
	values := url.Values{}
	for name, member := range members {
		text, err := json.Marshal(member)
		if err == nil {
			values.Set(name, strings.Trim(string(text), `"`))
		}
	}
	token, _ := members["access_token"].(string)
	return fields(values, map[string]string{"access_token": "[a new token]"}), secret.New(token)
}

// peek returns the beginning of a body, and the body as it was.
func peek(body io.ReadCloser) ([]byte, io.ReadCloser) {
	begun, err := io.ReadAll(io.LimitReader(body, maxForm))
	rest := io.Reader(body)
	if err != nil {
		rest = failing{err}
	}
	return begun, struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(begun), rest), body}
}

// failing is the end of a body that couldn't be read.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
