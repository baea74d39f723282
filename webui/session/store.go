package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/sessions"

	"ms-identity-go-on-behalf-of/internal/secret"
)

// Options says how a [Store] works. All but Now must be set.
type Options struct {
	Backend  Backend
	Key      secret.String    // WEBUI_SESSION_KEY, 32 random bytes
	Name     string           // of the cookie, without prefix
	Secure   bool             // the site is on https
	Idle     time.Duration    // a session nobody used for so long has ended
	Absolute time.Duration    // and so has one that is as old as this
	Touch    time.Duration    // how often at most use is written down
	Now      func() time.Time // nil is time.Now
}

// Store is a gorilla/sessions store whose sessions are records in a [Backend]. See [Store.New] and [Store.Save] for what
// it does differently from gorilla's own; [RecordOf] and [SignIn] read and write what a session holds.
type Store struct {
	o       Options
	tickets *tickets
	sealer  *sealer
}

var _ sessions.Store = (*Store)(nil)

// NewStore makes a store.
func NewStore(o Options) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Name = CookieName(o.Name, o.Secure)
	tickets, err := newTickets(o.Name, o.Key)
	if err != nil {
		return nil, err
	}
	sealer, err := newSealer(o.Key, labelRecord)
	if err != nil {
		return nil, err
	}
	return &Store{o: o, tickets: tickets, sealer: sealer}, nil
}

// What a session's Values hold, under keys of a type that nobody else has.
type valueKey int

const (
	recordValue valueKey = iota // Record
	ticketValue                 // ticket, as the cookie has it
	lostValue                   // true where a good cookie has no record
	staleValue                  // true where use has to be written down
)

// RecordOf returns who is signed in, and false for a visitor.
func RecordOf(s *sessions.Session) (Record, bool) {
	record, ok := s.Values[recordValue].(Record)
	return record, ok
}

// Lost reports whether the browser came with a cookie of ours, within its lifetime, and there is no record behind it: the
// process was restarted, the record was evicted, or the user has signed out and somebody kept the cookie.
func Lost(s *sessions.Session) bool {
	lost, _ := s.Values[lostValue].(bool)
	return lost
}

// SignIn puts a record into a session, to be saved under a new id: an id from before the sign-in may be known to whoever
// planted it there (session fixation).
func SignIn(s *sessions.Session, record Record) {
	s.Values[recordValue] = record
	s.IsNew = true
}

// SignOut marks a session to be deleted when it is saved, the way gorilla/sessions has it.
func SignOut(s *sessions.Session) { s.Options.MaxAge = -1 }

// Open returns the session of a request, and writes down that it is in use. An error means that the backend is away
// (ErrUnavailable): the caller must not go on as if nobody were signed in.
func (s *Store) Open(w http.ResponseWriter, r *http.Request) (*sessions.Session, error) {
	session, err := s.Get(r, s.o.Name)
	if err != nil {
		return session, err
	}
	if stale, _ := session.Values[staleValue].(bool); stale {
		err = s.touch(w, r, session)
	}
	return session, err
}

// Get implements [sessions.Store]: one session for each request, however often it is asked for.
func (s *Store) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New implements [sessions.Store]. The session's ID is the key of its record, not the id in the cookie, which is kept
// nowhere. A cookie that is none of ours is no error; a backend that is away is.
func (s *Store) New(r *http.Request, name string) (*sessions.Session, error) {
	session := sessions.NewSession(s, name)
	session.Options = cookieOptions(s.o.Secure, 0)
	session.IsNew = true
	found, ok := s.tickets.read(r)
	if !ok {
		return session, nil
	}
	session.ID = keyOf(found.ID)
	session.Values[ticketValue] = found
	record, _, left, err := s.load(r.Context(), session.ID)
	if errors.Is(err, ErrNotFound) {
		session.Values[lostValue] = !found.over(s.o.Now())
		return session, nil
	}
	if err != nil {
		return session, err
	}
	session.IsNew = false
	session.Values[recordValue] = record
	session.Values[staleValue] = left < s.lifetime(record)-s.o.Touch
	return session, nil
}

// Save implements [sessions.Store]. A session marked by SignOut is deleted, one marked by SignIn begins under a new id.
// Any other save changes nothing: what comes up during a request goes into the record by [Store.Update], which knows what
// others have written in the meantime.
func (s *Store) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	switch {
	case session.Options.MaxAge < 0:
		// The cookie goes in any case: where the backend is away, the browser at least has forgotten.
		http.SetCookie(w, sessions.NewCookie(s.o.Name, "", session.Options))
		return s.delete(r.Context(), session)
	case session.IsNew:
		return s.begin(w, r, session)
	}
	return nil
}

func (s *Store) delete(ctx context.Context, session *sessions.Session) error {
	clear(session.Values)
	if session.ID == "" {
		return nil
	}
	if err := s.o.Backend.Delete(ctx, session.ID); err != nil {
		return fmt.Errorf("deleting the session: %w", err)
	}
	return nil
}

// begin stores the record under a new id and removes the one from before.
func (s *Store) begin(w http.ResponseWriter, r *http.Request, session *sessions.Session) error {
	record, ok := RecordOf(session)
	if !ok {
		return nil // a visitor has no session
	}
	record.ExpiresAt = s.o.Now().Add(s.o.Absolute)
	id := randomText(idBytes)
	key := keyOf(id)
	plain, err := record.encode()
	if err != nil {
		return err
	}
	if err := s.o.Backend.Create(r.Context(), key, groupOf(record), s.sealer.seal(key, plain), s.lifetime(record)); err != nil {
		return fmt.Errorf("beginning the session: %w", err)
	}
	if session.ID != "" {
		if err := s.o.Backend.Delete(r.Context(), session.ID); err != nil {
			return fmt.Errorf("ending the session from before: %w", err)
		}
	}
	session.ID, session.IsNew = key, false
	clear(session.Values)
	session.Values[recordValue] = record
	return s.setCookie(w, session, ticket{ID: id, Expires: record.ExpiresAt.Unix()})
}

// touch writes down that the session is in use, in the backend and in the cookie.
func (s *Store) touch(w http.ResponseWriter, r *http.Request, session *sessions.Session) error {
	record, _ := RecordOf(session)
	err := s.o.Backend.Touch(r.Context(), session.ID, s.lifetime(record))
	if errors.Is(err, ErrNotFound) {
		clear(session.Values) // it was deleted since it was read: the user has signed out in another tab
		session.IsNew = true
		return nil
	}
	if err != nil {
		return fmt.Errorf("keeping the session alive: %w", err)
	}
	session.Values[staleValue] = false
	found, _ := session.Values[ticketValue].(ticket)
	return s.setCookie(w, session, found)
}

func (s *Store) setCookie(w http.ResponseWriter, session *sessions.Session, content ticket) error {
	content.Idle = s.o.Now().Add(s.o.Idle).Unix()
	value, err := s.tickets.encode(content)
	if err != nil {
		return err
	}
	session.Values[ticketValue] = content
	http.SetCookie(w, sessions.NewCookie(s.o.Name, value, session.Options))
	return nil
}

// lifetime is how long a record lives unless it is used: the idle time, but never beyond the absolute end.
func (s *Store) lifetime(record Record) time.Duration {
	return min(s.o.Idle, record.ExpiresAt.Sub(s.o.Now()))
}
