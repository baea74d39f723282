// Package wire makes of HTTP requests and their answers what may be shown of them to somebody who learns the flow. Requests go in;
// names go out, with the values of those that are listed here. A token, secret, assertion, code or verifier is named and never kept.
package wire

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Request is a request and its answer.
type Request struct {
	Method string    `json:"method"`
	URL    string    `json:"url"` // without its query, which is in Sent
	Sent   []Field   `json:"sent"`
	Status int       `json:"status"` // 0 where there was no answer
	Answer []Field   `json:"answer"`
	At     time.Time `json:"at"`

	// Challenge is the PKCE challenge that an authorization request has, and the one of a token request's verifier (RFC 7636, section
	// 4.2): by it they are brought together.
	Challenge string `json:"-"`
}

// Field is a parameter, or a header.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// redacted stands for what isn't shown.
const redacted = "[redacted]"

// plain are the parameters and headers whose values may be seen. An unknown one may be a secret.
var plain = []string{
	"api-version", "claims", "client_assertion_type", "client_id", "client-request-id", "code_challenge_method", "content-type", "error", "error_codes",
	"expires_in", "ext_expires_in", "grant_type", "prompt", "redirect_uri", "refresh_in", "requested_token_use",
	"response_mode", "response_type", "retry-after", "scope", "suberror", "token_type", "x-ms-request-id",
}

// fields lists parameters, those first that say what the request is.
func fields(values url.Values, known map[string]string) []Field {
	var list []Field
	for name, sent := range values {
		value := redacted
		if special := known[name]; special != "" {
			value = special
		} else if slices.Contains(plain, strings.ToLower(name)) {
			value = strings.Join(sent, " ")
		}
		list = append(list, Field{name, value})
	}
	slices.SortFunc(list, func(a, b Field) int {
		return cmp.Or(hidden(a)-hidden(b), strings.Compare(a.Name, b.Name))
	})
	return list
}

func hidden(f Field) int {
	if f.Value == redacted {
		return 1
	}
	return 0
}

// Authorization is the request that the browser was sent to Entra with, an address with all that was asked there.
func Authorization(address *url.URL, now time.Time) Request {
	query := address.Query()
	return Request{Method: http.MethodGet, URL: withoutQuery(address), Sent: fields(query, nil), At: now, Challenge: query.Get("code_challenge")}
}

// Call is the call of an API. token says which token goes along, such as "token A".
func Call(request *http.Request, response *http.Response, token string, now time.Time) Request {
	shown := Request{
		Method: request.Method, URL: withoutQuery(request.URL), At: now,
		Sent: append([]Field{{"Authorization", "Bearer [" + token + "]"}}, fields(request.URL.Query(), nil)...),
	}
	if value := request.Header.Get("Cache-Control"); value != "" {
		shown.Sent = append(shown.Sent, Field{"Cache-Control", value})
	}
	if response != nil {
		shown.Status = response.StatusCode
		for _, name := range []string{"Content-Type", "Retry-After", "X-Ms-Request-Id"} {
			if value := response.Header.Get(name); value != "" {
				shown.Answer = append(shown.Answer, Field{name, value})
			}
		}
	}
	return shown
}

func withoutQuery(address *url.URL) string {
	return (&url.URL{Scheme: address.Scheme, Host: address.Host, Path: address.Path}).String()
}
