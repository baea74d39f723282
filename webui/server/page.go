package server

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"ms-identity-go-on-behalf-of/internal/failure"
	"ms-identity-go-on-behalf-of/webui/session"
)

//go:embed templates static
var files embed.FS

// pages renders what people see. Templates and style sheet are in the program: it serves wherever it is copied to.
type pages struct {
	templates map[string]*template.Template // by the file that is the page's main part
	sessions  *session.Store
	now       func() time.Time
}

func newPages(cfg Config, sessions *session.Store) (*pages, error) {
	p := &pages{templates: map[string]*template.Template{}, sessions: sessions, now: cfg.Now}
	for _, name := range []string{"signedout.html", "subscriptions.html", "error.html"} {
		parsed, err := template.ParseFS(files, "templates/layout.html", "templates/hops.html", "templates/"+name)
		if err != nil {
			return nil, fmt.Errorf("parsing the page %s: %w", name, err)
		}
		p.templates[name] = parsed
	}
	return p, nil
}

// frame is what all pages have around their main part.
type frame struct {
	Title string
	User  *session.User // who is signed in; nil for nobody
}

// frame says who is signed in, also on error pages, so that there is always a way to sign out.
func (p *pages) frame(c *gin.Context, title string) frame {
	f := frame{Title: title}
	if problem := problemOf(c); problem != nil && problem.code == failure.StoreUnavailable {
		return f // to ask again would only make the page late
	}
	if user, err := p.sessions.Current(c.Request); err == nil {
		f.User = &user.User
	}
	return f
}

// render writes a page as a whole or, where the template fails, a plain sentence: half a page with status 200 would be
// taken for a whole one.
func (p *pages) render(c *gin.Context, status int, name string, page any) {
	var body bytes.Buffer
	if err := p.templates[name].ExecuteTemplate(&body, "layout.html", page); err != nil {
		_ = c.Error(fmt.Errorf("rendering %s: %w", name, err))
		c.String(http.StatusInternalServerError, "This page can't be shown.\n")
		return
	}
	c.Data(status, "text/html; charset=utf-8", body.Bytes())
}

// signedOutPage is what templates/signedout.html shows.
type signedOutPage struct {
	frame
	Hops []hop
}

func (p *pages) signedOut(c *gin.Context) {
	p.render(c, http.StatusOK, "signedout.html", signedOutPage{frame: frame{Title: "Your Azure subscriptions"}, Hops: fourHops()})
}

// shown is what there is to show after all four hops.
type shown struct {
	user      session.Record
	token     accessToken
	tokenTook time.Duration
	apiTook   time.Duration
	answer    apiAnswer
}

// subscription is one row of the table, as Resource Manager names its parts.
type subscription struct {
	ID       string `json:"subscriptionId"`
	Name     string `json:"displayName"`
	State    string `json:"state"`
	TenantID string `json:"tenantId"`
}

// StateClass names the style of a state: there are five of them, and anything else gets the neutral one.
func (s subscription) StateClass() string {
	switch s.State {
	case "Enabled":
		return "state-good"
	case "Warned", "PastDue":
		return "state-warning"
	case "Disabled", "Deleted":
		return "state-bad"
	}
	return "state-other"
}

// subscriptionsPage is what templates/subscriptions.html shows.
type subscriptionsPage struct {
	frame
	Subscriptions []subscription
	Empty         failure.Failure // why there may be none
	JSON          string
	Hops          []hop
	Claims        claimsTable
}

func (p *pages) subscriptions(c *gin.Context, s shown) {
	page, err := newSubscriptionsPage(s, p.now())
	if err != nil {
		p.fail(c, bodyProblem(err))
		return
	}
	p.render(c, http.StatusOK, "subscriptions.html", page)
}

func newSubscriptionsPage(s shown, now time.Time) (subscriptionsPage, error) {
	page := subscriptionsPage{
		frame: frame{Title: "Your Azure subscriptions", User: &s.user.User},
		Empty: failure.Get(failure.NoSubscriptions),
	}
	for _, raw := range s.answer.Value {
		var row subscription
		if err := json.Unmarshal(raw, &row); err != nil {
			return page, fmt.Errorf("a subscription is %w", errShape)
		}
		page.Subscriptions = append(page.Subscriptions, row)
	}
	body, err := indented(struct {
		Value []json.RawMessage `json:"value"`
		Count int               `json:"count"`
	}{s.answer.Value, s.answer.Count})
	if err != nil {
		return page, fmt.Errorf("the list is %w", errShape)
	}
	page.JSON = body
	page.Hops = newHops(s)
	page.Claims = newClaimsTable(s, now)
	return page, nil
}

// indented returns JSON for people. Escaping is the template's business.
func indented(value any) (string, error) {
	var body strings.Builder
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(value)
	return strings.TrimSpace(body.String()), err
}

// contentTypes are those of the files in static. The system's own table is not the same everywhere.
var contentTypes = map[string]string{".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}

// static answers GET /static/*file. The files have no version in their name: browsers ask each time, and by the ETag are
// told that nothing has changed.
func (p *pages) static(c *gin.Context) {
	name := "static" + c.Param("file")
	content, err := fs.ReadFile(files, name)
	if err != nil || !fs.ValidPath(name) {
		p.fail(c, &problem{code: failure.NotFound})
		return
	}
	sum := sha256.Sum256(content)
	c.Header("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
	c.Header("Cache-Control", "no-cache")
	c.Header("Content-Type", contentTypes[name[strings.LastIndexByte(name, '.'):]])
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(content))
}

// SignInURL is where the button leads.
func (frame) SignInURL() string { return "/account/login" }

// GuidesURL is where an AADSTS code is explained by Entra itself.
func (e errorPage) GuidesURL() string {
	return "https://login.microsoftonline.com/error?" + url.Values{"code": {fmt.Sprint(e.AADSTS)}}.Encode()
}
