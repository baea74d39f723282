package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
)

// Session is a signed-in user's record as a request sees it.
type Session struct {
	Record

	store  *Store
	key    string
	cookie cookieContent
}

// Current returns the request's session, [ErrNone] or [ErrGone] where there is none, and any other error where the
// backend is away.
func (s *Store) Current(r *http.Request) (*Session, error) {
	found, err := s.Get(r, s.name)
	if err != nil {
		return nil, err
	}
	held, ok := found.Values[recordValue{}].(*Session)
	if !ok {
		return nil, ErrNone
	}
	return held, nil
}

// SignIn gives the browser a session of a new id with the record, and deletes the one that it had.
func (s *Store) SignIn(w http.ResponseWriter, r *http.Request, record Record) error {
	if _, err := s.backend.Delete(r.Context(), keysOf(s.readCookies(r))...); err != nil {
		return fmt.Errorf("deleting the former session: %w", err)
	}
	record.SignedIn = s.Now()
	return s.create(w, r, record)
}

// SignOut deletes the record, and then the cookie, and returns what the record held; nothing where nobody was signed in. Where the
// record can't be deleted the cookie stays, so that the user can try again: to drop the cookie alone would only look like a sign-out.
func (s *Store) SignOut(w http.ResponseWriter, r *http.Request) (Record, error) {
	current, err := s.Current(r)
	if err != nil && !errors.Is(err, ErrNone) && !errors.Is(err, ErrGone) {
		return Record{}, err
	}
	if err := s.delete(w, r); err != nil {
		return Record{}, err
	}
	if current == nil {
		return Record{}, nil
	}
	return current.Record, nil
}

// End deletes the record, and the cookie where it was this session's: where the record is gone already, the browser may
// have another user's by now.
func (s *Session) End(ctx context.Context, w http.ResponseWriter) error {
	deleted, err := s.store.backend.Delete(ctx, s.key)
	if err != nil {
		return fmt.Errorf("ending the session: %w", err)
	}
	if deleted > 0 {
		s.store.Cookies.Forget(w, s.store.name)
	}
	return nil
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

// Update changes the record, one request at a time for each session. change gets the record as it is now, which another
// request may have changed since this one began. Where it changes nothing, nothing is written. Where the user has signed
// out in the meantime the result is [ErrGone], and nothing is written, either.
func (s *Session) Update(ctx context.Context, change func(*Record) error) error {
	unlock, err := s.store.backend.Lock(ctx, s.key)
	if err != nil {
		return fmt.Errorf("waiting for the session: %w", err)
	}
	defer unlock()
	sealed, err := s.store.backend.Get(ctx, s.key, 0)
	if errors.Is(err, store.ErrNotFound) {
		return ErrGone
	}
	if err != nil {
		return fmt.Errorf("loading the session: %w", err)
	}
	record, err := s.store.open(sealed, s.key)
	if err != nil {
		return ErrGone
	}
	before := record
	before.Cache = bytes.Clone(record.Cache)
	if err := change(&record); err != nil {
		return err
	}
	if !reflect.DeepEqual(before, record) {
		if err := s.write(ctx, record); err != nil {
			return err
		}
	}
	s.Record = record
	return nil
}

// saveTimeout bounds writing a record, beyond the time that its caller had.
const saveTimeout = time.Second

// write saves a record that still exists. What took long to get, as a renewed token from a slow Entra, is not thrown away
// because ctx ends meanwhile: the next request would have to get it again.
func (s *Session) write(ctx context.Context, record Record) error {
	plain, err := record.encode()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
	defer cancel()
	err = s.store.backend.Replace(ctx, s.key, s.store.sealer.Seal(plain, s.key))
	if errors.Is(err, store.ErrNotFound) {
		return ErrGone
	}
	if err != nil {
		return fmt.Errorf("saving the session: %w", err)
	}
	return nil
}
