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
		return nil, t.forUsers(user, func(in *Tenant, u directory.User) error { in.dir.WithdrawConsent(u.ID); return nil })
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
		var back []func()
		err := t.forUsers(user, func(in *Tenant, u directory.User) error {
			removed, err := in.dir.DeleteUser(u.ID)
			// In conflict only with a user of the same name made since, who stays.
			back = append(back, func() { _ = in.dir.RestoreUser(removed) })
			return err
		})
		return inOrder(back), err
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
	return t.forUsers(user, func(in *Tenant, u directory.User) error { return in.RevokeSessions(u.ID) })
}

func (t *Tenant) moveClockBy(d time.Duration) (func(), error) {
	t.MoveClock(d)
	return func() { t.MoveClock(-d) }, nil
}

// forUsers does something for one user of this tenant or, with "", for each of all tenants.
func (t *Tenant) forUsers(name string, do func(in *Tenant, user directory.User) error) error {
	if name != "" {
		user, ok := t.dir.User(name)
		if !ok {
			return nil // removed since
		}
		return do(t, user)
	}
	for _, tenant := range t.tenants {
		for _, user := range tenant.dir.Users() {
			if err := do(tenant, user); err != nil {
				return err
			}
		}
	}
	return nil
}

// changeUsers changes users, and returns what takes that back.
func (t *Tenant) changeUsers(name string, change func(*directory.User), back func(u *directory.User, before directory.User)) (func(), error) {
	var undo []func()
	err := t.forUsers(name, func(in *Tenant, before directory.User) error {
		undo = append(undo, func() {
			// An error means that the user has been removed since: there is nothing to take back.
			_, _ = in.dir.UpdateUser(before.ID, func(u *directory.User) { back(u, before) })
		})
		_, err := in.dir.UpdateUser(before.ID, change)
		return err
	})
	return inOrder(undo), err
}

func inOrder(all []func()) func() {
	return func() {
		for _, one := range all {
			one()
		}
	}
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
