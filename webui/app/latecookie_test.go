package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
)

// TestALateAnswerLeavesTheCookieAlone: a page that the API is slow with comes when its user has signed out and somebody
// else has signed in, in the same browser.
func TestALateAnswerLeavesTheCookieAlone(t *testing.T) {
	t.Parallel()
	clock := &clock{}
	asked, answer := make(chan struct{}, 1), make(chan struct{})
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-answer
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
	<-asked
	v.send(http.MethodPost, "/account/logout")
	v.signIn("bob")
	close(answer)
	if page := <-got; strings.Contains(page.header.Get("Set-Cookie"), "webui-session") {
		t.Errorf("the late answer sets %q", page.header.Values("Set-Cookie"))
	}
	clock.move(30 * time.Minute)
	if page := v.get("/"); !strings.Contains(page.header.Get("Set-Cookie"), "webui-session=") {
		t.Errorf("a page in time sets %q", page.header.Values("Set-Cookie"))
	}
}

// TestALateRefusalLeavesTheCookieAlone: Entra says that alice's session is at its end, when bob has signed in.
func TestALateRefusalLeavesTheCookieAlone(t *testing.T) {
	t.Parallel()
	for name, aadsts := range map[string]int{"sign in again": 50173, "the account is gone": 50057} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startStack(t, options{})
			v := s.visitor(t)
			shortLived(s)
			v.signIn("alice")
			late := s.visitor(t)
			late.setCookies(v.cookies()...)
			s.tenant.Faults().Set(devtenant.Fault{Name: "end", Endpoint: "token:refresh_token", Times: 1, Delay: 300 * time.Millisecond, AADSTS: aadsts})
			got := make(chan page, 1)
			go func() { got <- late.get("/") }()
			eventually(t, "the renewal", func() bool { return len(s.tenant.Faults().Active()) == 0 })
			v.send(http.MethodPost, "/account/logout")
			v.signIn("bob")
			if page := <-got; strings.Contains(strings.Join(page.header.Values("Set-Cookie"), "\n"), "webui-session") {
				t.Errorf("the late answer sets %q", page.header.Values("Set-Cookie"))
			}
		})
	}
}
