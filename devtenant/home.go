package devtenant

import (
	"net/http"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

type homePage struct {
	pageData
	Authority       string
	ResourceManager string
	WebUI           string
	TenantID        string
	Users           []homeUser
	Applications    []homeApplication
	On              []SwitchState
	Path            []pathStepView
	Done            int // steps of it
	Unchecked       []string
	ClockMoved      time.Duration
}

type homeUser struct {
	userChoice
	Subscriptions int
}

type homeApplication struct {
	directory.Application
	Secrets, Certificates int
}

// home is GET /: what this is, a path through it, and who is in it.
func (t *Tenant) home(w http.ResponseWriter, r *http.Request) {
	_, current, _ := t.session(r)
	webUI, _ := t.sample.get()
	page := homePage{
		pageData: t.pageData("Development tenant"), Authority: t.Authority(), ResourceManager: t.resourceManagerURL,
		WebUI: webUI, TenantID: t.dir.TenantID(), On: t.SwitchedOn(),
		Unchecked: unchecked, ClockMoved: time.Duration(t.clock.moved.Load()),
	}
	page.Path, page.Done = t.pathSteps(webUI)
	for _, tenant := range t.shown() {
		for _, user := range tenant.dir.Users() {
			choice := userChoice{User: user, Initials: initials(user), Current: user.ID == current.ID}
			if t.options.MultiTenant {
				choice.Tenant = tenant.dir.DisplayName()
			}
			page.Users = append(page.Users, homeUser{userChoice: choice, Subscriptions: len(tenant.dir.Subscriptions(user.ID))})
		}
	}
	for _, a := range t.dir.Applications() {
		page.Applications = append(page.Applications, homeApplication{a, len(a.PasswordCredentials), len(a.KeyCredentials)})
	}
	t.show(w, r, http.StatusOK, "home.html", page)
}

// unchecked is what this tenant doesn't check although Entra does, or does otherwise. The README has the same list.
var unchecked = []string{
	"Passwords at the sign-in page: whoever sits at it is whom they say. The second factor is a button.",
	"Licences, devices, locations and risk: Conditional Access is one fixed rule, a second factor for Resource Manager.",
	"Who may assign roles on a subscription: any administrator of the tenant that sees it. Whoever has a role only reads.",
	"SAML, WS-Federation and federated domains: not there.",
	"Personal accounts, and invitations: a guest is one in the tenant file. Restrictions between tenants are not there.",
	"Throttling: it only happens on demand.",
	"Time: a change is there at once; in Entra it can take minutes.",
}

func clockTime(at time.Time) string { return at.UTC().Format("15:04:05") }

// switchTitle is what a switch is called, and the name of a fault that is none.
func switchTitle(name string) string {
	if row, ok := findSwitch(name); ok {
		return row.Title
	}
	return name
}
