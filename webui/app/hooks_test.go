package app_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app/templates"
)

// TestHooks: a package that plugs itself in sees the page begin, its call of the API, and has its sections on the pages.
func TestHooks(t *testing.T) {
	t.Parallel()
	type key struct{}
	called := 0
	hooks := app.Hooks{
		PageBegins: func(ctx context.Context, v app.PageInfo) (context.Context, templates.Extra) {
			if v.Session.User.Name != "Alice Archer" || v.Token.Value.IsZero() || !v.Token.Cached {
				t.Errorf("the page begins with %+v", v)
			}
			return context.WithValue(ctx, key{}, &called), templates.Extra{Link: templ.Raw("<i>link</i>"), Section: templ.Raw("<i>section</i>")}
		},
		Transport: func(next http.RoundTripper) http.RoundTripper {
			return roundTrip(func(request *http.Request) (*http.Response, error) {
				if count, ok := request.Context().Value(key{}).(*int); ok {
					*count++
				}
				return next.RoundTrip(request)
			})
		},
		SignedOut: templ.Raw("<i>plan</i>"),
	}
	s := startStack(t, options{config: func(cfg *app.Config) { cfg.Hooks = hooks }})
	v := s.visitor(t)
	if got := v.get("/"); !strings.Contains(got.body, "<i>plan</i>") {
		t.Error("the page for visitors lacks its section")
	}
	v.signIn("alice")
	if got := v.get("/"); called != 1 || !strings.Contains(got.body, "<i>link</i>") || !strings.Contains(got.body, "<i>section</i>") {
		t.Errorf("%d calls, %s", called, got.body)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (r roundTrip) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }
