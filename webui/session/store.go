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

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
)

var (
	// ErrNone: the browser has no cookie of ours. It is a visitor.
	ErrNone = errors.New("there is no session")
	// ErrGone: the browser has a good cookie and its record is gone: after a restart, an eviction, its lifetime, or a
	// sign-out elsewhere. One silent sign-in is worth trying.
	ErrGone = errors.New("the session is gone")
)

// Store keeps the records of signed-in users.
type Store struct {
	Options
	backend store.Store
	name    string
	codec   *securecookie.SecureCookie
	sealer  *store.Sealer
}

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

// currentKey is where a request's context has what [Store.Current] found.
type currentKey struct{}

// Current returns the request's session, [ErrNone] or [ErrGone] where there is none, and any other error where the
// backend is away. A request's session is loaded once.
func (s *Store) Current(r *http.Request) (*Session, error) {
	type found struct {
		session *Session
		err     error
	}
	known, ok := r.Context().Value(currentKey{}).(found)
	if !ok {
		known.session, known.err = s.find(r)
		*r = *r.WithContext(context.WithValue(r.Context(), currentKey{}, known))
	}
	return known.session, known.err
}

func (s *Store) find(r *http.Request) (*Session, error) {
	cookies := s.readCookies(r)
	if len(cookies) == 0 {
		return nil, ErrNone
	}
	cookie := cookies[0]
	key := keyOf(cookie.ID) // the id itself is nowhere but in the cookie
	record, err := s.load(r.Context(), key)
	if errors.Is(err, ErrGone) && s.ended(cookie) {
		return nil, ErrNone // its time was over: that is a sign-out, and no loss to be mended behind the user's back
	}
	if err != nil {
		return nil, err
	}
	return &Session{Record: record, store: s, key: key, cookie: cookie}, nil
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

// SignIn gives the browser a session of a new id with the record, and deletes the one that it had.
func (s *Store) SignIn(w http.ResponseWriter, r *http.Request, record Record) error {
	if _, err := s.backend.Delete(r.Context(), keysOf(s.readCookies(r))...); err != nil {
		return fmt.Errorf("deleting the former session: %w", err)
	}
	record.SignedIn = s.Now()
	plain, err := record.encode()
	if err != nil {
		return err
	}
	cookie := cookieContent{ID: rand.Text(), User: record.User.Digest(), SignedIn: record.SignedIn.UTC(), Seen: record.SignedIn.UTC()}
	key, user := keyOf(cookie.ID), keyOf("user "+cookie.User)
	if err := s.backend.Put(r.Context(), key, s.sealer.Seal(plain, key), min(s.Idle, s.Absolute), indexOf(record.SID), user); err != nil {
		return fmt.Errorf("creating the session: %w", err)
	}
	if err := s.endOldest(r.Context(), user); err != nil {
		return err
	}
	return s.writeCookie(w, cookie)
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

// SignOut deletes the record, and then the cookie, and returns what the record held; nothing where nobody was signed in. Where the
// record can't be deleted the cookie stays, so that the user can try again: to drop the cookie alone would only look like a sign-out.
func (s *Store) SignOut(w http.ResponseWriter, r *http.Request) (Record, error) {
	current, err := s.Current(r)
	if err != nil && !errors.Is(err, ErrNone) && !errors.Is(err, ErrGone) {
		return Record{}, err
	}
	// All that the browser has cookies of: the one that a path hides would be the session again.
	if _, err := s.backend.Delete(r.Context(), keysOf(s.readCookies(r))...); err != nil {
		return Record{}, fmt.Errorf("deleting the session: %w", err)
	}
	s.Cookies.Forget(w, s.name)
	if current == nil {
		return Record{}, nil
	}
	return current.Record, nil
}

// SignOutSID deletes every session that began with Entra's session sid, and returns how many there were.
func (s *Store) SignOutSID(ctx context.Context, sid string) (int, error) {
	if sid == "" {
		return 0, nil
	}
	keys, err := s.backend.Indexed(ctx, indexOf(sid))
	if err != nil {
		return 0, fmt.Errorf("looking for the sessions to sign out: %w", err)
	}
	deleted, err := s.backend.Delete(ctx, keys...)
	if err != nil {
		return 0, fmt.Errorf("deleting a session: %w", err)
	}
	return deleted, nil
}

// Ping returns an error where the backend is away.
func (s *Store) Ping(ctx context.Context) error { return s.backend.Ping(ctx) }

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
