package devtenant

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

type requestsPage struct {
	pageData
	Query  string
	Trace  string
	Groups []requestGroup
	Kept   int // how many requests there are to look through
	WebUI  string
}

// requestGroup is what one trace asked: one page of the web UI, most often.
type requestGroup struct {
	TraceID  string
	At       time.Time
	Person   string // the last one named; "" where nobody is
	Requests []requestView
}

// requestView is one request as the page shows it, with names in place of ids.
type requestView struct {
	Request
	What   string
	For    string // the API that a token is asked for
	Client string
	Person string
	Tenant string // that the path names
	Named  []namedParameter
}

// Bad says that the request was refused.
func (v requestView) Bad() bool { return v.AADSTS != 0 || v.Status >= http.StatusBadRequest }

// namedParameter is a parameter with what the ids in its value are called.
type namedParameter struct {
	Parameter
	Names string
}

// requestsPage is GET /requests for people: one group for each trace, the last one first, and in a group the first request
// first, as they followed one another. ?trace= leaves one trace, ?q= those in which a request has each of the words.
func (t *Tenant) requestsPage(w http.ResponseWriter, r *http.Request) {
	webUI, _ := t.sample.get()
	query := r.URL.Query()
	page := requestsPage{pageData: t.pageData("What it was asked"), Query: shorten(query.Get("q")), Trace: shorten(plainTraceID(query.Get("trace"))), WebUI: webUI}
	asked := t.Requests()
	page.Kept = len(asked)
	for _, group := range t.groups(asked) {
		if (page.Trace == "" || group.TraceID == page.Trace) && group.has(words(page.Query)) {
			page.Groups = append(page.Groups, group)
		}
	}
	t.show(w, r, http.StatusOK, "requests.html", page)
}

// groups puts requests, last first, into their traces.
func (t *Tenant) groups(asked []Request) []requestGroup {
	names := t.names()
	at := map[string]int{}
	var groups []requestGroup
	for _, request := range asked {
		i, known := at[request.TraceID]
		if !known {
			i = len(groups)
			at[request.TraceID] = i
			groups = append(groups, requestGroup{TraceID: request.TraceID})
		}
		view, group := t.view(request, names), &groups[i]
		if group.Person == "" {
			group.Person = view.Person
		}
		group.At = request.At
		group.Requests = append([]requestView{view}, group.Requests...)
	}
	return groups
}

func (t *Tenant) view(request Request, names idNames) requestView {
	view := requestView{Request: request, What: endpointTitle(request.Endpoint), Client: names.of(request.ClientID), Person: request.User, Tenant: names.of(request.Path)}
	for _, tenant := range slices.Backward(t.tenants) { // the first one's have the last word
		if user, ok := tenant.dir.User(request.User); ok {
			view.Person = user.DisplayName
		}
		if api, ok := tenant.dir.Resource(resourceOf(request.Scope)); ok && strings.HasPrefix(request.Endpoint, tokenEndpoint) {
			view.For = api.DisplayName
		}
	}
	for _, parameter := range request.Parameters {
		view.Named = append(view.Named, namedParameter{parameter, names.of(parameter.Value)})
	}
	return view
}

// resourceOf is the API that the first of some scopes names: https://host of https://host/scope.
func resourceOf(scope string) string {
	for name := range strings.FieldsSeq(scope) {
		if end := strings.LastIndexByte(name, '/'); end > 0 {
			return name[:end]
		}
	}
	return ""
}

// has says whether one of the group's requests has all of the words.
func (g requestGroup) has(words []string) bool {
	for _, view := range g.Requests {
		text := []string{
			g.TraceID, view.What, view.For, view.Endpoint, view.Method, view.Path, view.Client, view.ClientID, view.Person, view.User, view.Scope, view.Fault,
			strconv.Itoa(view.Status), view.CorrelationID,
		}
		if view.AADSTS != 0 {
			text = append(text, "AADSTS"+strconv.Itoa(view.AADSTS))
		}
		for _, parameter := range view.Named {
			text = append(text, parameter.Name, parameter.Value, parameter.Names)
		}
		if containsAll(strings.Join(text, "\n"), words) {
			return true
		}
	}
	return false
}

// words are what a search asks for, in lower case.
func words(query string) []string { return strings.Fields(strings.ToLower(query)) }

func containsAll(text string, words []string) bool {
	text = strings.ToLower(text)
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}
