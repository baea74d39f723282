package devtenant

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

type switchesPage struct {
	pageData
	Query  string
	On     []switchView
	Others []SwitchState // faults of a program's own that are on
	Groups []switchGroupView
	Users  []string // short names
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
	On     *SwitchState // nil: off
	Chosen string       // for whom it was thrown last; "" is everyone
	Page   *switchesPage
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

// listSwitches is GET /switches: a page for people, JSON for programs. The page has first what is on, and ?q= leaves those of
// the others that have each of its words.
func (t *Tenant) listSwitches(w http.ResponseWriter, r *http.Request) {
	if !acceptsHTML(r) {
		t.writeSwitches(w)
		return
	}
	webUI, _ := t.sample.get()
	page := &switchesPage{pageData: t.pageData("Switches"), Query: shorten(r.URL.Query().Get("q")), Users: t.userNames(), WebUI: webUI, Self: t.BrowserURL()}
	on := map[string]*SwitchState{}
	for _, state := range t.SwitchedOn() {
		on[state.Name] = &state
		if _, ok := findSwitch(state.Name); !ok {
			page.Others = append(page.Others, state)
		}
	}
	for _, group := range SwitchGroups() {
		view := switchGroupView{Title: group.Title, Lesson: group.Lesson}
		for _, row := range group.Switches {
			line := switchView{Switch: row, On: on[row.Name], Chosen: t.board.chosenFor(row.Name), Page: page}
			switch {
			case line.On != nil:
				line.Chosen = line.On.User
				page.On = append(page.On, line)
			case containsAll(line.text(group.Title), words(page.Query)):
				view.Switches = append(view.Switches, line)
			}
		}
		if len(view.Switches) > 0 {
			page.Groups = append(page.Groups, view)
		}
	}
	t.show(w, r, http.StatusOK, "switches.html", page)
}

// text is what a search looks through.
func (v switchView) text(group string) string {
	text := []string{v.Name, v.Title, v.Shows, group}
	for _, code := range v.Codes() {
		text = append(text, "AADSTS"+strconv.Itoa(code))
	}
	return strings.Join(text, "\n")
}

// userNames are the short names of everybody whom a switch can be for.
func (t *Tenant) userNames() []string {
	var names []string
	for _, tenant := range t.shown() {
		for _, user := range tenant.dir.Users() {
			if !slices.Contains(names, user.MailNickname) {
				names = append(names, user.MailNickname)
			}
		}
	}
	return names
}

// writeSwitches tells a program what there is and what is on.
func (t *Tenant) writeSwitches(w http.ResponseWriter) {
	type row struct {
		Name  string       `json:"name"`
		Title string       `json:"title"`
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
			line := row{Name: s.Name, Title: s.Title, Group: group.Title, Shows: s.Shows}
			if state, ok := on[s.Name]; ok {
				line.On = &state
			}
			rows = append(rows, line)
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(map[string]any{"address": t.BrowserURL(), "switches": rows})
}
