package devtenant

import (
	"bytes"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// pageData is what every page needs.
type pageData struct {
	Title        string
	Organization string
}

func (t *Tenant) pageData(title string) pageData {
	return pageData{Title: title, Organization: t.dir.DisplayName()}
}

// loadPages parses each page together with the layout.
func loadPages() (map[string]*template.Template, error) {
	entries, err := templateFiles.ReadDir("templates")
	if err != nil {
		return nil, fmt.Errorf("reading the pages: %w", err)
	}
	pages := map[string]*template.Template{}
	for _, entry := range entries {
		name := entry.Name()
		if name == "layout.html" {
			continue
		}
		page, err := template.New("layout.html").Funcs(template.FuncMap{"clockTime": clockTime, "switchTitle": switchTitle}).ParseFS(templateFiles, "templates/layout.html", "templates/"+name)
		if err != nil {
			return nil, fmt.Errorf("parsing page %s: %w", name, err)
		}
		pages[name] = page
	}
	return pages, nil
}

// show writes a page. Its Content-Security-Policy allows nothing inline and nothing from elsewhere, except that forms
// and frames may lead to the given addresses: browsers hold form-action against the redirect that follows a form, too.
func (t *Tenant) show(w http.ResponseWriter, r *http.Request, status int, name string, page any, addresses ...string) {
	var body bytes.Buffer
	if err := t.pages[name].ExecuteTemplate(&body, "layout.html", page); err != nil {
		t.log.ErrorContext(r.Context(), "a page could not be made", "page", name, "error", err)
		http.Error(w, "This page could not be made.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", contentSecurityPolicy(addresses))
	h.Set("Cache-Control", "no-store, no-cache")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w)
}

func contentSecurityPolicy(addresses []string) string {
	var origins []string
	for _, address := range addresses {
		u, err := url.Parse(address)
		if err != nil || u.Scheme == "" || strings.ContainsAny(u.Host, "; ,") {
			continue
		}
		origin := u.Scheme + ":" // an installed application's own scheme
		if u.Host != "" {
			origin = u.Scheme + "://" + u.Host
		}
		if !slices.Contains(origins, origin) {
			origins = append(origins, origin)
		}
	}
	others := strings.Join(append([]string{""}, origins...), " ")
	frames := "'none'"
	if len(origins) > 0 {
		frames = strings.TrimSpace(others)
	}
	return "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'" + others +
		"; frame-src " + frames + "; frame-ancestors 'none'; base-uri 'none'"
}

type errorPageData struct {
	pageData
	Code        int
	Sentence    string
	Trace       string
	Correlation string
	Timestamp   string
}

// errorPage tells a person what went wrong, where it can't be told to the application.
func (t *Tenant) errorPage(w http.ResponseWriter, r *http.Request, refused *refusal) {
	c := callOf(r)
	c.aadsts = refused.Code
	page := errorPageData{
		pageData: t.pageData("Sorry, but we’re having trouble signing you in."), Code: refused.Code, Sentence: refused.sentence(c),
		Trace: c.traceID, Correlation: c.correlationID, Timestamp: timestamp(c.start),
	}
	// 200, like Entra: it is a page for a person, and no client reads its status.
	t.show(w, r, http.StatusOK, "error.html", page)
}

var sentenceName = regexp.MustCompile(`\{[a-z_]+\}`)

// explain is GET /error?code=n: what an AADSTS code means, the address of error_uri.
func (t *Tenant) explain(w http.ResponseWriter, r *http.Request) {
	code, err := strconv.Atoi(r.URL.Query().Get("code"))
	row, ok := failureByCode(code)
	if err != nil || !ok {
		http.NotFound(w, r)
		return
	}
	row.Sentence = sentenceName.ReplaceAllString(row.Sentence, "…") // there is no request to fill them in from
	page := struct {
		pageData
		Failure
	}{t.pageData("AADSTS" + strconv.Itoa(code)), row}
	t.show(w, r, http.StatusOK, "explain.html", page)
}

type formPostData struct {
	pageData
	Action string
	Fields []Parameter
}

// formPostPage hands an answer over in a form (OAuth 2.0 Form Post Response Mode). Without scripts it takes a click.
func (t *Tenant) formPostPage(w http.ResponseWriter, r *http.Request, action string, answer url.Values) {
	page := formPostData{pageData: t.pageData("Back to the application"), Action: action}
	for name := range answer {
		page.Fields = append(page.Fields, Parameter{Name: name, Value: answer.Get(name)})
	}
	slices.SortFunc(page.Fields, func(a, b Parameter) int { return strings.Compare(a.Name, b.Name) })
	t.show(w, r, http.StatusOK, "formpost.html", page, action)
}

func initials(user directory.User) string {
	letters := ""
	for _, part := range []string{user.GivenName, user.Surname} {
		if part != "" {
			letters += string([]rune(part)[:1])
		}
	}
	return letters
}

func stdBase64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
