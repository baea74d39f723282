package devtenant

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// throwSwitch is POST /switches/{name}, with the parameters times and user, each in the query or a form; off=1 clears it,
// for pages, whose forms have no DELETE.
func (t *Tenant) throwSwitch(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form can't be read.", http.StatusBadRequest)
		return
	}
	name, user := r.PathValue("name"), r.Form.Get("user")
	if r.Form.Get("off") != "" {
		if _, known := findSwitch(name); known { // or anybody could fill the board
			t.board.choose(name, shorten(user))
		}
		t.clearSwitch(w, r)
		return
	}
	how := []Throw{For(user)}
	if raw := r.Form.Get("times"); raw != "" {
		times, err := strconv.Atoi(raw)
		if err != nil || times < 0 {
			http.Error(w, "times should be a number of requests; 0 is until the switch is cleared.", http.StatusBadRequest)
			return
		}
		how = append(how, Times(times))
	}
	if err := t.Switch(name, how...); err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	t.board.choose(name, user)
	t.afterSwitching(w, r, name)
}

// clearSwitch is DELETE /switches/{name}.
func (t *Tenant) clearSwitch(w http.ResponseWriter, r *http.Request) {
	t.ClearSwitch(r.PathValue("name"))
	t.afterSwitching(w, r, r.PathValue("name"))
}

// clearAllSwitches is DELETE /switches, and POST /switches for pages.
func (t *Tenant) clearAllSwitches(w http.ResponseWriter, r *http.Request) {
	t.ClearSwitches()
	t.afterSwitching(w, r, "")
}

// afterSwitching brings a browser back to the page, with its search, and tells a program what is on.
func (t *Tenant) afterSwitching(w http.ResponseWriter, r *http.Request, name string) {
	if !acceptsHTML(r) {
		t.writeSwitches(w)
		return
	}
	page := url.URL{Path: "/switches", Fragment: name}
	if query := shorten(r.FormValue("q")); query != "" {
		page.RawQuery = url.Values{"q": {query}}.Encode()
	}
	http.Redirect(w, r, page.String(), http.StatusSeeOther)
}

// acceptsHTML tells a browser from a program.
func acceptsHTML(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }
