package session_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/sessions"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/clocktest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

var key = secret.New(strings.Repeat("k", 32))

// browser sends back the cookies that it was given.
type browser struct{ cookies map[string]string }

func (b *browser) request(t *testing.T) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return r
}

func (b *browser) take(w *httptest.ResponseRecorder) {
	if b.cookies == nil {
		b.cookies = map[string]string{}
	}
	for _, cookie := range w.Result().Cookies() {
		if cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
			continue
		}
		b.cookies[cookie.Name] = cookie.Value
	}
}

type fixture struct {
	now     *clocktest.Clock
	backend *store.Memory
	store   *session.Store
}

func newFixture(t *testing.T, change ...func(*session.Options)) fixture {
	t.Helper()
	now := clocktest.New(time.Unix(1_800_000_000, 0))
	options := session.Options{Key: key, Idle: time.Hour, Absolute: 3 * time.Hour, Now: now.Now}
	for _, c := range change {
		c(&options)
	}
	backend := store.NewMemory(store.MemoryOptions{Now: now.Now})
	store, err := session.NewStore(backend, options)
	if err != nil {
		t.Fatal(err)
	}
	return fixture{now, backend, store}
}

func (f fixture) signIn(t *testing.T, b *browser, record session.Record) {
	t.Helper()
	w := httptest.NewRecorder()
	if err := f.store.SignIn(w, b.request(t), record); err != nil {
		t.Fatal(err)
	}
	b.take(w)
}

func alice() session.Record {
	return session.Record{User: session.User{TenantID: "t", ObjectID: "o", Name: "Alice Example"}, SID: "sid-1", Cache: []byte("the.token.cache")}
}

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	f, b := newFixture(t), &browser{}
	if _, err := f.store.Current(b.request(t)); !errors.Is(err, session.ErrNone) {
		t.Errorf("before signing in: %v", err)
	}
	f.signIn(t, b, alice())
	found, err := f.store.Current(b.request(t))
	if err != nil {
		t.Fatal(err)
	}
	if found.User.Name != "Alice Example" || string(found.Cache) != "the.token.cache" {
		t.Errorf("the session holds %+v", found.Record)
	}
	stolen := &browser{cookies: map[string]string{}}
	for name, value := range b.cookies {
		stolen.cookies[name] = value
	}
	w := httptest.NewRecorder()
	record, err := f.store.SignOut(w, b.request(t))
	if err != nil || record.User.Name != "Alice Example" {
		t.Errorf("signing out: %+v, %v", record.User, err)
	}
	b.take(w)
	if len(b.cookies) != 0 {
		t.Errorf("cookies are left: %v", b.cookies)
	}
	if _, err := f.store.Current(stolen.request(t)); !errors.Is(err, session.ErrGone) {
		t.Errorf("the cookie replayed after signing out: %v", err)
	}
}

// TestGorillasSave: who knows gorilla/sessions alone changes a record, and deletes one.
func TestGorillasSave(t *testing.T) {
	t.Parallel()
	f, b := newFixture(t), &browser{}
	visitor := b.request(t)
	if nobody, err := f.store.Get(visitor, "webui-session"); !errors.Is(err, session.ErrNone) || nobody.Save(visitor, httptest.NewRecorder()) != nil {
		t.Errorf("a visitor: %v", err)
	}
	f.signIn(t, b, alice())
	request := b.request(t)
	held, err := f.store.Get(request, "webui-session")
	if err != nil {
		t.Fatal(err)
	}
	current, err := f.store.Current(request)
	if err != nil {
		t.Fatal(err)
	}
	current.User.Name = "Alice Other"
	if err := held.Save(request, httptest.NewRecorder()); err != nil {
		t.Fatal(err)
	}
	if later, err := f.store.Current(b.request(t)); err != nil || later.User.Name != "Alice Other" {
		t.Errorf("a changed record: %+v, %v", later, err)
	}
	held.Options = &sessions.Options{MaxAge: -1}
	w := httptest.NewRecorder()
	if err := held.Save(request, w); err != nil {
		t.Fatal(err)
	}
	if _, err := f.store.Current(b.request(t)); !errors.Is(err, session.ErrGone) {
		t.Errorf("a deleted session: %v", err)
	}
	b.take(w)
	if len(b.cookies) != 0 {
		t.Errorf("cookies are left: %v", b.cookies)
	}
}

func TestSignInGivesANewID(t *testing.T) {
	t.Parallel()
	f, b := newFixture(t), &browser{}
	f.signIn(t, b, alice())
	former := &browser{cookies: map[string]string{}}
	for name, value := range b.cookies {
		former.cookies[name] = value
	}
	f.signIn(t, b, alice())
	if b.cookies["webui-session"] == former.cookies["webui-session"] {
		t.Error("the id is the same after signing in again")
	}
	if _, err := f.store.Current(former.request(t)); !errors.Is(err, session.ErrGone) {
		t.Errorf("the former session: %v", err)
	}
	if entries, _ := f.backend.Usage(); entries != 1 {
		t.Errorf("%d records for one browser", entries)
	}
}

func TestLifetimes(t *testing.T) {
	t.Parallel()
	t.Run("32 idle", func(t *testing.T) {
		t.Parallel()
		f, b := newFixture(t), &browser{}
		f.signIn(t, b, alice())
		f.now.Advance(time.Hour)
		if _, err := f.store.Current(b.request(t)); !errors.Is(err, session.ErrNone) {
			t.Errorf("after the idle lifetime: %v, want ErrNone", err)
		}
	})
	t.Run("32 absolute", func(t *testing.T) {
		t.Parallel()
		f, b := newFixture(t), &browser{}
		f.signIn(t, b, alice())
		for range 5 {
			f.now.Advance(30 * time.Minute)
			f.visit(t, b)
		}
		f.now.Advance(30 * time.Minute)
		if _, err := f.store.Current(b.request(t)); !errors.Is(err, session.ErrNone) {
			t.Errorf("after the absolute lifetime: %v, want ErrNone", err)
		}
		if entries, _ := f.backend.Usage(); entries != 0 {
			t.Error("the record is still there")
		}
	})
	t.Run("a record lost in its time is no sign-out", func(t *testing.T) {
		t.Parallel()
		f, b := newFixture(t), &browser{}
		f.signIn(t, b, alice())
		for range 3 {
			f.now.Advance(30 * time.Minute)
			f.visit(t, b)
		}
		f.now.Advance(59 * time.Minute)
		restarted, err := session.NewStore(store.NewMemory(store.MemoryOptions{Now: f.now.Now}), f.store.Options)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := restarted.Current(b.request(t)); !errors.Is(err, session.ErrGone) {
			t.Errorf("after a restart: %v, want ErrGone", err)
		}
	})
}

// visit is a page of a signed-in user.
func (f fixture) visit(t *testing.T, b *browser) {
	t.Helper()
	found, err := f.store.Current(b.request(t))
	if err != nil {
		t.Fatalf("a session in use: %v", err)
	}
	w := httptest.NewRecorder()
	if err := found.KeepAlive(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	b.take(w)
}

func TestCookies(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	b := &browser{}
	f.signIn(t, b, alice())
	good := b.cookies["webui-session"]
	other := newFixture(t, func(o *session.Options) { o.Key = secret.New(strings.Repeat("x", 32)) })
	stranger := &browser{}
	other.signIn(t, stranger, alice())

	tests := []struct {
		name    string
		cookies []*http.Cookie
		want    error
	}{
		{"good", []*http.Cookie{{Name: "webui-session", Value: good}}, nil},
		{"29 tampered with", []*http.Cookie{{Name: "webui-session", Value: good[:len(good)-3] + "AAA"}}, session.ErrNone},
		{"29 of another name", []*http.Cookie{{Name: "session", Value: good}}, session.ErrNone},
		{"29 signed with an old key", []*http.Cookie{{Name: "webui-session", Value: stranger.cookies["webui-session"]}}, session.ErrNone},
		{"29 empty", []*http.Cookie{{Name: "webui-session", Value: ""}}, session.ErrNone},
		{"37 oversize", []*http.Cookie{{Name: "webui-session", Value: strings.Repeat("A", 5000)}}, session.ErrNone},
		{"38 the same one twice", []*http.Cookie{{Name: "webui-session", Value: good}, {Name: "webui-session", Value: good}}, nil},
		{"38 another of the name", []*http.Cookie{{Name: "webui-session", Value: "x"}, {Name: "webui-session", Value: good}}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			for _, cookie := range test.cookies {
				r.AddCookie(cookie)
			}
			if _, err := f.store.Current(r); !errors.Is(err, test.want) {
				t.Errorf("error is %v, want %v", err, test.want)
			}
		})
	}
}

func TestCookieFlags(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		f := newFixture(t, func(o *session.Options) { o.Cookies.Secure = secure })
		w := httptest.NewRecorder()
		if err := f.store.SignIn(w, (&browser{}).request(t), alice()); err != nil {
			t.Fatal(err)
		}
		cookie := w.Result().Cookies()[0]
		if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Secure != secure || cookie.Path != "/" || cookie.Domain != "" {
			t.Errorf("secure %v: the cookie is %+v", secure, cookie)
		}
		if strings.HasPrefix(cookie.Name, "__Host-") != secure {
			t.Errorf("secure %v: the cookie's name is %s", secure, cookie.Name)
		}
	}
}

func TestNothingReadableReachesTheBackend(t *testing.T) {
	t.Parallel()
	f, b := newFixture(t), &browser{}
	spy := &spy{Store: f.backend}
	store, err := session.NewStore(spy, session.Options{Key: key, Now: f.now.Now})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := store.SignIn(w, b.request(t), alice()); err != nil {
		t.Fatal(err)
	}
	b.take(w)
	for _, hidden := range []string{"Alice", "the.token.cache", "sid-1", b.cookies["webui-session"]} {
		if bytes.Contains(spy.seen.Bytes(), []byte(hidden)) {
			t.Errorf("%q reaches the backend", hidden)
		}
	}
}

func TestUpdates(t *testing.T) {
	t.Parallel()
	t.Run("one at a time, each on the last one's result", func(t *testing.T) {
		t.Parallel()
		f, b := newFixture(t), &browser{}
		f.signIn(t, b, session.Record{})
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() {
				found, err := f.store.Current(b.request(t))
				if err != nil {
					t.Error(err)
					return
				}
				if err := found.Update(t.Context(), func(r *session.Record) error {
					r.Cache = append(r.Cache, 'x')
					return nil
				}); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		found, err := f.store.Current(b.request(t))
		if err != nil || len(found.Cache) != 50 {
			t.Errorf("%d of 50 updates are there, %v", len(found.Cache), err)
		}
	})
	t.Run("31 a save in flight at sign-out", func(t *testing.T) {
		t.Parallel()
		f, b := newFixture(t), &browser{}
		f.signIn(t, b, alice())
		found, err := f.store.Current(b.request(t))
		if err != nil {
			t.Fatal(err)
		}
		err = found.Update(t.Context(), func(r *session.Record) error {
			if _, err := f.store.SignOut(httptest.NewRecorder(), b.request(t)); err != nil {
				t.Error(err)
			}
			r.Cache = []byte("renewed")
			return nil
		})
		if !errors.Is(err, session.ErrGone) {
			t.Errorf("error is %v, want ErrGone", err)
		}
		if _, err := f.store.Current(b.request(t)); !errors.Is(err, session.ErrGone) {
			t.Errorf("the session is back: %v", err)
		}
	})
	t.Run("an error changes nothing", func(t *testing.T) {
		t.Parallel()
		f, b := newFixture(t), &browser{}
		f.signIn(t, b, alice())
		found, err := f.store.Current(b.request(t))
		if err != nil {
			t.Fatal(err)
		}
		failed := errors.New("no")
		if err := found.Update(t.Context(), func(r *session.Record) error { r.Cache = nil; return failed }); !errors.Is(err, failed) {
			t.Errorf("error is %v", err)
		}
		if again, _ := f.store.Current(b.request(t)); string(again.Cache) != "the.token.cache" {
			t.Error("the record changed")
		}
	})
}

func TestFrontChannelSignOut(t *testing.T) {
	t.Parallel()
	f, here, elsewhere := newFixture(t), &browser{}, &browser{}
	f.signIn(t, here, alice())
	other := alice()
	other.SID = "sid-2"
	f.signIn(t, elsewhere, other)
	if n, err := f.store.SignOutSID(t.Context(), "sid-1"); n != 1 || err != nil {
		t.Errorf("signed out %d, %v", n, err)
	}
	if _, err := f.store.Current(here.request(t)); !errors.Is(err, session.ErrGone) {
		t.Errorf("the session of that sid: %v", err)
	}
	if _, err := f.store.Current(elsewhere.request(t)); err != nil {
		t.Errorf("another session: %v", err)
	}
	if n, err := f.store.SignOutSID(t.Context(), ""); n != 0 || err != nil {
		t.Errorf("an empty sid signed out %d, %v", n, err)
	}
}
