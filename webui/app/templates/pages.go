// Package templates is the pages that people see, and what each of them shows. It knows nothing of requests.
//
// A page is a component in a .templ file (templ, https://templ.guide), which templ's generator turns into the Go file
// beside it. After changing one, make them anew:
//
//	go generate ./webui/app/templates
//
// Whatever stands in braces is escaped for the place where it stands. html/template would do, too, but it looks up methods
// by name while the program runs, so that the linker has to keep every method of every library: the program, as the
// Dockerfile builds it, would be twice the size, and a page takes it several times as long.
package templates

// The version is go.mod's, which internal/repository checks.
//
//go:generate go run github.com/a-h/templ/cmd/templ@v0.3.1100 generate

import (
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/signin"
)

// Frame is what all pages have around their main part.
type Frame struct {
	Title string
	User  *session.User // who is signed in; nil for nobody
	Base  string        // in front of each path: the prefix that the web UI is reached under
	Links []Link        // pages to lead whoever is signed in to
	Extra Extra
}

// Link leads to a page of the web UI.
type Link struct{ Path, Text string }

// Extra is what another package adds to a page; nil adds nothing.
type Extra struct {
	Link    templ.Component // beside the heading
	Section templ.Component // below everything else
	Strip   templ.Component // above everything else
	Open    bool            // what error pages have for developers isn't folded
}

// SubscriptionsPage is what [Subscriptions] shows. Its Frame has a User.
type SubscriptionsPage struct {
	Frame
	Greeting templ.Component // above the list; nil for none
	Listing
	Subscriptions []Subscription   // those on this page of the list
	NoneBecause   apperror.Failure // where the user has none
	JSON          string           // what the API said of those on this page
}

// Subscription is one row of the table, as Resource Manager names its parts.
type Subscription struct {
	ID       string `json:"subscriptionId"`
	Name     string `json:"displayName"`
	State    string `json:"state"`
	TenantID string `json:"tenantId"`
}

// ErrorPage is what [Error] shows.
type ErrorPage struct {
	Frame
	Failure    apperror.Failure
	Check      string            // the check that failed; "" elsewhere
	AADSTS     int               // Entra's number, 0 if it isn't Entra's error
	RetryAfter int               // seconds; 0 where nobody has to wait
	APIFailure *apperror.Failure // what the API said, where this page is about the API itself
	DocsURL    string            // what to do about it, in the documentation
	TraceID    string
	Again      bool   // trying again is what helps
	AgainAt    string // where; "" is the same address
	SignIn     bool   // signing in is; otherwise it is beginning anew
	AsAnother  bool   // and only with another account
	// AdminConsent offers the administrator to consent for everybody.
	AdminConsent bool
}

// loginAddress is where signing in begins that ends at a path of the web UI.
func loginAddress(base, returnTo string) string {
	if returnTo == "/" {
		return base + signin.LoginPath
	}
	return base + signin.LoginPath + "?" + url.Values{"return_to": {returnTo}}.Encode()
}

func (e ErrorPage) nextStep() string {
	if e.Failure.User == "" {
		return "Nothing here, and nothing is wrong with your account. Tell whoever runs this application."
	}
	return e.Failure.User
}

func seconds(n int) string {
	if n == 1 {
		return "a second"
	}
	return strconv.Itoa(n) + " seconds"
}

// guideURL is where an AADSTS code is explained by Entra itself.
func (e ErrorPage) guideURL() string {
	return "https://login.microsoftonline.com/error?" + url.Values{"code": {strconv.Itoa(e.AADSTS)}}.Encode()
}
