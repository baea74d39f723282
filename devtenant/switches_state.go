package devtenant

import (
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// State is a change of the tenant that a switch makes: what isn't a fault of one answer.
type State string

const (
	consentWithdrawn  State = "consent withdrawn"
	secondFactorAsked State = "a second factor asked for"
	sessionsRevoked   State = "sessions revoked"
	// The same, told in the documented form of a challenge.
	sessionsRevokedDocumented State = "sessions revoked, documented challenge"
	usersDisabled             State = "users disabled"
	usersRemoved              State = "users removed"
	tokensOfVersion1          State = "tokens of version 1.0"
	keysRotated               State = "keys rotated"
	keysWithdrawn             State = "keys withdrawn"
	clockAhead                State = "clock ahead"
	clockBehind               State = "clock behind"
)

// states make the changes, for one user or, with "", for everyone, where they are about users. The function that each
// returns takes the change back; nil where it was done for good.
var states = map[State]func(t *Tenant, user string) (undo func(), err error){
	consentWithdrawn: func(t *Tenant, user string) (func(), error) {
		return nil, t.forUsers(user, func(u directory.User) error { t.dir.WithdrawConsent(u.ID); return nil })
	},
	sessionsRevoked: func(t *Tenant, user string) (func(), error) {
		t.documentedChallenges.Store(false)
		return nil, t.revokeSessionsOf(user)
	},
	sessionsRevokedDocumented: func(t *Tenant, user string) (func(), error) {
		t.documentedChallenges.Store(true)
		return nil, t.revokeSessionsOf(user)
	},
	secondFactorAsked: func(t *Tenant, user string) (func(), error) {
		return t.changeUsers(user, func(u *directory.User) {
			u.Devtenant.SecondFactorFor = append(u.Devtenant.SecondFactorFor, directory.ResourceManagerAppID)
		}, func(u *directory.User, before directory.User) {
			u.Devtenant.SecondFactorFor = before.Devtenant.SecondFactorFor
		})
	},
	usersDisabled: func(t *Tenant, user string) (func(), error) {
		return t.changeUsers(user, func(u *directory.User) { u.AccountEnabled = false }, func(u *directory.User, before directory.User) {
			u.AccountEnabled = before.AccountEnabled
		})
	},
	usersRemoved: func(t *Tenant, user string) (func(), error) {
		var gone []directory.User
		err := t.forUsers(user, func(u directory.User) error {
			removed, err := t.dir.DeleteUser(u.ID)
			gone = append(gone, removed)
			return err
		})
		return func() {
			for _, u := range gone {
				_ = t.dir.RestoreUser(u) // in conflict only with a user of the same name made since, who stays
			}
		}, err
	},
	tokensOfVersion1: func(t *Tenant, _ string) (func(), error) {
		return func() { _ = t.setTokenVersion(2) }, t.setTokenVersion(1)
	},
	keysRotated:   func(t *Tenant, _ string) (func(), error) { return nil, t.RotateKeys() },
	keysWithdrawn: func(t *Tenant, _ string) (func(), error) { return nil, t.WithdrawKeys() },
	clockAhead:    func(t *Tenant, _ string) (func(), error) { return t.moveClockBy(10 * time.Minute) },
	clockBehind:   func(t *Tenant, _ string) (func(), error) { return t.moveClockBy(-2 * time.Hour) },
}

func (t *Tenant) revokeSessionsOf(user string) error {
	return t.forUsers(user, func(u directory.User) error { return t.RevokeSessions(u.ID) })
}

func (t *Tenant) moveClockBy(d time.Duration) (func(), error) {
	t.MoveClock(d)
	return func() { t.MoveClock(-d) }, nil
}

// forUsers does something for one user or, with "", for each.
func (t *Tenant) forUsers(name string, do func(directory.User) error) error {
	for _, user := range t.dir.Users() {
		if named, ok := t.dir.User(name); name != "" && (!ok || named.ID != user.ID) {
			continue
		}
		if err := do(user); err != nil {
			return err
		}
	}
	return nil
}

// changeUsers changes users, and returns what takes that back.
func (t *Tenant) changeUsers(name string, change func(*directory.User), back func(u *directory.User, before directory.User)) (func(), error) {
	var changed []directory.User
	err := t.forUsers(name, func(before directory.User) error {
		changed = append(changed, before)
		_, err := t.dir.UpdateUser(before.ID, change)
		return err
	})
	return func() {
		for _, before := range changed {
			// An error means that the user has been removed since: there is nothing to take back.
			_, _ = t.dir.UpdateUser(before.ID, func(u *directory.User) { back(u, before) })
		}
	}, err
}

// setTokenVersion sets requestedAccessTokenVersion of the sample's API.
func (t *Tenant) setTokenVersion(version int) error {
	home := t.tenants[0].dir
	api, _ := home.ApplicationByAppID(home.Sample().API.AppID)
	_, err := home.UpdateApplication(api.ID, func(a *directory.Application) error {
		a.API.RequestedAccessTokenVersion = &version
		return nil
	})
	return err
}
