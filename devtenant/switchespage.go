package devtenant

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

type switchesPage struct {
	pageData
	Groups []switchGroupView
	On     []SwitchState
	Users  []directory.User
	WebUI  string
	Self   string
}

type switchGroupView struct {
	Title, Lesson string
	Switches      []switchView
}

// switchView is one switch as the page shows it.
type switchView struct {
	Switch
	On *SwitchState // nil: off
}

// Changes says that the switch changes the tenant's state: until it is cleared, or for good.
func (v switchView) Changes() bool { return v.State != "" }

// ForGood says that the switch does something that can't be taken back.
func (v switchView) ForGood() bool {
	return slices.Contains([]State{consentWithdrawn, sessionsRevoked, sessionsRevokedDocumented, keysRotated, keysWithdrawn}, v.State)
}

// ForUsers says that the switch can be for one user alone.
func (v switchView) ForUsers() bool {
	if v.Changes() {
		return slices.Contains([]State{consentWithdrawn, secondFactorAsked, sessionsRevoked, sessionsRevokedDocumented, usersDisabled, usersRemoved}, v.State)
	}
	return v.Faults[0].Endpoint != "keys" && v.Faults[0].Endpoint != "token:device_code"
}

// Once says that the switch is for the next request unless it is told otherwise.
func (v switchView) Once() bool { return !v.Changes() && v.Faults[0].Times == 1 }

// Codes are the AADSTS codes that the switch answers with.
func (v switchView) Codes() []int {
	var codes []int
	for _, fault := range v.Faults {
		if fault.AADSTS != 0 {
			codes = append(codes, fault.AADSTS)
		}
	}
	return codes
}

// listSwitches is GET /switches: a page for people, JSON for programs.
func (t *Tenant) listSwitches(w http.ResponseWriter, r *http.Request) {
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		t.writeSwitches(w)
		return
	}
	webUI, _ := t.sample.get()
	page := switchesPage{pageData: t.pageData("Switches"), On: t.SwitchedOn(), Users: t.dir.Users(), WebUI: webUI, Self: t.BrowserURL()}
	on := map[string]*SwitchState{}
	for i, state := range page.On {
		on[state.Name] = &page.On[i]
	}
	for _, group := range SwitchGroups() {
		view := switchGroupView{Title: group.Title, Lesson: group.Lesson}
		for _, row := range group.Switches {
			view.Switches = append(view.Switches, switchView{Switch: row, On: on[row.Name]})
		}
		page.Groups = append(page.Groups, view)
	}
	t.show(w, r, http.StatusOK, "switches.html", page)
}

// writeSwitches tells a program what there is and what is on.
func (t *Tenant) writeSwitches(w http.ResponseWriter) {
	type row struct {
		Name  string       `json:"name"`
		Group string       `json:"group"`
		Shows string       `json:"shows"`
		On    *SwitchState `json:"on,omitempty"`
	}
	on := map[string]SwitchState{}
	for _, state := range t.SwitchedOn() {
		on[state.Name] = state
	}
	var rows []row
	for _, group := range SwitchGroups() {
		for _, s := range group.Switches {
			line := row{Name: s.Name, Group: group.Title, Shows: s.Shows}
			if state, ok := on[s.Name]; ok {
				line.On = &state
			}
			rows = append(rows, line)
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(map[string]any{"switches": rows})
}

// throwSwitch is POST /switches/{name}, with the parameters times and user, each in the query or a form; off=1 clears it,
// for pages, whose forms have no DELETE.
func (t *Tenant) throwSwitch(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form can't be read.", http.StatusBadRequest)
		return
	}
	if r.Form.Get("off") != "" {
		t.clearSwitch(w, r)
		return
	}
	how := []Throw{For(r.Form.Get("user"))}
	if raw := r.Form.Get("times"); raw != "" {
		times, err := strconv.Atoi(raw)
		if err != nil || times < 0 {
			http.Error(w, "times should be a number of requests; 0 is until the switch is cleared.", http.StatusBadRequest)
			return
		}
		how = append(how, Times(times))
	}
	if err := t.Switch(r.PathValue("name"), how...); err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	t.afterSwitching(w, r, "#"+r.PathValue("name"))
}

// clearSwitch is DELETE /switches/{name}.
func (t *Tenant) clearSwitch(w http.ResponseWriter, r *http.Request) {
	t.ClearSwitch(r.PathValue("name"))
	t.afterSwitching(w, r, "#"+r.PathValue("name"))
}

// clearAllSwitches is DELETE /switches, and POST /switches for pages.
func (t *Tenant) clearAllSwitches(w http.ResponseWriter, r *http.Request) {
	t.ClearSwitches()
	t.afterSwitching(w, r, "")
}

// afterSwitching brings a browser back to the page, and tells a program what is on.
func (t *Tenant) afterSwitching(w http.ResponseWriter, r *http.Request, fragment string) {
	if strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Redirect(w, r, "/switches"+fragment, http.StatusSeeOther)
		return
	}
	t.writeSwitches(w)
}
