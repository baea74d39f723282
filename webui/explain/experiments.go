package explain

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/wire"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// experimentsPath is in front of the routes of experiments. Nobody is brought back to /account/ after signing in.
const experimentsPath = "/account/experiments/"

// experiments are what users can do to their own tokens in development, and see what comes of it.
type experiments struct {
	development bool
	base        string                     // in front of each path
	tenant      *tenant                    // nil where the authority isn't devtenant
	forget      wire.Recent[string, bool]  // users whose next page asks the API for a new token B
	pages       wire.Recent[string, []hop] // the hops of users' last pages
}

func newExperiments(cfg app.Config) *experiments {
	e := &experiments{development: cfg.Development, tenant: findDevtenant(cfg)}
	if e.development {
		e.base = cfg.BasePath()
	}
	return e
}

// section is what can be tried on a page, and nothing in production.
func (e *experiments) section(s *figures, hops []hop) templ.Component {
	if !e.development {
		return templ.NopComponent
	}
	return experimentsSection(e.forms(s.visit.Path), e.compare(s, hops), hops)
}

// forms returns the forms of a page.
func (e *experiments) forms(page string) forms {
	return forms{Base: e.base, Page: page, Devtenant: e.tenant != nil}
}

// actions are the routes.
func (e *experiments) actions() map[string]app.Action {
	actions := map[string]app.Action{
		experimentsPath + "reload":         func(context.Context, *session.Session) error { return nil },
		experimentsPath + "forget-token-b": e.forgetTokenB,
		experimentsPath + "end-token-a":    endTokenA,
	}
	if e.tenant != nil {
		actions[experimentsPath+"revoke-sessions"] = e.revokeSessions
		actions[experimentsPath+"clear-switches"] = e.clearSwitches
	}
	return actions
}

func (e *experiments) forgetTokenB(_ context.Context, current *session.Session) error {
	if current != nil {
		e.forget.Put(current.User.Digest(), true)
	}
	return nil
}

// takeForget reports whether a user's page is to ask for a new token B, once.
func (e *experiments) takeForget(user session.User) bool {
	forget, _ := e.forget.Get(user.Digest())
	if forget {
		e.forget.Put(user.Digest(), false)
	}
	return forget
}

// endTokenA takes the access token from the session, and leaves the refresh token.
func endTokenA(ctx context.Context, current *session.Session) error {
	if current == nil {
		return nil
	}
	return current.Update(ctx, func(record *session.Record) error {
		var content map[string]json.RawMessage // MSAL's unified schema
		if err := json.Unmarshal(record.Cache, &content); err != nil {
			return fmt.Errorf("reading the user's token cache: %w", err)
		}
		content["AccessToken"] = json.RawMessage("{}")
		smaller, err := json.Marshal(content)
		if err != nil {
			return fmt.Errorf("writing the user's token cache: %w", err)
		}
		record.Cache, record.AccessToken = smaller, secret.String{}
		return nil
	})
}

// revokeSessions has devtenant do what an administrator does with "Revoke sessions".
func (e *experiments) revokeSessions(ctx context.Context, current *session.Session) error {
	if current == nil {
		return nil
	}
	address := &url.URL{Scheme: "https", Host: e.tenant.host, RawQuery: url.Values{"tenant": {current.User.TenantID}}.Encode()}
	return e.change(ctx, http.MethodPost, address.JoinPath("users", current.User.ObjectID, "revoke-sessions").String())
}

func (e *experiments) clearSwitches(ctx context.Context, _ *session.Session) error {
	return e.change(ctx, http.MethodDelete, "https://"+e.tenant.host+"/switches")
}

func (e *experiments) change(ctx context.Context, method, address string) error {
	if err := e.tenant.send(ctx, method, address, nil); err != nil {
		return &apperror.Error{Code: apperror.ProviderUnavailable, Hop: apperror.SignIn, Cause: err}
	}
	return nil
}

// compare returns the hops of the user's page before this one; nil for the first.
func (e *experiments) compare(s *figures, hops []hop) []hop {
	key := s.visit.Session.User.Digest() + " " + s.visit.Path
	before, _ := e.pages.Get(key)
	e.pages.Put(key, hops)
	return before
}

// forms knows where the page's forms are sent.
type forms struct {
	Base      string // in front of each path
	Page      string // to come back to
	Devtenant bool
}

func (f forms) action(name string) templ.SafeURL {
	return templ.URL(f.Base + experimentsPath + name + "?" + url.Values{"to": {f.Page}}.Encode())
}

// figures is a hop in a few words.
func (h hop) figures() string {
	if h.Cache == "" {
		return orDash(h.Took)
	}
	return orDash(h.Took) + ", " + h.Cache
}
