package session_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redistest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// TestFieldCase36ManyBegunSignIns: whoever begins sign-ins and ends none takes nobody's place, and no memory.
func TestFieldCase36ManyBegunSignIns(t *testing.T) {
	t.Parallel()
	used := store.NewMemory(store.MemoryOptions{MaxBytes: 64 << 10})
	attempts, err := session.NewAttempts(used, session.Options{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	alice := &browser{}
	state := begin(t, attempts, alice, "alice's")
	long := session.Attempt{ReturnTo: "/" + strings.Repeat("x", 1000)}
	for range 60_000 {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		if _, err := attempts.Begin(httptest.NewRecorder(), r, long); err != nil {
			t.Fatal(err)
		}
	}
	if entries, _ := used.Usage(); entries != 0 {
		t.Errorf("60,000 begun sign-ins left %d entries", entries)
	}
	if attempt, err := take(t, attempts, alice, state); err != nil || attempt.Nonce != "nonce of alice's" {
		t.Errorf("alice's: %+v, %v", attempt, err)
	}
}

// TestFieldCase36SealedAttempts: what the browser holds can be neither read nor changed, nor moved under another state.
func TestFieldCase36SealedAttempts(t *testing.T) {
	t.Parallel()
	a, _, now := newAttempts(t)
	otherKey, err := session.NewAttempts(store.NewMemory(store.MemoryOptions{}), session.Options{Key: secret.New(strings.Repeat("x", 32)), Now: now.Now})
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(b *browser, name, value string){
		"one bit":                  func(b *browser, name, value string) { b.cookies[name] = flip(value, len(value)/2) },
		"the last bits":            func(b *browser, name, value string) { b.cookies[name] = flip(value, len(value)-2) },
		"cut short":                func(b *browser, name, value string) { b.cookies[name] = value[:20] },
		"empty":                    func(b *browser, name, _ string) { b.cookies[name] = "" },
		"not base64":               func(b *browser, name, _ string) { b.cookies[name] = "%%%" },
		"under another sign-in":    func(b *browser, name, _ string) { b.cookies[name] = anotherAttempt(t, a) },
		"sealed with another key":  func(b *browser, name, _ string) { b.cookies[name] = anotherAttempt(t, otherKey) },
		"its time is over":         func(*browser, string, string) { now.Advance(10 * time.Minute) },
		"under another form of it": func(b *browser, name, value string) { delete(b.cookies, name); b.cookies[name+"="] = value },
	} {
		t.Run(name, func(t *testing.T) {
			b := &browser{}
			state := begin(t, a, b, "b's")
			for name, value := range b.cookies {
				if strings.Contains(value, "nonce") || strings.Contains(name, state) {
					t.Error("the cookie can be read")
				}
				change(b, name, value)
			}
			if attempt, err := take(t, a, b, state); err == nil {
				t.Errorf("the sign-in goes on with %+v", attempt)
			}
		})
	}
}

func flip(value string, at int) string {
	other := "A"
	if value[at] == 'A' {
		other = "B"
	}
	return value[:at] + other + value[at+1:]
}

func anotherAttempt(t *testing.T, a *session.Attempts) string {
	t.Helper()
	b := &browser{}
	begin(t, a, b, "another's")
	for _, value := range b.cookies {
		return value
	}
	return ""
}

// TestFieldCase36MadeUpStates cost the store nothing, and are told from another browser's.
func TestFieldCase36MadeUpStates(t *testing.T) {
	t.Parallel()
	counting := &countingBackend{Store: store.NewMemory(store.MemoryOptions{})}
	a, err := session.NewAttempts(counting, session.Options{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	state := begin(t, a, &browser{}, "somebody's")
	for _, madeUp := range []string{"", "x", strings.Repeat("A", 64), flip(state, 5), flip(state, 60), state + "A", strings.Repeat("A", 9000)} {
		if _, err := take(t, a, &browser{}, madeUp); !errors.Is(err, session.ErrNoAttempt) {
			t.Errorf("%.70q: %v", madeUp, err)
		}
	}
	if n := counting.commands.Load(); n != 0 {
		t.Errorf("made-up states cost %d commands", n)
	}
	if _, err := take(t, a, &browser{}, state); !errors.Is(err, session.ErrOtherBrowser) {
		t.Errorf("another browser's state: %v", err)
	}
}

// TestFieldCase37ManyCookies: what a request brings along costs a bounded number of commands, and of bytes in the answer.
func TestFieldCase37ManyCookies(t *testing.T) {
	t.Parallel()
	formed := func(i int) string { return fmt.Sprintf("webui-signin-%043d=x", i) }
	for name, cookie := range map[string]func(int) string{
		"of the right form":       formed,
		"of another form":         func(i int) string { return fmt.Sprintf("webui-signin-%d=x", i) },
		"one, again and again":    func(int) string { return formed(1) },
		"sessions":                func(int) string { return "webui-session=x" },
		"sessions, each another":  func(i int) string { return fmt.Sprintf("webui-session=x%d", i) },
		"of the right form, long": func(i int) string { return formed(i) + strings.Repeat("x", 300) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			counting := &countingBackend{Store: store.NewMemory(store.MemoryOptions{})}
			attempts, err := session.NewAttempts(counting, session.Options{Key: key})
			if err != nil {
				t.Fatal(err)
			}
			store, err := session.NewStore(counting, session.Options{Key: key})
			if err != nil {
				t.Fatal(err)
			}
			var header strings.Builder
			for i := range 1900 {
				header.WriteString(cookie(i) + "; ")
			}
			request := func() *http.Request {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
				r.Header.Set("Cookie", header.String())
				return r
			}
			for what, do := range map[string]func(http.ResponseWriter) error{
				"beginning to sign in": func(w http.ResponseWriter) error {
					_, err := attempts.Begin(w, request(), session.Attempt{ReturnTo: "/"})
					return err
				},
				"a visit":         func(http.ResponseWriter) error { _, err := store.Current(request()); return ignoreNone(err) },
				"signing out":     func(w http.ResponseWriter) error { _, err := store.SignOut(w, request()); return ignoreNone(err) },
				"a made-up state": func(w http.ResponseWriter) error { _, _ = attempts.Take(w, request(), "x"); return nil },
			} {
				counting.commands.Store(0)
				w := httptest.NewRecorder()
				if err := do(w); err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				if n := counting.commands.Load(); n > 1 {
					t.Errorf("%s: %d commands", what, n)
				}
				if set := strings.Join(w.Result().Header.Values("Set-Cookie"), "\n"); len(set) > 3<<10 || strings.Count(set, "\n") > 10 {
					t.Errorf("%s: %d bytes of Set-Cookie", what, len(set))
				}
			}
		})
	}
}

func ignoreNone(err error) error {
	if errors.Is(err, session.ErrNone) {
		return nil
	}
	return err
}

// countingBackend counts commands, each key of a Delete as none of its own: it is one command.
type countingBackend struct {
	store.Store
	commands atomic.Int64
}

func (c *countingBackend) Get(ctx context.Context, key string, extend time.Duration) ([]byte, error) {
	c.commands.Add(1)
	return c.Store.Get(ctx, key, extend)
}

func (c *countingBackend) Mark(ctx context.Context, key string, lifetime time.Duration) (bool, error) {
	c.commands.Add(1)
	return c.Store.Mark(ctx, key, lifetime)
}

func (c *countingBackend) Delete(ctx context.Context, keys ...string) (int, error) {
	c.commands.Add(1)
	return c.Store.Delete(ctx, keys...)
}

// TestFieldCase37LongCookieHeaders: what we give the browser stays below what proxies take, however long the return paths are.
func TestFieldCase37LongCookieHeaders(t *testing.T) {
	t.Parallel()
	for _, length := range []int{1, 300, 1000} {
		a, _, now := newAttempts(t)
		b := &browser{}
		var last string
		for range 12 {
			w := httptest.NewRecorder()
			state, err := a.Begin(w, b.request(t), session.Attempt{Nonce: strings.Repeat("n", 26), Verifier: strings.Repeat("v", 43), ReturnTo: strings.Repeat("x", length)})
			if err != nil {
				t.Fatal(err)
			}
			b.take(w)
			last = state
			now.Advance(time.Second)
		}
		if header := b.request(t).Header.Get("Cookie"); len(header) > 6<<10 {
			t.Errorf("return paths of %d bytes make a Cookie header of %d", length, len(header))
		}
		if _, err := take(t, a, b, last); err != nil {
			t.Errorf("the newest sign-in: %v", err)
		}
	}
}

// TestFieldCase41OneUserManySessions: a user who signs in again and again ends their own oldest sessions, and nobody else's.
func TestFieldCase41OneUserManySessions(t *testing.T) {
	t.Parallel()
	for name, backend := range backends(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, err := session.NewStore(backend, session.Options{Key: key})
			if err != nil {
				t.Fatal(err)
			}
			f := fixture{store: store}
			bob := &browser{}
			f.signIn(t, bob, session.Record{User: session.User{TenantID: "t", ObjectID: "bob"}})
			twin := &browser{} // the same object id in another tenant is another user
			f.signIn(t, twin, session.Record{User: session.User{TenantID: "another", ObjectID: "o"}})
			browsers := make([]*browser, 900)
			for i := range browsers {
				browsers[i] = &browser{}
				f.signIn(t, browsers[i], alice())
			}
			live := 0
			for _, b := range browsers {
				if _, err := store.Current(b.request(t)); err == nil {
					live++
				}
			}
			if live != 20 {
				t.Errorf("alice has %d sessions, want 20", live)
			}
			for name, b := range map[string]*browser{"bob": bob, "the twin": twin, "alice's newest": browsers[899]} {
				if _, err := store.Current(b.request(t)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			// Sessions that have ended don't count.
			for _, b := range browsers[881:] {
				if _, err := store.SignOut(httptest.NewRecorder(), b.request(t)); err != nil {
					t.Fatal(err)
				}
			}
			for range 19 {
				f.signIn(t, &browser{}, alice())
			}
			if _, err := store.Current(browsers[880].request(t)); err != nil {
				t.Errorf("alice's oldest of twenty: %v", err)
			}
		})
	}
}

func backends(t *testing.T) map[string]store.Store {
	return map[string]store.Store{
		"memory": store.NewMemory(store.MemoryOptions{MaxEntries: 200}),
		"Redis":  newRedis(t, redistest.Start(t), "session"),
	}
}

// TestFieldCase24SeveralCookiesOfTheName: those that we have signed count, and signing out ends them all.
func TestFieldCase24SeveralCookiesOfTheName(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	first, second := &browser{}, &browser{}
	f.signIn(t, first, alice())
	f.now.Advance(time.Minute)
	other := alice()
	other.User.Name = "Alice, later"
	f.signIn(t, second, other)
	older, newer := first.cookies["webui-session"], second.cookies["webui-session"]
	for name, values := range map[string][]string{
		"planted in front":  {"x", newer},
		"planted behind":    {newer, "x"},
		"planted, and long": {strings.Repeat("A", 3000), newer},
		"an older one":      {older, newer},
		"in another order":  {newer, older, "x"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		for _, value := range values {
			r.AddCookie(&http.Cookie{Name: "webui-session", Value: value})
		}
		if found, err := f.store.Current(r); err != nil || found.User.Name != "Alice, later" {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
	for i := range 20 { // planted over each path and domain that there is
		r.AddCookie(&http.Cookie{Name: "webui-session", Value: fmt.Sprint("x", i)})
	}
	for _, value := range []string{older, newer} {
		r.AddCookie(&http.Cookie{Name: "webui-session", Value: value})
	}
	if _, err := f.store.SignOut(httptest.NewRecorder(), r); err != nil {
		t.Fatal(err)
	}
	if entries, _ := f.backend.Usage(); entries != 0 {
		t.Errorf("%d records are left", entries)
	}
}

// TestRecordsOfAnotherVersion: a deployment that keeps records in another form finds none in those that are there, and its users
// are signed in again without a question.
func TestRecordsOfAnotherVersion(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(value []byte) []byte{
		"another form": func([]byte) []byte { return []byte(`{"version":9}`) },
		"empty":        func([]byte) []byte { return nil },
		"cut short":    func(value []byte) []byte { return value[:len(value)/2] },
		"longer":       func(value []byte) []byte { return append(value, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, b := newFixture(t), &browser{}
			altered := &alteredBackend{Store: f.backend}
			store, err := session.NewStore(altered, f.store.Options)
			if err != nil {
				t.Fatal(err)
			}
			f.signIn(t, b, alice())
			held, err := store.Current(b.request(t))
			if err != nil {
				t.Fatal(err)
			}
			altered.change.Store(&change)
			if err := held.Update(t.Context(), func(*session.Record) error { return nil }); !errors.Is(err, session.ErrGone) {
				t.Errorf("a request under way: %v", err)
			}
			if _, err := store.Current(b.request(t)); !errors.Is(err, session.ErrGone) {
				t.Errorf("the next request: %v", err)
			}
			if entries, _ := f.backend.Usage(); entries != 0 {
				t.Error("a record that nobody can read is kept")
			}
			altered.change.Store(nil)
			f.signIn(t, b, alice())
			if _, err := store.Current(b.request(t)); err != nil {
				t.Errorf("after signing in: %v", err)
			}
		})
	}
}

// alteredBackend hands out other values than it was given.
type alteredBackend struct {
	store.Store
	change atomic.Pointer[func([]byte) []byte]
}

func (a *alteredBackend) Get(ctx context.Context, key string, extend time.Duration) ([]byte, error) {
	value, err := a.Store.Get(ctx, key, extend)
	if change := a.change.Load(); change != nil && err == nil {
		return (*change)(append([]byte(nil), value...)), nil
	}
	return value, err
}

// TestFieldCase40AtOnce: of many answers to one sign-in that come at the same moment one goes on.
func TestFieldCase40AtOnce(t *testing.T) {
	t.Parallel()
	for name, backend := range backends(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := session.NewAttempts(backend, session.Options{Key: key})
			if err != nil {
				t.Fatal(err)
			}
			b := &browser{}
			state := begin(t, a, b, "b's")
			var went atomic.Int32
			var group sync.WaitGroup
			for range 50 {
				group.Go(func() {
					switch _, err := a.Take(httptest.NewRecorder(), b.request(t), state); {
					case err == nil:
						went.Add(1)
					case !errors.Is(err, session.ErrNoAttempt):
						t.Error(err)
					}
				})
			}
			group.Wait()
			if went.Load() != 1 {
				t.Errorf("%d of 50 went on", went.Load())
			}
		})
	}
}
