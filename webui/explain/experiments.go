package explain

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// experimentsPath is in front of the routes of experiments. Nobody is brought back to /account/ after signing in.
const experimentsPath = "/account/experiments/"

// experiments are what users can do to their own tokens in development, and see what comes of it. The zero value is production's.
type experiments struct {
	base   string      // in front of each path
	tenant *tenant     // nil where the authority isn't devtenant
	store  store.Store // what is remembered from one page to the next, which another replica may make; nil in production
}

func newExperiments(cfg app.Config) *experiments {
	if !cfg.Development {
		return &experiments{}
	}
	// The store is this process's until the web UI gives its own.
	return &experiments{base: cfg.BasePath(), tenant: findDevtenant(cfg), store: store.NewMemory(store.MemoryOptions{MaxBytes: 1 << 20})}
}

// section is what can be tried on a page, and nothing in production.
func (e *experiments) section(ctx context.Context, s *figures, hops []hop) templ.Component {
	if e.store == nil {
		return templ.NopComponent
	}
	return experimentsSection(e.forms(s.page.Path), e.compare(ctx, s, hops), hops)
}

// forms returns the forms of a page.
func (e *experiments) forms(page string) formTargets {
	return formTargets{Base: e.base, Page: page, Devtenant: e.tenant != nil}
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

// remembered is how long what a page leaves for the next one is kept.
const remembered = time.Hour

func (e *experiments) forgetTokenB(ctx context.Context, current *session.Session) error {
	if current == nil {
		return nil
	}
	if err := e.store.Put(ctx, forgetKey(current.User), nil, remembered); err != nil {
		return apperror.New(apperror.StoreUnavailable, err)
	}
	return nil
}

// takeForget reports whether a user's page is to ask for a new token B, once.
func (e *experiments) takeForget(ctx context.Context, user session.User) bool {
	deleted, err := e.store.Delete(ctx, forgetKey(user))
	return err == nil && deleted > 0
}

func forgetKey(user session.User) string { return "forget token B " + user.Digest() }

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
	path := "/users/" + url.PathEscape(current.User.ObjectID) + "/revoke-sessions?" + url.Values{"tenant": {current.User.TenantID}}.Encode()
	return e.change(ctx, http.MethodPost, path)
}

func (e *experiments) clearSwitches(ctx context.Context, _ *session.Session) error {
	return e.change(ctx, http.MethodDelete, "/switches")
}

func (e *experiments) change(ctx context.Context, method, path string) error {
	if err := e.tenant.send(ctx, method, path, nil); err != nil {
		return &apperror.Error{Code: apperror.ProviderUnavailable, Hop: apperror.SignIn, Cause: err}
	}
	return nil
}

// compare returns the figures of the hops of the user's page before this one; nil for the first, or where the store is away.
func (e *experiments) compare(ctx context.Context, s *figures, hops []hop) []string {
	key := "page " + s.page.Path + " " + s.page.Session.User.Digest()
	var before, now []string
	if kept, err := e.store.Get(ctx, key, 0); err != nil || json.Unmarshal(kept, &before) != nil || len(before) != len(hops) {
		before = nil // none, or another version's
	}
	for _, h := range hops {
		now = append(now, h.figures())
	}
	if kept, err := json.Marshal(now); err == nil {
		_ = e.store.Put(ctx, key, kept, remembered) // without it the next page compares with nothing
	}
	return before
}

// formTargets knows where the page's forms are sent.
type formTargets struct {
	Base      string // in front of each path
	Page      string // to come back to
	Devtenant bool
}

func (f formTargets) action(name string) templ.SafeURL {
	return templ.URL(f.Base + experimentsPath + name + "?" + url.Values{"to": {f.Page}}.Encode())
}

// figures is a hop in a few words.
func (h hop) figures() string {
	took := cmp.Or(h.Took, "–")
	if h.Cache == "" {
		return took
	}
	return took + ", " + h.Cache
}
