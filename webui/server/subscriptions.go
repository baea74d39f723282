package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// subscriptions is the start page: for whoever is signed in it is hop 2, the call of the API.
type subscriptions struct {
	sessions  *session.Store
	tokens    *tokens
	api       *apiClient
	signIn    *signIn
	loopGuard *loopGuard
	goodbye   *goodbye
	pages     *pages
}

// show answers GET /.
func (s *subscriptions) show(c *gin.Context) {
	current, err := s.sessions.Current(c.Request)
	switch {
	case err == nil:
		recordUser(c, current.User)
		s.list(c, current)
	case errors.Is(err, session.ErrNone):
		s.signedOut(c)
	case errors.Is(err, session.ErrGone):
		s.silently(c)
	default:
		s.pages.fail(c, &problem{code: apperror.StoreUnavailable, cause: err})
	}
}

// signedOut shows what this is, and the button to sign in.
func (s *subscriptions) signedOut(c *gin.Context) {
	s.loopGuard.end(c)
	s.goodbye.end(c)
	s.pages.signedOut(c)
}

// list asks the API for the subscriptions, and shows them.
func (s *subscriptions) list(c *gin.Context, current *session.Session) {
	ctx := c.Request.Context()
	started := time.Now()
	token, err := s.tokens.forAPI(ctx, current)
	if err != nil {
		s.noToken(c, current, err)
		return
	}
	tokenTook := time.Since(started)
	found, err := s.api.subscriptions(ctx, token.token) // hop 2
	if err != nil {
		s.refused(c, current, err)
		return
	}
	if err := current.KeepAlive(ctx, c.Writer); err != nil {
		s.pages.fail(c, err)
		return
	}
	s.loopGuard.end(c)
	s.pages.subscriptions(c, shown{
		user: current.Record, token: token, tokenTook: tokenTook, apiTook: time.Since(started) - tokenTook, answer: found,
	})
}

// apiClient calls the API. Its HTTP client bounds time and size and follows no redirects: they would carry the token along.
type apiClient struct {
	client  *http.Client
	address string // of GET /subscriptions
	now     func() time.Time
}

// subscriptions asks for the user's subscriptions. Its error is an [apiRefusal] or a [problem].
func (a *apiClient) subscriptions(ctx context.Context, token secret.String) (apiAnswer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.address, nil)
	if err != nil {
		return apiAnswer{}, fmt.Errorf("making the request for the API: %w", err)
	}
	request.Header.Set("Accept", "application/json, application/problem+json")
	request.Header.Set("Authorization", "Bearer "+token.Reveal())
	response, err := a.client.Do(request)
	if err != nil {
		return apiAnswer{}, &problem{code: apperror.APIUnavailable, cause: fmt.Errorf("calling the API: %w", err)}
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return apiAnswer{}, a.refusal(response)
	}
	var found apiAnswer
	if err := decodeJSON(response, "application/json", &found); err != nil {
		return apiAnswer{}, bodyProblem(err)
	}
	if found.Value == nil {
		return apiAnswer{}, bodyProblem(errors.New("it has no value"))
	}
	return found, nil
}
