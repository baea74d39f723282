package session

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// attemptLifetime is how long a sign-in may take.
	attemptLifetime = 10 * time.Minute
	// maxAttempts is how many sign-ins a browser may have under way. One more ends the oldest.
	maxAttempts = 10
)

var (
	// ErrNoAttempt: there is no sign-in under way with that state: it was finished, took too long, or never began.
	ErrNoAttempt = errors.New("there is no such sign-in under way")
	// ErrOtherBrowser: the sign-in began in another browser (login CSRF, RFC 9700 section 4.7).
	ErrOtherBrowser = errors.New("the sign-in began in another browser")
)

// Attempt is a sign-in under way.
type Attempt struct {
	State    string    `json:"-"`        // names it, between this server and Entra
	Nonce    string    `json:"nonce"`    // comes back in the ID token
	Verifier string    `json:"verifier"` // PKCE's secret half
	ReturnTo string    `json:"return_to"`
	Claims   string    `json:"claims,omitempty"`  // the claims request that this sign-in carries, JSON
	User     string    `json:"user,omitempty"`    // [User.Digest] of who is to sign in; "" for anyone
	Silent   bool      `json:"silent,omitempty"`  // Entra shows no page; its refusal is no error
	Reasons  int       `json:"reasons,omitempty"` // why it began without a button, a set of bits that only the caller reads
	Started  time.Time `json:"started"`
}

// storedAttempt is an attempt with what only this file knows.
type storedAttempt struct {
	Attempt
	Browser []byte `json:"browser"` // SHA-256 of the cookie's value
}

// Attempts keeps sign-ins under way, each under its state. Each has a cookie of its own, so that two tabs that begin at
// the same moment don't overwrite one another's.
type Attempts struct {
	Options
	backend Backend
	prefix  string // of the cookies' names; the key follows
	sealer  *sealer
}

// NewAttempts returns an empty keeper over a backend, which should not be the sessions' own.
func NewAttempts(backend Backend, o Options) (*Attempts, error) {
	o = o.withDefaults()
	sealer, err := newSealer(o.Key, "sign-in attempt v1")
	if err != nil {
		return nil, err
	}
	return &Attempts{Options: o, backend: backend, prefix: o.cookieName("webui-signin-"), sealer: sealer}, nil
}

// Begin keeps an attempt under its State and binds it to the browser.
func (a *Attempts) Begin(w http.ResponseWriter, r *http.Request, attempt Attempt) error {
	if err := a.makeRoom(w, r); err != nil {
		return err
	}
	attempt.Started = a.Now()
	// The time in front tells which is the oldest; what binds is the random part.
	value := strconv.FormatInt(attempt.Started.UnixMilli(), 36) + "." + randomText()
	digest := sha256.Sum256([]byte(value))
	plain, err := json.Marshal(storedAttempt{Attempt: attempt, Browser: digest[:]})
	if err != nil {
		return fmt.Errorf("encoding a sign-in: %w", err)
	}
	key := keyOf(attempt.State)
	if err := a.backend.Create(r.Context(), key, a.sealer.seal(plain, key), attemptLifetime, ""); err != nil {
		return fmt.Errorf("keeping a sign-in: %w", err)
	}
	http.SetCookie(w, a.cookie(a.prefix+key, value, int(attemptLifetime.Seconds())))
	return nil
}

// Take returns the attempt of a state and ends it: it works once. Another browser's is left alone, so that whoever has
// seen its state can't spoil it, either.
func (a *Attempts) Take(w http.ResponseWriter, r *http.Request, state string) (Attempt, error) {
	key := keyOf(state)
	cookies := r.CookiesNamed(a.prefix + key)
	found, err := a.read(r.Context(), key)
	if err != nil {
		if errors.Is(err, ErrNoAttempt) && len(cookies) > 0 {
			a.forget(w, a.prefix+key)
		}
		return Attempt{}, err
	}
	if !slices.ContainsFunc(cookies, found.belongsTo) {
		return Attempt{}, ErrOtherBrowser
	}
	_, err = a.backend.Take(r.Context(), key) // of two requests at once one gets it
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Attempt{}, fmt.Errorf("finishing a sign-in: %w", err) // perhaps it still can be: the cookie stays
	}
	a.forget(w, a.prefix+key)
	if err != nil {
		return Attempt{}, ErrNoAttempt
	}
	found.State = state
	return found.Attempt, nil
}

// Began reports whether the browser has the cookie of an attempt with the state. Whether it is the right one [Attempts.Take]
// says.
func (a *Attempts) Began(r *http.Request, state string) bool {
	return len(r.CookiesNamed(a.prefix+keyOf(state))) > 0
}

func (a *Attempts) read(ctx context.Context, key string) (storedAttempt, error) {
	sealed, err := a.backend.Get(ctx, key, 0)
	if errors.Is(err, ErrNotFound) {
		return storedAttempt{}, ErrNoAttempt
	}
	if err != nil {
		return storedAttempt{}, fmt.Errorf("looking for a sign-in: %w", err)
	}
	var found storedAttempt
	plain, err := a.sealer.open(sealed, key)
	if err != nil || json.Unmarshal(plain, &found) != nil {
		return storedAttempt{}, ErrNoAttempt // sealed with another key
	}
	return found, nil
}

func (s storedAttempt) belongsTo(cookie *http.Cookie) bool {
	digest := sha256.Sum256([]byte(cookie.Value))
	return subtle.ConstantTimeCompare(digest[:], s.Browser) == 1
}

// makeRoom ends the browser's oldest attempts. Whoever makes up cookies can name only attempts whose state they know.
func (a *Attempts) makeRoom(w http.ResponseWriter, r *http.Request) error {
	var own []*http.Cookie
	for _, cookie := range r.Cookies() {
		if strings.HasPrefix(cookie.Name, a.prefix) {
			own = append(own, cookie)
		}
	}
	if len(own) < maxAttempts {
		return nil
	}
	slices.SortFunc(own, func(x, y *http.Cookie) int { return begunAt(x).Compare(begunAt(y)) })
	for _, cookie := range own[:len(own)-maxAttempts+1] {
		a.forget(w, cookie.Name)
		if err := a.backend.Delete(r.Context(), strings.TrimPrefix(cookie.Name, a.prefix)); err != nil {
			return fmt.Errorf("ending an old sign-in: %w", err)
		}
	}
	return nil
}

func begunAt(cookie *http.Cookie) time.Time {
	text, _, _ := strings.Cut(cookie.Value, ".")
	milliseconds, err := strconv.ParseInt(text, 36, 64)
	if err != nil {
		return time.Time{} // not ours: it goes first
	}
	return time.UnixMilli(milliseconds)
}

func (a *Attempts) forget(w http.ResponseWriter, name string) {
	http.SetCookie(w, a.cookie(name, "", -1))
}
