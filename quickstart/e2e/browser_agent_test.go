package e2e

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
)

// quick makes the tiers impatient: what takes a minute in a failure that is caused on purpose, a test sees in seconds. The
// deadlines keep their order, and are long enough for a machine that is busy with other tests.
func quick(o *stack.Options) {
	o.API = shortLimits
	o.WebUI = shortWebUILimits
}

// browser is a user with a browser without a screen.
type browser struct {
	*devtenant.UserAgent
	t    *testing.T
	s    *stack.Stack
	user string
}

func newBrowser(t *testing.T, s *stack.Stack, user string) *browser {
	return &browser{UserAgent: devtenant.NewUserAgent(s.Tenant), t: t, s: s, user: user}
}

// seen is the page at the end of a visit.
type seen struct {
	status int
	path   string
	body   string
	code   string // of the web UI's error page; "" for the list
	aadsts int    // on it
	pages  string // of the tenant, on the way
}

var (
	codeShown   = regexp.MustCompile(`<dt>Code</dt><dd><code>([a-z_]+)</code>`)
	aadstsShown = regexp.MustCompile(`AADSTS(\d+)`)
)

const (
	// longest is how long anyone waits for a page, all redirects and deadlines included.
	longest = 30 * time.Second
)

// visit opens a page of the web UI and answers the tenant's pages. A circle of redirects ends the test, and so do a fault
// of the web UI's own and a wait beyond the deadline.
func (b *browser) visit(path string) seen {
	b.t.Helper()
	began := time.Now()
	response, err := b.SignIn(b.t.Context(), b.s.WebUI.URL+path, b.user) // an error after ten redirects in a row
	if err != nil {
		b.t.Fatalf("%s: %v", path, err)
	}
	if took := time.Since(began); took > longest {
		b.t.Errorf("%s: the page took %s", path, took)
	}
	got := seen{status: response.StatusCode, path: response.Request.URL.Path, body: text(b.t, response), pages: strings.Join(b.Pages, " ")}
	if match := codeShown.FindStringSubmatch(got.body); match != nil {
		got.code = match[1]
		if match := aadstsShown.FindStringSubmatch(got.body); match != nil {
			got.aadsts, _ = strconv.Atoi(match[1])
		}
	}
	if got.status == http.StatusInternalServerError {
		b.t.Errorf("%s: a fault of the web UI's own:\n%s", path, got.body)
	}
	if match := secretShown(got.body); match != "" {
		b.t.Errorf("%s: the page shows %q", path, match)
	}
	return got
}

// wantList checks that a page is the user's list.
func (b *browser) wantList(what string, got seen) {
	b.t.Helper()
	if got.code != "" || got.status != http.StatusOK || subscriptionsOn(got.body) == 0 {
		b.t.Errorf("%s: %s sees %d %s AADSTS%d, and not the list:\n%s", what, b.user, got.status, got.code, got.aadsts, got.body)
	}
}

// wantPage checks that a page explains a failure: its title, its sentence, the next step, the AADSTS code and the trace id.
func (b *browser) wantPage(what string, got seen, code string, aadsts int) {
	b.t.Helper()
	known, ok := apperror.Lookup(code)
	if !ok {
		b.t.Fatalf("%s: there is no failure %s", what, code)
	}
	if got.code != code || got.status != known.Status || aadsts >= 0 && got.aadsts != aadsts {
		b.t.Errorf("%s: %d %s AADSTS%d, want %d %s AADSTS%d:\n%s", what, got.status, got.code, got.aadsts, known.Status, code, aadsts, got.body)
		return
	}
	plain := html.UnescapeString(got.body)
	for _, part := range []string{known.Title, known.What, known.User, known.Developer, known.Admin, "Trace ID", apperror.Docs(code)} {
		if !strings.Contains(plain, part) {
			b.t.Errorf("%s: the page doesn't say %q", what, part)
		}
	}
}

// secretShown returns what looks like a token, a code, a state or a credential in a page or a log, "" for nothing.
func secretShown(place string) string {
	for _, pattern := range secretPatterns {
		if match := pattern.FindString(place); match != "" {
			return match
		}
	}
	for _, hidden := range []string{"web-ui-for-development-only", "api-for-development-only"} {
		if strings.Contains(place, hidden) {
			return hidden
		}
	}
	return ""
}

var secretPatterns = []*regexp.Regexp{
	regexp.MustCompile(`eyJ[\w-]{10,}\.`),                                   // a JWT
	regexp.MustCompile(`[?&](code|state|nonce|code_verifier)=[^\s"&]{10,}`), // in an address; ?code=50057 is an error's
	regexp.MustCompile(`(client_assertion|client_secret|assertion)=[^\s]`),  // in a form
}

// checkLog looks for secrets in what all three logged.
func checkLog(t *testing.T, log *buffer) {
	t.Helper()
	logged := log.String()
	if strings.Count(logged, "\n") < 20 {
		t.Errorf("the log is suspiciously short:\n%s", logged)
	}
	if match := secretShown(logged); match != "" {
		t.Errorf("the log shows %q:\n%s", match, around(logged, match))
	}
}

// throw throws a switch.
func throw(t *testing.T, s *stack.Stack, name string, how ...devtenant.Throw) {
	t.Helper()
	if err := s.Tenant.Switch(name, how...); err != nil {
		t.Fatal(err)
	}
}

// allSwitches are the names of all switches.
func allSwitches() []string {
	var names []string
	for _, group := range devtenant.SwitchGroups() {
		for _, row := range group.Switches {
			names = append(names, row.Name)
		}
	}
	return names
}

// tryOf is where a switch is seen.
func tryOf(t *testing.T, name string) string {
	t.Helper()
	for _, group := range devtenant.SwitchGroups() {
		if i := slices.IndexFunc(group.Switches, func(s devtenant.Switch) bool { return s.Name == name }); i >= 0 {
			return group.Switches[i].Try
		}
	}
	t.Fatal(fmt.Errorf("switch %s: %w", name, devtenant.ErrNoSwitch))
	return ""
}
