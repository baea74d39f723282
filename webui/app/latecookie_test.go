package app_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
)

// TestALateAnswerLeavesTheCookieAlone: a page that the API is slow with comes when its user has signed out and somebody
// else has signed in, in the same browser.
func TestALateAnswerLeavesTheCookieAlone(t *testing.T) {
	t.Parallel()
	clock := &clock{}
	asked, answer := make(chan struct{}), make(chan struct{})
	var once sync.Once // a page may call the API several times
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		once.Do(func() { close(asked) })
		select {
		case <-answer:
		case <-r.Context().Done():
		}
		answerOfAPI(http.StatusOK, "application/json", `{"value":[],"count":0}`)(w, r)
	})
	s := startStack(t, options{
		api: api, config: func(cfg *app.Config) { cfg.Now = clock.now },
		tenant: func(o *devtenant.Options) { o.AccessTokenLifetime, o.Clock = 24*time.Hour, clock.now },
	})
	v := s.visitor(t)
	v.signIn("alice")
	clock.move(30 * time.Minute) // the cookie is due to be written anew
	late := s.visitor(t)
	late.setCookies(v.cookies()...)
	got := make(chan page, 1)
	go func() { got <- late.get("/") }()
	select {
	case <-asked:
	case page := <-got:
		t.Fatalf("the page didn't ask the API: %d %s", page.status, page.code())
	}
	v.send(http.MethodPost, "/account/logout")
	v.signIn("bob")
	close(answer)
	if page := <-got; strings.Contains(page.header.Get("Set-Cookie"), "webui-session") {
		t.Errorf("the late answer sets %q", page.header.Values("Set-Cookie"))
	}
	clock.move(30 * time.Minute)
	if page := v.get("/"); !strings.Contains(page.header.Get("Set-Cookie"), s.sessionCookie()+"=") {
		t.Errorf("a page in time sets %q", page.header.Values("Set-Cookie"))
	}
}

// TestALateRefusalLeavesTheCookieAlone: Entra says that alice's session is at its end, when bob has signed in.
func TestALateRefusalLeavesTheCookieAlone(t *testing.T) {
	t.Parallel()
	for name, aadsts := range map[string]int{"sign in again": 50173, "the account is gone": 50057} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			held := &heldBackend{Store: memory(), reached: make(chan struct{}), release: make(chan struct{})}
			s := startStack(t, options{config: func(cfg *app.Config) { cfg.Sessions = held }})
			v := s.visitor(t)
			shortLived(s)
			v.signIn("alice")
			late := s.visitor(t)
			late.setCookies(v.cookies()...)
			s.tenant.Faults().Set(devtenant.Fault{Name: "end", Endpoint: "token:refresh_token", Times: 1, AADSTS: aadsts})
			got := make(chan page, 1)
			go func() { got <- late.get("/") }()
			<-held.reached // Entra has refused
			v.send(http.MethodPost, "/account/logout")
			v.signIn("bob")
			close(held.release)
			if page := <-got; strings.Contains(strings.Join(page.header.Values("Set-Cookie"), "\n"), "webui-session") {
				t.Errorf("the late answer sets %q", page.header.Values("Set-Cookie"))
			}
		})
	}
}

// heldBackend is a backend that keeps the first Delete or Replace waiting, until a test lets it go on.
type heldBackend struct {
	store.Store
	held             atomic.Bool
	reached, release chan struct{}
}

func (h *heldBackend) wait() {
	if h.held.CompareAndSwap(false, true) {
		close(h.reached)
		<-h.release
	}
}

func (h *heldBackend) Delete(ctx context.Context, keys ...string) (int, error) {
	if len(keys) > 0 { // a sign-in deletes the sessions that the browser had
		h.wait()
	}
	return h.Store.Delete(ctx, keys...)
}

func (h *heldBackend) Replace(ctx context.Context, key string, value []byte) error {
	h.wait()
	return h.Store.Replace(context.WithoutCancel(ctx), key, value)
}
