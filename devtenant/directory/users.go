package directory

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// User is Graph's user resource. Whoever sits at the sign-in page is whom they say: its pages ask for no password.
type User struct {
	ID                string `json:"id"` // the oid of tokens
	DisplayName       string `json:"displayName"`
	GivenName         string `json:"givenName"`
	Surname           string `json:"surname"`
	Mail              string `json:"mail"`
	MailNickname      string `json:"mailNickname"` // the short name: alice
	UserPrincipalName string `json:"userPrincipalName"`
	UserType          string `json:"userType"` // Member or Guest
	AccountEnabled    bool   `json:"accountEnabled"`
	// What Graph's profile of a user holds besides.
	BusinessPhones    []string `json:"businessPhones,omitempty"`
	JobTitle          string   `json:"jobTitle,omitempty"`
	MobilePhone       string   `json:"mobilePhone,omitempty"`
	OfficeLocation    string   `json:"officeLocation,omitempty"`
	PreferredLanguage string   `json:"preferredLanguage,omitempty"`
	// SignInSessionsValidFromDateTime moves when sessions are revoked: what was issued before it is worth nothing.
	SignInSessionsValidFromDateTime time.Time `json:"signInSessionsValidFromDateTime"`
	// Devtenant is what Graph doesn't have: the part that the user plays here.
	Devtenant Role `json:"devtenant"`
}

// Role is the part that a user plays in the development tenant.
type Role struct {
	Shows string `json:"shows"` // a sentence for the page: what one sees when signed in as this user
	// Consent says what the user may allow an application: "self" (what it does in their own name), "organization"
	// (for everyone, and permissions that take an administrator) or "none". Empty is "self".
	Consent string `json:"consent,omitempty"`
	// SecondFactorFor are client ids of APIs for which Conditional Access wants a second factor of this user.
	SecondFactorFor []string `json:"secondFactorFor,omitempty"`
	// DisabledAfterSignIn: the account is disabled as soon as the first tokens of a sign-in were issued, and enabled
	// again when the user next sits down at the sign-in page, so that it can be seen as often as one likes.
	DisabledAfterSignIn bool `json:"disabledAfterSignIn,omitempty"`
	// Password is what the username/password grant takes, where the tenant allows that grant; "" is none. Like the client
	// secrets of the sample it may stand in a file: it opens a development tenant and nothing else. Pages don't ask for it.
	Password string `json:"password,omitempty"`
	// HomeTenantID and HomeObjectID say where a guest comes from.
	HomeTenantID string `json:"homeTenantId,omitempty"`
	HomeObjectID string `json:"homeObjectId,omitempty"`
}

// Guest says whether the user's home is another tenant.
func (u User) Guest() bool { return u.UserType == "Guest" }

// MayConsent says whether the user may allow a permission of the given type (PermissionScope.Type).
func (u User) MayConsent(scopeType string) bool {
	switch u.Devtenant.Consent {
	case "organization":
		return true
	case "none":
		return false
	}
	return scopeType == "User"
}

// NeedsSecondFactorFor says whether Conditional Access wants a second factor of the user for an API.
func (u User) NeedsSecondFactorFor(resourceAppID string) bool {
	for _, appID := range u.Devtenant.SecondFactorFor {
		if appID == resourceAppID {
			return true
		}
	}
	return false
}

// Users lists the tenant's users in the order of the tenant file.
func (d *Directory) Users() []User {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return cloneAll(d.users)
}

// User finds a user by object id, user principal name, mail address or short name.
func (d *Directory) User(name string) (User, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	u, ok := d.userNames[nameKey(name)]
	if !ok {
		return User{}, false
	}
	return clone(*u), true
}

// CreateUser adds a user. An empty id is made here; accountEnabled is as given.
func (d *Directory) CreateUser(u User) (User, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	u = clone(u)
	if u.ID == "" {
		u.ID = newID()
	}
	if u.UserType == "" {
		u.UserType = "Member"
	}
	if u.MailNickname == "" || u.UserPrincipalName == "" {
		return User{}, invalid("a user needs mailNickname and userPrincipalName")
	}
	for _, name := range []string{u.ID, u.UserPrincipalName, u.MailNickname} {
		if _, taken := d.userNames[nameKey(name)]; taken {
			return User{}, fmt.Errorf("creating user %s: %w name", name, ErrConflict)
		}
	}
	d.users = append(d.users, &u)
	d.nameUser(&u)
	return clone(u), nil
}

// UpdateUser changes one user, found as [Directory.User] finds them.
func (d *Directory) UpdateUser(name string, change func(*User)) (User, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	u, ok := d.userNames[nameKey(name)]
	if !ok {
		return User{}, fmt.Errorf("user %s: %w", name, ErrNotFound)
	}
	d.unnameUser(u)
	change(u)
	d.nameUser(u)
	return clone(*u), nil
}

// DeleteUser takes a user out of the tenant, and returns them for [Directory.RestoreUser]. Their consents and roles stay
// until then, as Entra keeps them for thirty days.
func (d *Directory) DeleteUser(name string) (User, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	u, ok := d.userNames[nameKey(name)]
	if !ok {
		return User{}, fmt.Errorf("user %s: %w", name, ErrNotFound)
	}
	d.unnameUser(u)
	d.users = slices.DeleteFunc(d.users, func(o *User) bool { return o == u })
	return clone(*u), nil
}

// RestoreUser brings a deleted user back.
func (d *Directory) RestoreUser(u User) error {
	_, err := d.CreateUser(u)
	return err
}

// names are those by which [Directory.User] finds the user. Case doesn't count.
func (u *User) names() []string {
	return []string{u.ID, u.UserPrincipalName, u.MailNickname, u.Mail}
}

func nameKey(name string) string { return strings.ToLower(name) }

// nameUser lets the user be found. Of two with the same mail address the first is.
func (d *Directory) nameUser(u *User) {
	for _, name := range u.names() {
		if _, taken := d.userNames[nameKey(name)]; name != "" && !taken {
			d.userNames[nameKey(name)] = u
		}
	}
}

// unnameUser lets the user be found no more. Who has had a name in common with them is found by it from then on.
func (d *Directory) unnameUser(u *User) {
	for _, name := range u.names() {
		if d.userNames[nameKey(name)] == u {
			delete(d.userNames, nameKey(name))
		}
	}
	for _, other := range d.users {
		if other != u {
			d.nameUser(other)
		}
	}
}
