package devtenant

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// signInPage lets one pick a user. There are no passwords.
type signInPage struct {
	pageData
	Client  directory.Application
	Carried carriedRequest
	Users   []userChoice
	Problem string
}

type userChoice struct {
	directory.User
	Initials string
	Current  bool   // signed in in this browser
	Hinted   bool   // named by login_hint
	Tenant   string // the organization, where there are several to pick from
}

// Called is what pages call the user: a directory may know no name.
func (c userChoice) Called() string {
	return cmp.Or(strings.TrimSpace(c.DisplayName), c.UserPrincipalName)
}

// needSignIn shows the sign-in page, or says that it would have to (prompt=none).
func (t *Tenant) needSignIn(w http.ResponseWriter, r *http.Request, request authorizeRequest, s session, current directory.User) {
	if request.prompts("none") {
		t.redirectRefusal(w, r, request, refuse(50058))
		return
	}
	var problem *refusal
	if t.comesBackDisabled(r, request) {
		problem = refuse(50057)
	}
	t.showSignIn(w, r, request, current, problem)
}

// comesBackDisabled says whether the page is shown because the user of the browser's session, or the one that the
// application names, has been disabled: then the page has to say so, or they would pick the account again and again.
func (t *Tenant) comesBackDisabled(r *http.Request, request authorizeRequest) bool {
	names := []string{request.values.Get("login_hint")}
	var s session
	if cookie, err := r.Cookie(sessionCookie); err == nil && t.seals.open(sealedSession, cookie.Value, &s) == nil {
		names = append(names, s.User)
	}
	for _, name := range names {
		if user, ok := t.dir.User(name); ok && !user.AccountEnabled {
			return true
		}
	}
	return false
}

func (t *Tenant) showSignIn(w http.ResponseWriter, r *http.Request, request authorizeRequest, current directory.User, problem *refusal) {
	page := signInPage{pageData: t.pageData("Pick an account"), Client: request.client, Carried: request.carried()}
	if multiTenant(request.tenant) {
		page.Organization = "Any organization"
	}
	hinted, _ := t.pickable(request, request.values.Get("login_hint"))
	for _, choice := range t.choices(request) {
		choice.Initials, choice.Current, choice.Hinted = initials(choice.User), choice.ID == current.ID, choice.ID == hinted.ID
		if choice.Hinted {
			page.Users = append([]userChoice{choice}, page.Users...)
			continue
		}
		page.Users = append(page.Users, choice)
	}
	if problem != nil {
		callOf(r).aadsts = problem.Code
		page.Problem = problem.description(callOf(r))
	}
	t.show(w, r, http.StatusOK, "signin.html", page, request.redirectURI)
}

// choices are whom the page shows: who is in the tenant, or, at /organizations, who is at home in any.
func (t *Tenant) choices(request authorizeRequest) []userChoice {
	var choices []userChoice
	if !multiTenant(request.tenant) {
		for _, user := range t.dir.Users() {
			choices = append(choices, userChoice{User: user})
		}
		return choices
	}
	for _, tenant := range t.tenants {
		for _, user := range tenant.dir.Users() {
			if !user.Guest() {
				choices = append(choices, userChoice{User: user, Tenant: tenant.dir.DisplayName()})
			}
		}
	}
	return choices
}

// pickable finds one of them by name.
func (t *Tenant) pickable(request authorizeRequest, name string) (directory.User, bool) {
	if !multiTenant(request.tenant) {
		return t.dir.User(name)
	}
	_, user, ok := t.account(name)
	return user, ok
}

// signIn is POST /{tenant}/sign-in: a user was picked.
func (t *Tenant) signIn(w http.ResponseWriter, r *http.Request) {
	request, ok := t.readCarriedRequest(w, r)
	if !ok {
		return
	}
	name := r.PostForm.Get("user")
	user, ok := t.pickable(request, name)
	if !ok {
		t.showSignIn(w, r, request, directory.User{}, refuse(50034, "user", name, "tenant", t.dir.DisplayName()))
		return
	}
	callOf(r).user = user.MailNickname
	if user.Devtenant.DisabledAfterSignIn {
		// Whoever is disabled after signing in is let in again each time, so that it can be seen more than once.
		user, _ = t.dir.UpdateUser(user.ID, func(u *directory.User) { u.AccountEnabled = true })
	}
	if !user.AccountEnabled {
		t.showSignIn(w, r, request, directory.User{}, refuse(50057))
		return
	}
	t.saveSession(w, t.newSession(user))
	http.Redirect(w, r, t.again(request, "login", "select_account"), http.StatusSeeOther)
}
