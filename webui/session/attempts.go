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

	"github.com/gorilla/sessions"

	"ms-identity-go-on-behalf-of/internal/secret"
)

// maxAttempts is how many sign-ins one browser may have under way. An eleventh ends the oldest.
const maxAttempts = 10

// ErrOtherBrowser means that an attempt was begun elsewhere: its state was stolen, or somebody tries to sign this browser
// in as themselves (login CSRF, RFC 9700 section 4.7).
var ErrOtherBrowser = errors.New("the sign-in was begun in another browser")

// Attempt is a sign-in under way.
type Attempt struct {
	State     string    `json:"-"`         // names it, between this server and Entra
	Nonce     string    `json:"nonce"`     // comes back in the ID token
	Verifier  string    `json:"verifier"`  // PKCE's secret half; Entra knows its digest
	ReturnTo  string    `json:"return"`    // the local path that the user wanted
	Silent    bool      `json:"silent"`    // Entra shows no page, and its refusal is no error
	Challenge string    `json:"challenge"` // the code of the failure that this is to answer; "" if the user began it
	Claims    string    `json:"claims"`    // the claims that were asked for (JSON), sent along to Entra
	Browser   []byte    `json:"browser"`   // SHA-256 of the cookie's value
	Begun     time.Time `json:"begun"`
}

// AttemptOptions says how [Attempts] works. All but Now must be set.
type AttemptOptions struct {
	Backend  Backend
	Key      secret.String
	Name     string // of the cookies, without prefix
	Secure   bool
	Lifetime time.Duration
	Now      func() time.Time
}

// Attempts keeps sign-ins under way: each under its state, for ten minutes or so, until it is finished once.
type Attempts struct {
	o      AttemptOptions
	prefix string
	sealer *sealer
}

// NewAttempts makes an empty keeper of attempts.
func NewAttempts(o AttemptOptions) (*Attempts, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	sealer, err := newSealer(o.Key, labelAttempt)
	if err != nil {
		return nil, err
	}
	return &Attempts{o: o, prefix: CookieName(o.Name, o.Secure) + "-", sealer: sealer}, nil
}

// Begin keeps an attempt and gives the browser its cookie. It sets State, Browser and Begun.
func (a *Attempts) Begin(w http.ResponseWriter, r *http.Request, attempt Attempt) (Attempt, error) {
	if err := a.endOldest(w, r); err != nil {
		return Attempt{}, err
	}
	attempt.State = randomText(idBytes)
	attempt.Begun = a.o.Now()
	// The time in front is for telling the oldest; what counts is the random part.
	value := strconv.FormatInt(attempt.Begun.UnixMilli(), 36) + "." + randomText(idBytes)
	digest := sha256.Sum256([]byte(value))
	attempt.Browser = digest[:]

	plain, err := json.Marshal(attempt)
	if err != nil {
		return Attempt{}, fmt.Errorf("encoding a sign-in: %w", err)
	}
	key := keyOf(attempt.State)
	if err := a.o.Backend.Create(r.Context(), key, "", a.sealer.seal(key, plain), a.o.Lifetime); err != nil {
		return Attempt{}, fmt.Errorf("keeping a sign-in: %w", err)
	}
	http.SetCookie(w, sessions.NewCookie(a.prefix+key, value, cookieOptions(a.o.Secure, int(a.o.Lifetime.Seconds()))))
	return attempt, nil
}

// Finish returns the attempt of a state and ends it. The error wraps ErrNotFound where there is none, and ErrOtherBrowser
// where it isn't this browser's: then it is ended all the same, since somebody else knows its state.
func (a *Attempts) Finish(w http.ResponseWriter, r *http.Request, state string) (Attempt, error) {
	key := keyOf(state)
	attempt, err := a.take(r.Context(), key)
	cookies := r.CookiesNamed(a.prefix + key)
	if len(cookies) > 0 {
		a.forget(w, a.prefix+key)
	}
	if err != nil {
		return Attempt{}, err
	}
	attempt.State = state
	ours := func(c *http.Cookie) bool {
		digest := sha256.Sum256([]byte(c.Value))
		return subtle.ConstantTimeCompare(digest[:], attempt.Browser) == 1
	}
	if !slices.ContainsFunc(cookies, ours) {
		return Attempt{}, fmt.Errorf("finishing a sign-in: %w", ErrOtherBrowser)
	}
	return attempt, nil
}

func (a *Attempts) take(ctx context.Context, key string) (Attempt, error) {
	sealed, err := a.o.Backend.Take(ctx, key)
	if err != nil {
		return Attempt{}, fmt.Errorf("finishing a sign-in: %w", err)
	}
	var attempt Attempt
	plain, err := a.sealer.open(key, sealed)
	if err != nil || json.Unmarshal(plain, &attempt) != nil {
		return Attempt{}, fmt.Errorf("finishing a sign-in: %w", ErrNotFound)
	}
	return attempt, nil
}

// endOldest makes room for one more attempt of this browser.
func (a *Attempts) endOldest(w http.ResponseWriter, r *http.Request) error {
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
		// Whoever invents cookies can name only attempts whose state they know, and those they could finish as well.
		if err := a.o.Backend.Delete(r.Context(), strings.TrimPrefix(cookie.Name, a.prefix)); err != nil {
			return fmt.Errorf("ending an old sign-in: %w", err)
		}
	}
	return nil
}

func begunAt(cookie *http.Cookie) time.Time {
	text, _, _ := strings.Cut(cookie.Value, ".")
	milliseconds, err := strconv.ParseInt(text, 36, 64)
	if err != nil {
		return time.Time{} // not ours, so it goes first
	}
	return time.UnixMilli(milliseconds)
}

func (a *Attempts) forget(w http.ResponseWriter, name string) {
	http.SetCookie(w, sessions.NewCookie(name, "", cookieOptions(a.o.Secure, -1)))
}
