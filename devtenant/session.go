package devtenant

import (
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// session is the browser's single sign-on session at the tenant: with it, signing in to a second application shows no
// page. It is sealed into a cookie; the tenant keeps nothing.
type session struct {
	ID           string    `json:"sid"`
	Tenant       string    `json:"tenant"` // in which the user was picked
	User         string    `json:"user"`   // object id there
	AuthTime     time.Time `json:"authTime"`
	SecondFactor bool      `json:"secondFactor"`
	Clients      []string  `json:"clients"` // signed in to in this session: whom to tell at sign-out
}

const (
	// Cookies are shared between the ports of a host, so the name must not be one that an application on localhost
	// might choose.
	sessionCookie   = "devtenant_session"
	sessionLifetime = 24 * time.Hour
)

// session reads the browser's session, of whichever tenant, and finds its user in this one. A session that isn't ours, too
// old, or older than the user's revocation is none.
func (t *Tenant) session(r *http.Request) (session, directory.User, bool) {
	s, ok := t.readSession(r)
	if !ok {
		return session{}, directory.User{}, false
	}
	user, ok := t.local(s.Tenant, s.User)
	if !ok || !user.AccountEnabled || t.Now().Sub(s.AuthTime) > sessionLifetime || s.AuthTime.Before(user.SignInSessionsValidFromDateTime) {
		return session{}, directory.User{}, false
	}
	s.Tenant, s.User = t.dir.TenantID(), user.ID
	return s, user, true
}

func (t *Tenant) readSession(r *http.Request) (session, bool) {
	var s session
	cookie, err := r.Cookie(sessionCookie)
	if err != nil || t.seals.open(sealedSession, cookie.Value, &s) != nil {
		return session{}, false
	}
	return s, true
}

// newSession starts a session for a user who has just said who they are.
func (t *Tenant) newSession(user directory.User) session {
	return session{ID: uuid.NewString(), Tenant: t.dir.TenantID(), User: user.ID, AuthTime: t.Now()}
}

func (t *Tenant) saveSession(w http.ResponseWriter, s session) {
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: t.seals.seal(sealedSession, s), Path: "/", HttpOnly: true,
		Secure: strings.HasPrefix(t.browserURL, "https:"), SameSite: http.SameSiteLaxMode,
	})
}

func (t *Tenant) endSession(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Path: "/", MaxAge: -1, HttpOnly: true,
		Secure: strings.HasPrefix(t.browserURL, "https:"), SameSite: http.SameSiteLaxMode,
	})
}

func (s session) evidence(nonce string) evidence {
	return evidence{Tenant: s.Tenant, User: s.User, SessionID: s.ID, AuthTime: s.AuthTime, SecondFactor: s.SecondFactor, Nonce: nonce}
}

// RevokeSessions ends all sessions of a user, as Graph's revokeSignInSessions does: refresh tokens answer 50173, and
// the user has to sign in again. Access tokens live on, unless whoever gets them asks.
func (t *Tenant) RevokeSessions(user string) error {
	_, err := t.dir.UpdateUser(user, func(u *directory.User) { u.SignInSessionsValidFromDateTime = t.Now() })
	return err
}

// signedIn is called when the first tokens of a sign-in were issued.
func (t *Tenant) signedIn(userID string) {
	user, ok := t.dir.User(userID)
	if ok && user.Devtenant.DisabledAfterSignIn {
		_, _ = t.dir.UpdateUser(userID, func(u *directory.User) { u.AccountEnabled = false })
	}
}
