package explain

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app/templates"
)

// Plug adds the explanation to a web UI's configuration.
func Plug(cfg *app.Config) {
	now := cfg.Now
	if now == nil {
		now = time.Now
	}
	requests, tries := newSignInRequests(now), newExperiments(*cfg)
	cfg.Hooks = app.Hooks{
		PageBegins: func(ctx context.Context, page app.PageInfo) (context.Context, templates.Extra) {
			seen := &figures{page: page, about: subjectOf(page.Path)}
			extra := templates.Extra{Link: link(), Section: section(seen, tries, now)}
			if cfg.Development {
				seen.signIn, seen.fresh, seen.traceID = requests.of(page.Token.Value), tries.takeForget(ctx, page.Session.User), telemetry.TraceID(ctx)
				extra.Strip = strip(tries.tenant.ask(ctx), seen.traceID, tries.forms(page.Path))
			}
			return context.WithValue(ctx, figuresKey{}, seen), extra
		},
		Failed: func(ctx context.Context, why *apperror.Error) templates.Extra {
			asked := tries.tenant.ask(ctx)
			return templates.Extra{
				Section: later(func(context.Context) templ.Component {
					return broken(why, brokenHops(ctx, why, now()), switchOf(why, asked))
				}),
				Strip: strip(asked, telemetry.TraceID(ctx), tries.forms("/")), Open: cfg.Development,
			}
		},
		Transport: func(next http.RoundTripper) http.RoundTripper {
			return transport{next: next, development: cfg.Development}
		},
		SignedOut: plan(subjectOf("/")),
	}
	if cfg.Development {
		cfg.Hooks.Middleware = []gin.HandlerFunc{requests.authorization}
		cfg.Hooks.Identity = requests.watch
		cfg.Hooks.Store = func(s store.Store) { tries.store = s }
		cfg.Hooks.Actions = tries.actions()
	}
}

// section is the story of a page, and in development what can be tried.
func section(seen *figures, tries *experiments, now func() time.Time) templ.Component {
	return later(func(ctx context.Context) templ.Component {
		hops := newHops(seen, now())
		return story(seen.about, hops, newClaimsTable(seen, now()), seen.traceID, tries.section(ctx, seen, hops))
	})
}

// later makes a component when the page is written, which is when the API has answered.
func later(component func(context.Context) templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error { return component(ctx).Render(ctx, w) })
}
