package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
)

var (
	// ErrNone: the browser has no cookie of ours. It is a visitor.
	ErrNone = errors.New("there is no session")
	// ErrGone: the browser has a good cookie and its record is gone: after a restart, an eviction, its lifetime, or a
	// sign-out elsewhere. One silent sign-in is worth trying.
	ErrGone = errors.New("the session is gone")
)

// Store keeps the records of signed-in users. It implements gorilla/sessions' Store; the methods beside that are what
// handlers use.
type Store struct {
	Options
	backend store.Store
	name    string
	codec   *securecookie.SecureCookie
	sealer  *store.Sealer
}

var _ sessions.Store = (*Store)(nil)

// recordValue is the key of the *Session among a gorilla session's values.
type recordValue struct{}

// NewStore returns a store over a backend.
func NewStore(backend store.Store, o Options) (*Store, error) {
	o = o.withDefaults()
	signing, err := store.DeriveKey(o.Key, "webui session cookie v3")
	if err != nil {
		return nil, err
	}
	sealer, err := store.NewSealer(o.Key, "webui session record v1")
	if err != nil {
		return nil, err
	}
	// Nobody could guess an id without the signature, either. With it, a cookie that was made up costs no look into the
	// backend, and "good, and its record is gone" means something. The lifetime is the record's, not the cookie's.
	codec := securecookie.New(signing, nil).SetSerializer(securecookie.JSONEncoder{}).MaxLength(maxCookie).MaxAge(0)
	return &Store{Options: o, backend: backend, name: o.Cookies.Name("webui-session"), codec: codec, sealer: sealer}, nil
}

// Get implements [sessions.Store]: a request's session is loaded once.
func (s *Store) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New implements [sessions.Store]. The error is [ErrNone], [ErrGone], or the backend's.
func (s *Store) New(r *http.Request, name string) (*sessions.Session, error) {
	made := sessions.NewSession(s, name)
	made.IsNew = true
	cookies := s.readCookies(r)
	if len(cookies) == 0 {
		return made, ErrNone
	}
	cookie := cookies[0]
	made.ID = keyOf(cookie.ID) // the id itself is nowhere but in the cookie
	record, err := s.load(r.Context(), made.ID)
	if errors.Is(err, ErrGone) && s.ended(cookie) {
		return made, ErrNone // its time was over: that is a sign-out, and no loss to be mended behind the user's back
	}
	if err != nil {
		return made, err
	}
	made.IsNew = false
	made.Values[recordValue{}] = &Session{Record: record, store: s, key: made.ID, cookie: cookie}
	return made, nil
}

// load returns a record, and lets its idle lifetime begin anew.
func (s *Store) load(ctx context.Context, key string) (Record, error) {
	sealed, err := s.backend.Get(ctx, key, s.Idle)
	if errors.Is(err, store.ErrNotFound) {
		return Record{}, ErrGone
	}
	if err != nil {
		return Record{}, fmt.Errorf("loading the session: %w", err)
	}
	record, err := s.open(sealed, key)
	if err == nil && s.Now().Before(record.SignedIn.Add(s.Absolute)) {
		return record, nil
	}
	// Its absolute lifetime has ended, or it was sealed with another key: no request will ever use it.
	if _, err := s.backend.Delete(ctx, key); err != nil {
		return Record{}, fmt.Errorf("deleting a session that has ended: %w", err)
	}
	return Record{}, ErrGone
}

func (s *Store) open(sealed []byte, key string) (Record, error) {
	plain, err := s.sealer.Open(sealed, key)
	if err != nil {
		return Record{}, fmt.Errorf("opening a session: %w", err)
	}
	return decodeRecord(plain)
}

// Save implements [sessions.Store], for code that knows gorilla/sessions alone: handlers call [Store.SignIn], [Session.Update] and
// [Store.SignOut]. A session whose MaxAge is below zero is deleted, and another's record is written where it still exists.
func (s *Store) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	if session.Options != nil && session.Options.MaxAge < 0 {
		return s.delete(w, r)
	}
	if held, ok := session.Values[recordValue{}].(*Session); ok {
		return held.write(r.Context(), held.Record)
	}
	return nil // a visitor has no record
}

func (s *Store) create(w http.ResponseWriter, r *http.Request, record Record) error {
	cookie := cookieContent{ID: rand.Text(), User: record.User.Digest(), SignedIn: s.Now().UTC(), Seen: s.Now().UTC()}
	plain, err := record.encode()
	if err != nil {
		return err
	}
	key, user := keyOf(cookie.ID), keyOf("user "+cookie.User)
	if err := s.backend.Put(r.Context(), key, s.sealer.Seal(plain, key), min(s.Idle, s.Absolute), indexOf(record.SID), user); err != nil {
		return fmt.Errorf("creating the session: %w", err)
	}
	if err := s.endOldest(r.Context(), user); err != nil {
		return err
	}
	return s.writeCookie(w, cookie)
}

func (s *Store) delete(w http.ResponseWriter, r *http.Request) error {
	// All that the browser has cookies of: the one that a path hides would be the session again.
	if _, err := s.backend.Delete(r.Context(), keysOf(s.readCookies(r))...); err != nil {
		return fmt.Errorf("deleting the session: %w", err)
	}
	s.Cookies.Forget(w, s.name)
	return nil
}

// maxPerUser is how many sessions a user may have. One more ends the oldest: whoever signs in again and again takes nobody else's
// place.
const maxPerUser = 20

func (s *Store) endOldest(ctx context.Context, user string) error {
	keys, err := s.backend.Indexed(ctx, user)
	if err == nil && len(keys) > maxPerUser {
		_, err = s.backend.Delete(ctx, keys[:len(keys)-maxPerUser]...)
	}
	if err != nil {
		return fmt.Errorf("ending the user's oldest sessions: %w", err)
	}
	return nil
}

// keyOf returns what a secret of the browser is filed under: whoever reads the backend can't make a cookie of it.
func keyOf(id string) string {
	digest := sha256.Sum256([]byte(id))
	return base64.RawURLEncoding.EncodeToString(digest[:])
}

// indexOf returns what a session is found by when Entra ends its own; "" where Entra sent no sid.
func indexOf(sid string) string {
	if sid == "" {
		return ""
	}
	return keyOf("sid " + sid)
}
