package session

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"ms-identity-go-on-behalf-of/internal/secret"
)

const (
	// maxCookie is the longest cookie value that is looked at, in bytes. Ours have some 300.
	maxCookie = 1024
	// idBytes is the size of a session's id: 256 bits can't be guessed (OWASP ASVS 5.0, 7.2.3 asks for 128).
	idBytes = 32
)

// CookieName returns the name that a cookie gets. Over https it has the prefix __Host-, with which browsers accept it only
// as Secure, for the whole host and for no other: no neighbouring subdomain can plant one (RFC 6265bis, section 4.1.3.2).
func CookieName(name string, secure bool) string {
	if secure {
		return "__Host-" + name
	}
	return name
}

// cookieOptions are the options of every cookie here. gorilla/sessions' own defaults are readable by scripts and
// SameSite=None.
//
// Lax and not Strict: the browser comes back from Entra by a link from another site, and must bring its cookies along.
// maxAge is in seconds; 0 ends with the browser, less than 0 removes the cookie.
func cookieOptions(secure bool, maxAge int) *sessions.Options {
	return &sessions.Options{
		Path: "/", Domain: "", MaxAge: maxAge, Secure: secure, HttpOnly: true, Partitioned: false, SameSite: http.SameSiteLaxMode,
	}
}

// ticket is what the session cookie says.
type ticket struct {
	ID      string `json:"id"`   // random; the record is under its digest
	Idle    int64  `json:"idle"` // when the session ends unless it is used, seconds since 1970
	Expires int64  `json:"exp"`  // when it ends in any case
}

// over reports whether the session has come to its end by time. It tells a session that expired, whose user has to sign
// in, from a record that was lost, whose user needn't notice.
func (t ticket) over(now time.Time) bool { return now.Unix() >= t.Idle || now.Unix() >= t.Expires }

// tickets signs and reads session cookies. Nobody could guess an id without the signature, either. It is there so that
// made-up cookies cost no look into the backend, and so that "good, but its record is gone" means something.
type tickets struct {
	name  string
	codec *securecookie.SecureCookie
}

func newTickets(name string, key secret.String) (*tickets, error) {
	derived, err := deriveKey(key, labelCookie)
	if err != nil {
		return nil, err
	}
	codec := securecookie.New(derived, nil).SetSerializer(securecookie.JSONEncoder{}).MaxLength(maxCookie)
	codec.MaxAge(0) // the lifetimes are in the ticket, where the store's own clock reads them
	return &tickets{name: name, codec: codec}, nil
}

func (t *tickets) encode(content ticket) (string, error) {
	value, err := t.codec.Encode(t.name, content)
	if err != nil {
		return "", fmt.Errorf("signing the session cookie: %w", err)
	}
	return value, nil
}

// read returns what the request's cookie says. Two cookies of the name are as good as none: one of them was planted, over
// a path or a subdomain, and nothing tells which.
func (t *tickets) read(r *http.Request) (ticket, bool) {
	found := r.CookiesNamed(t.name)
	if len(found) != 1 {
		return ticket{}, false
	}
	var content ticket
	if err := t.codec.Decode(t.name, found[0].Value, &content); err != nil || content.ID == "" {
		return ticket{}, false // tampered with, cut, or signed with another key: a visitor like any other
	}
	return content, true
}

// randomText returns n random bytes in base64url.
func randomText(n int) string {
	random := make([]byte, n)
	rand.Read(random) // never fails: it ends the program where the system has no randomness
	return base64.RawURLEncoding.EncodeToString(random)
}
