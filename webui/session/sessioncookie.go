package session

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// minCookie and maxCookie bound the cookie values that are looked at, in bytes. Ours have some 300.
const minCookie, maxCookie = 200, 1024

// maxCookies is how many of one name are looked at. Browsers send those of the longest path first, so that planted ones come before
// ours; there are fewer paths and domains for one address than that.
const maxCookies = 50

// cookieContent is what the session's cookie says, signed. The two times tell a session whose time is over from one whose
// record was lost: the user of the second is signed in again without noticing, the user of the first is signed out.
//
// The user is in it as a digest, so that a silent sign-in that comes back with somebody else is known as such.
type cookieContent struct {
	ID       string    `json:"id"`
	User     string    `json:"user"` // [User.Digest]
	SignedIn time.Time `json:"signed_in"`
	Seen     time.Time `json:"seen"` // when the cookie was last written; see [Session.KeepAlive]
}

// ended reports whether the session's time is over by the cookie's word.
func (s *Store) ended(c cookieContent) bool {
	now := s.Now()
	return !now.Before(c.SignedIn.Add(s.Absolute)) || !now.Before(c.Seen.Add(s.Idle))
}

// writeCookie gives the browser the session's cookie. It ends with the browser, or before.
func (s *Store) writeCookie(w http.ResponseWriter, c cookieContent) error {
	value, err := s.codec.Encode(s.name, c)
	if err != nil {
		return fmt.Errorf("signing the session's cookie: %w", err)
	}
	s.Cookies.Set(w, s.name, value, 0)
	return nil
}

// readCookies returns what the browser's cookies of ours say, the latest sign-in first. There may be several: over a path or a
// neighbouring host anybody can plant one of the name. Those that we have signed count.
func (s *Store) readCookies(r *http.Request) []cookieContent {
	var all []cookieContent
	likely := slices.DeleteFunc(r.CookiesNamed(s.name), func(cookie *http.Cookie) bool {
		return len(cookie.Value) < minCookie || len(cookie.Value) > maxCookie // or many short ones would hide ours
	})
	for _, cookie := range atMost(likely, maxCookies) {
		var content cookieContent
		if s.codec.Decode(s.name, cookie.Value, &content) == nil && content.ID != "" && !slices.Contains(all, content) {
			all = append(all, content)
		}
	}
	slices.SortStableFunc(all, func(x, y cookieContent) int { return y.SignedIn.Compare(x.SignedIn) })
	return all
}

// keysOf returns what the records of cookies are filed under.
func keysOf(cookies []cookieContent) []string {
	var keys []string
	for _, cookie := range cookies {
		keys = append(keys, keyOf(cookie.ID))
	}
	return keys
}

// Former returns what the browser's cookie says, whether or not its record is still there: the [User.Digest] of the user, and a short
// name of the session. Both are "" without a cookie.
func (s *Store) Former(r *http.Request) (user, session string) {
	all := s.readCookies(r)
	if len(all) == 0 {
		return "", ""
	}
	return all[0].User, keyOf(all[0].ID)[:22]
}

// KeepAlive writes the time into the cookie where that is long enough ago. Each page of a signed-in user calls it, as the
// record's own idle lifetime begins anew with each request.
//
// It is called last, and writes a cookie only where the record still exists. A page can take many seconds, in which
// the user has signed out in another tab, or somebody else has signed in: the late answer would give the browser back a
// cookie that is dead, or put it in the place of the other's.
func (s *Session) KeepAlive(ctx context.Context, w http.ResponseWriter) error {
	now := s.store.Now()
	if now.Sub(s.cookie.Seen) < s.store.Idle/8 {
		return nil
	}
	if _, err := s.store.backend.Get(ctx, s.key, 0); err != nil {
		return nil // gone, or nobody knows: the next page will see
	}
	s.cookie.Seen = now
	return s.store.writeCookie(w, s.cookie)
}
