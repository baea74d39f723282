package server

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/server/templates"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// What tests in server_test look at from inside.

// LocalPath is where a return path leads.
var LocalPath = localPath

// ReadCallback reads a callback's query.
func ReadCallback(rawQuery string) (state, code, issuer, oauthError string, aadsts int, err error) {
	found, err := readCallback(rawQuery)
	return found.state, found.code, found.issuer, found.err, found.aadsts, err
}

// ReadChallenge reads a WWW-Authenticate header.
func ReadChallenge(header http.Header) (oauthError, claims string) {
	found := readChallenge(header)
	return found.err, found.claims
}

// Panicking returns the handler of s with one more route, GET /panic.
func (s *Server) Panicking(reason any) http.Handler {
	router := s.handler.(*gin.Engine)
	router.GET("/panic", func(*gin.Context) { panic(reason) })
	return router
}

// Routes returns the routes that are registered, as "METHOD /path".
func (s *Server) Routes() []string {
	var routes []string
	for _, route := range s.handler.(*gin.Engine).Routes() {
		routes = append(routes, route.Method+" "+route.Path)
	}
	return routes
}

// Sessions is where signed-in users are kept.
func (s *Server) Sessions() *session.Store { return s.sessions }

// RenderList renders the page with the list, with figures that are always the same.
func RenderList(answer []byte, tokenA string, user session.Record, cached bool, now time.Time) ([]byte, error) {
	what := shown{
		user: user, token: accessToken{token: secret.New(tokenA), cached: cached},
		tokenTook: 400 * time.Microsecond, apiTook: 12 * time.Millisecond,
	}
	if err := json.Unmarshal(answer, &what.answer); err != nil {
		return nil, err
	}
	page, err := newSubscriptionsPage(what, now)
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	err = templates.Subscriptions(page).Render(context.Background(), &body)
	return body.Bytes(), err
}
