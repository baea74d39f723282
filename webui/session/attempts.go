package session

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
)

const (
	// attemptLifetime is how long a sign-in may take.
	attemptLifetime = 10 * time.Minute
	// usedMargin is how long a used state is kept beyond its sign-in's end: a replica whose clock is slow would take it once more.
	usedMargin = 5 * time.Minute
	// maxAttempts is how many sign-ins a browser may have under way. One more ends the oldest.
	maxAttempts = 10
	// maxAttemptBytes bounds their cookies together: proxies refuse a Cookie header of 8 KiB.
	maxAttemptBytes = 5 << 10
)

var (
	// ErrNoAttempt: there is no sign-in under way with that state: it was finished, took too long, or never began.
	ErrNoAttempt = errors.New("there is no such sign-in under way")
	// ErrOtherBrowser: the sign-in began in another browser (login CSRF, RFC 9700 section 4.7).
	ErrOtherBrowser = errors.New("the sign-in began in another browser")
)

// Attempt is a sign-in under way.
type Attempt struct {
	Nonce        string    `json:"n"` // comes back in the ID token
	Verifier     string    `json:"v"` // PKCE's secret half
	ReturnTo     string    `json:"r"`
	User         string    `json:"u,omitempty"` // [User.Digest] of who is to sign in; "" for anyone
	Silent       bool      `json:"s,omitempty"` // Entra shows no page; its refusal is no error
	Reasons      int       `json:"w,omitempty"` // why it began without a button: the bits of package signin's loop guard
	AdminConsent bool      `json:"a,omitempty"` // no sign-in, but an administrator's consent for everybody
	Ends         time.Time `json:"e"`
}

// Attempts keeps each sign-in under way in a cookie of its own, sealed: whoever begins many of them takes nobody else's place.
// The server keeps the states that have been used, until their sign-ins would have ended, so that each works once.
type Attempts struct {
	Options
	used   store.Store
	prefix string // of the cookies' names; the key of the state follows
	sealer *store.Sealer
}

// NewAttempts returns attempts that note used states in a backend, which should not be the sessions' own.
func NewAttempts(used store.Store, o Options) (*Attempts, error) {
	o = o.withDefaults()
	sealer, err := store.NewSealer(o.Key, "webui sign-in attempt v2")
	if err != nil {
		return nil, err
	}
	return &Attempts{Options: o, used: used, prefix: o.Cookies.Name("webui-signin") + "-", sealer: sealer}, nil
}

// Begin gives the browser an attempt, and returns its state, which names it between here and Entra.
func (a *Attempts) Begin(w http.ResponseWriter, r *http.Request, attempt Attempt) (state string, err error) {
	attempt.Ends = a.Now().Add(attemptLifetime).UTC().Truncate(time.Second)
	plain, err := json.Marshal(attempt)
	if err != nil {
		return "", fmt.Errorf("encoding a sign-in: %w", err)
	}
	// Sealed, a state of ours is known when it comes back, whichever browser brings it.
	ends, err := attempt.Ends.MarshalText()
	if err != nil {
		return "", fmt.Errorf("encoding a sign-in: %w", err)
	}
	state = base64.RawURLEncoding.EncodeToString(a.sealer.Seal(ends, "state"))
	name := a.prefix + keyOf(state)
	value := base64.RawURLEncoding.EncodeToString(a.sealer.Seal(plain, name))
	a.makeRoom(w, r, len(name)+len(value))
	a.Cookies.Set(w, name, value, int(attemptLifetime.Seconds()))
	return state, nil
}

// Take returns the attempt of a state and ends it: it works once. Another browser's is left alone, so that whoever has
// seen its state can't spoil it, either.
func (a *Attempts) Take(w http.ResponseWriter, r *http.Request, state string) (Attempt, error) {
	if !a.open(state) {
		return Attempt{}, ErrNoAttempt
	}
	key := keyOf(state)
	attempt, began := a.read(r, a.prefix+key)
	if !began {
		_, err := a.used.Get(r.Context(), key, 0)
		switch {
		case err == nil:
			return Attempt{}, ErrNoAttempt // a reload, or Back
		case errors.Is(err, store.ErrNotFound):
			return Attempt{}, ErrOtherBrowser
		}
		return Attempt{}, fmt.Errorf("looking for a sign-in: %w", err)
	}
	first, err := a.used.Mark(r.Context(), key, attempt.Ends.Sub(a.Now())+usedMargin)
	if err != nil {
		return Attempt{}, fmt.Errorf("finishing a sign-in: %w", err) // perhaps it still can be: the cookie stays
	}
	a.Cookies.Forget(w, a.prefix+key)
	if !first {
		return Attempt{}, ErrNoAttempt
	}
	return attempt, nil
}

// open reports whether a state is one of ours whose time isn't over.
func (a *Attempts) open(state string) bool {
	sealed, err := base64.RawURLEncoding.DecodeString(state)
	if err != nil {
		return false
	}
	var ends time.Time
	plain, err := a.sealer.Open(sealed, "state")
	return err == nil && ends.UnmarshalText(plain) == nil && a.Now().Before(ends)
}

// Began reports whether the browser has the attempt with the state.
func (a *Attempts) Began(r *http.Request, state string) bool {
	_, began := a.read(r, a.prefix+keyOf(state))
	return began
}

// read returns the attempt that the browser has under a cookie's name.
func (a *Attempts) read(r *http.Request, name string) (Attempt, bool) {
	for _, cookie := range atMost(r.CookiesNamed(name), maxCookies) {
		if attempt, ok := a.unseal(cookie); ok {
			return attempt, true
		}
	}
	return Attempt{}, false
}

// unseal returns the attempt in a cookie. The name is sealed with it: no value opens under another.
func (a *Attempts) unseal(cookie *http.Cookie) (attempt Attempt, ok bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || len(sealed) > maxAttemptBytes {
		return Attempt{}, false
	}
	plain, err := a.sealer.Open(sealed, cookie.Name)
	if err != nil || json.Unmarshal(plain, &attempt) != nil || !a.Now().Before(attempt.Ends) {
		return Attempt{}, false
	}
	return attempt, true
}

// makeRoom ends the browser's oldest attempts where one more of a size doesn't fit. It looks at the cookies that have the form of
// ours, and not at more of them than we could have given out.
func (a *Attempts) makeRoom(w http.ResponseWriter, r *http.Request, size int) {
	type held struct {
		name string
		size int
		ends time.Time // zero for what isn't ours: it goes first
	}
	var all []held
	for _, cookie := range r.Cookies() {
		key, ok := strings.CutPrefix(cookie.Name, a.prefix)
		known := slices.ContainsFunc(all, func(other held) bool { return other.name == cookie.Name })
		if !ok || len(key) != len(keyOf("")) || known {
			continue
		}
		if len(all) == maxAttempts {
			break
		}
		attempt, _ := a.unseal(cookie)
		all = append(all, held{cookie.Name, len(cookie.Name) + len(cookie.Value), attempt.Ends})
		size += len(cookie.Name) + len(cookie.Value)
	}
	slices.SortStableFunc(all, func(x, y held) int { return x.ends.Compare(y.ends) })
	for left := len(all); left > 0 && (left >= maxAttempts || size > maxAttemptBytes || all[0].ends.IsZero()); left-- {
		a.Cookies.Forget(w, all[0].name)
		size -= all[0].size
		all = all[1:]
	}
}

// atMost returns the first n of all, or all of them.
func atMost[T any](all []T, n int) []T { return all[:min(n, len(all))] }
