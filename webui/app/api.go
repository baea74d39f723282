package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/challenge"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/jsonbody"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// apiClient is hop 2: it calls the API with a user's access token. Its HTTP client bounds time and size and follows no
// redirects: they would carry the token along.
type apiClient struct {
	client *http.Client
	base   *url.URL // WEBUI_API_URL
	now    func() time.Time

	noProfileUntil atomic.Int64 // till then, in Unix seconds, GET /profile is believed to be switched off
}

// get asks for a resource of the API, and decodes the JSON that comes. Its error is an [apperror.Error].
func (a *apiClient) get(ctx context.Context, token secret.String, path string, into any) error {
	return a.send(ctx, http.MethodGet, path, nil, token, into)
}

// post sends JSON to a resource of the API. What comes is read, and then dropped: a proxy's page with status 200 is no success.
func (a *apiClient) post(ctx context.Context, token secret.String, path string, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return apperror.New(apperror.Internal, fmt.Errorf("writing the request for the API: %w", err))
	}
	return a.send(ctx, http.MethodPost, path, body, token, new(json.RawMessage))
}

// remove deletes a resource of the API.
func (a *apiClient) remove(ctx context.Context, token secret.String, path string) error {
	return a.send(ctx, http.MethodDelete, path, nil, token, new(json.RawMessage))
}

// send makes any request of the API in a user's name. A body is JSON, and so is what comes, if there is any.
func (a *apiClient) send(ctx context.Context, method, path string, body []byte, token secret.String, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, a.base.JoinPath(path).String(), bytes.NewReader(body))
	if err != nil {
		return apperror.New(apperror.Internal, fmt.Errorf("making the request for the API: %w", err))
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("Accept", "application/json, application/problem+json")
	request.Header.Set("Authorization", "Bearer "+token.Reveal())
	response, err := a.client.Do(request)
	if err != nil {
		return apperror.New(apperror.APIUnavailable, fmt.Errorf("calling the API: %w", err))
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK, http.StatusCreated:
	case http.StatusNoContent:
		return nil
	default:
		return a.refusal(response)
	}
	if err := decodeJSON(response, "application/json", into); err != nil {
		return unreadable(err)
	}
	return nil
}

// unreadable tells an answer that took too long from one that isn't what it should be. The cause quotes nothing of it.
func unreadable(err error) *apperror.Error {
	if late, ok := errors.AsType[net.Error](err); ok && late.Timeout() {
		return apperror.New(apperror.APIUnavailable, errors.New("the API's answer took too long"))
	}
	return apperror.New(apperror.APIMalformed, fmt.Errorf("reading the API's answer: %w", err))
}

// maxDepth is how deep the API's JSON may be nested. Resource Manager's entries are four levels deep.
const maxDepth = 64

// decodeJSON reads a body of the media type that it should have. Its errors never quote what was sent.
func decodeJSON(response *http.Response, mediaType string, into any) error {
	if got, _, err := mime.ParseMediaType(response.Header.Get("Content-Type")); err != nil || got != mediaType {
		return errors.New("its Content-Type is not " + mediaType)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if deepest, _ := jsonbody.Nesting(body); deepest > maxDepth {
		return errors.New("it is nested too deep")
	}
	err = jsonbody.Unmarshal(body, into)
	if _, syntax := errors.AsType[*json.SyntaxError](err); syntax {
		return errors.New("it is not JSON")
	}
	if _, shape := errors.AsType[*json.UnmarshalTypeError](err); shape {
		return errors.New("it is JSON of another shape")
	}
	return err
}

// refusal reads an error answer (RFC 9457). Of its texts nothing is shown: the code leads to this side's own.
func (a *apiClient) refusal(response *http.Response) *apperror.Error {
	refused := &apperror.Error{RetryAfter: entra.RetryAfter(response.Header, a.now())}
	cause := fmt.Sprintf("the API answered %d", response.StatusCode)
	var details struct {
		Code   string `json:"code"`
		Check  string `json:"check"`
		AADSTS int    `json:"aadsts"`
	}
	// Where it isn't a problem document, as of a proxy, the status has to do.
	if decodeJSON(response, "application/problem+json", &details) == nil {
		refused.AADSTS = max(details.AADSTS, 0)
		refused.Upstream, refused.Check = apperror.Word(details.Code), apperror.Word(details.Check)
		if refused.Upstream != "" {
			cause += " " + refused.Upstream
		}
		if refused.Check != "" {
			cause += " (" + refused.Check + ")"
		}
	}
	if response.StatusCode == http.StatusUnauthorized {
		found, _ := challenge.Read(response.Header)
		refused.Challenge = &found
		if found.ClaimsError != nil {
			cause += "; " + found.ClaimsError.Error()
		}
	}
	refused.Code = codeOf(refused.Upstream, response.StatusCode)
	refused.Cause = errors.New(cause)
	return refused
}

// codeOf says what a refusal by the API means for the user.
func codeOf(upstream string, status int) string {
	known, ok := apperror.Lookup(upstream)
	switch {
	case ok && aboutTiers(known.Code):
		return apperror.APIRefused
	case ok:
		return known.Code
	case status == http.StatusServiceUnavailable || status == http.StatusBadGateway || status == http.StatusGatewayTimeout:
		return apperror.APIUnavailable // a proxy in front of it says so
	}
	return apperror.APIMalformed
}

// aboutTiers tells the codes by which the API turned the web UI away from those about the user or Azure.
func aboutTiers(code string) bool {
	switch code {
	case apperror.NoToken, apperror.MalformedRequest, apperror.InvalidToken, apperror.TokenExpired, apperror.WrongAudience,
		apperror.WrongIssuer, apperror.WrongTenant, apperror.WrongVersion, apperror.InsufficientScope, apperror.AppOnlyToken,
		apperror.ClientNotAllowed, apperror.MethodNotAllowed, apperror.NotFound, apperror.BadRequest:
		return true
	}
	return false
}
