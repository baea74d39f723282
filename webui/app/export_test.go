package app

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app/templates"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// What tests in app_test look at from inside.

// Panicking returns the handler of a with one more route, GET /panic.
func (a *App) Panicking(reason any) http.Handler {
	a.handler.GET("/panic", func(*gin.Context) { panic(reason) })
	return a.handler
}

// Routes returns the routes that are registered, as "METHOD /path".
func (a *App) Routes() []string {
	var routes []string
	for _, route := range a.handler.Routes() {
		routes = append(routes, route.Method+" "+route.Path)
	}
	return routes
}

// answering is an API that always answers the same.
type answering []byte

// RoundTrip implements [http.RoundTripper].
func (a answering) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(a)),
	}, nil
}

// RenderList renders the page with the list.
func RenderList(answer []byte, user session.User) ([]byte, error) {
	api := &apiClient{client: &http.Client{Transport: answering(answer)}, base: &url.URL{Scheme: "http", Host: "api"}, now: time.Now}
	page, err := subscriptions(context.Background(), &visit{frame: templates.Frame{User: &user}, api: api, background: context.Background()})
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	err = page.Render(context.Background(), &body)
	return body.Bytes(), err
}
