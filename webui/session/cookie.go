package session

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxCookie is the longest cookie value that is looked at, in bytes. Ours have some 200.
const maxCookie = 1024

// cookieContent is what the session's cookie says, signed. The two times tell a session whose time is over from one whose
// record was lost: the user of the second is signed in again without noticing, the user of the first is signed out.
//
// The user is in it as a digest, so that a silent sign-in that comes back with somebody else is known as such.
type cookieContent struct {
	id       string
	user     string // [User.Digest]
	signedIn time.Time
	seen     time.Time // when the cookie was last written; see [Session.KeepAlive]
}

func (c cookieContent) encode() []byte {
	return fmt.Appendf(nil, "%d.%d.%s.%s", c.signedIn.Unix(), c.seen.Unix(), c.user, c.id)
}

func decodeCookie(raw string) (cookieContent, bool) {
	parts := strings.SplitN(raw, ".", 4)
	if len(parts) != 4 || parts[2] == "" || parts[3] == "" {
		return cookieContent{}, false
	}
	signedIn, err := strconv.ParseInt(parts[0], 10, 64)
	seen, seenErr := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || seenErr != nil {
		return cookieContent{}, false
	}
	return cookieContent{id: parts[3], user: parts[2], signedIn: time.Unix(signedIn, 0), seen: time.Unix(seen, 0)}, true
}

// ended reports whether the session's time is over by the cookie's word.
func (s *Store) ended(c cookieContent) bool {
	now := s.Now()
	return !now.Before(c.signedIn.Add(s.Absolute)) || !now.Before(c.seen.Add(s.Idle))
}

// writeCookie gives the browser the session's cookie. It ends with the browser, or before.
func (s *Store) writeCookie(w http.ResponseWriter, c cookieContent) error {
	value, err := s.codec.Encode(s.name, c.encode())
	if err != nil {
		return fmt.Errorf("signing the session's cookie: %w", err)
	}
	http.SetCookie(w, s.cookie(s.name, value, 0))
	return nil
}

// readCookie returns what the browser's cookie says. Two different cookies of the name are as good as none: one was
// planted, over a path or a neighbouring host, and nothing tells which.
func (s *Store) readCookie(r *http.Request) (cookieContent, bool) {
	found := r.CookiesNamed(s.name)
	if len(found) == 0 {
		return cookieContent{}, false
	}
	for _, other := range found[1:] {
		if other.Value != found[0].Value {
			return cookieContent{}, false
		}
	}
	var raw []byte
	if err := s.codec.Decode(s.name, found[0].Value, &raw); err != nil {
		return cookieContent{}, false
	}
	return decodeCookie(string(raw))
}

// FormerUser returns the [User.Digest] of whose session the browser's cookie is of, whether or not the record is still
// there; "" where it has none.
func (s *Store) FormerUser(r *http.Request) string {
	cookie, _ := s.readCookie(r)
	return cookie.user
}

// KeepAlive writes the time into the cookie where that is long enough ago. Each page of a signed-in user calls it, as the
// record's own idle lifetime begins anew with each request.
//
// It is called last, and only where the record is still there a cookie is written. A page can take many seconds, in which
// the user has signed out in another tab, or somebody else has signed in: the late answer would give the browser back a
// cookie that is dead, or put it in the place of the other's.
func (h *Session) KeepAlive(ctx context.Context, w http.ResponseWriter) error {
	now := h.store.Now()
	if now.Sub(h.cookie.seen) < h.store.Idle/8 {
		return nil
	}
	if _, err := h.store.backend.Get(ctx, h.key, 0); err != nil {
		return nil // gone, or nobody knows: the next page will see
	}
	h.cookie.seen = now
	return h.store.writeCookie(w, h.cookie)
}
