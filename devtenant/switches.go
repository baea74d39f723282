package devtenant

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// Switch is one failure that can be caused on purpose: a row of the tables in switches_*.go. It is a set of faults, or a
// change of the tenant's state, never both.
type Switch struct {
	Name   string
	Title  string // what is made to happen, in plain words
	Shows  string // what should happen
	Try    string // the page of the web UI on which to see it; "" if it isn't seen there
	Faults []Fault
	State  State
}

// SwitchGroup is a group of switches by what one learns from them.
type SwitchGroup struct {
	Title    string
	Lesson   string
	Switches []Switch
}

// SwitchGroups is the table of switches, in the order of the flow.
func SwitchGroups() []SwitchGroup {
	return slices.Concat(switchesForPeople(), switchesForRegistrations(), switchesForTokens(), switchesForOutages(), switchesForWireForms())
}

// Throw says how a switch is thrown where that differs from its row.
type Throw func(*throw)

type throw struct {
	times *int
	user  string
}

// Times is for so many requests; 0 is until it is cleared. A change of the tenant's state is always until it is cleared,
// or for good.
func Times(n int) Throw { return func(t *throw) { t.times = &n } }

// For is for one user alone, by short name.
func For(user string) Throw { return func(t *throw) { t.user = user } }

// What a switch or a user is that doesn't exist.
var (
	ErrNoSwitch = errors.New("there is no switch of this name")
	ErrNoUser   = errors.New("there is no user of this name")
)

// SwitchState is a switch that is on.
type SwitchState struct {
	Name  string `json:"name"`
	User  string `json:"user,omitempty"` // "": everyone
	Times int    `json:"times"`          // how many requests it still meets; 0 is until it is cleared
}

// switchBoard remembers the states that are on, in the order in which they came on, and how to undo them, and for whom each
// switch was thrown last, which the page offers again.
type switchBoard struct {
	mu     sync.Mutex
	on     []stateOn
	chosen map[string]string // short names of users
}

type stateOn struct {
	SwitchState
	undo func()
}

// Switch throws a switch, for example t.Switch("mfa", devtenant.For("alice")). One that is on already is thrown anew.
func (t *Tenant) Switch(name string, how ...Throw) error {
	row, ok := findSwitch(name)
	if !ok {
		return fmt.Errorf("switch %q: %w", name, ErrNoSwitch)
	}
	var thrown throw
	for _, h := range how {
		h(&thrown)
	}
	if thrown.user != "" {
		if _, ok := t.dir.User(thrown.user); !ok {
			for _, other := range t.tenants {
				if _, there := other.dir.User(thrown.user); there {
					return other.Switch(name, how...)
				}
			}
			return fmt.Errorf("switch %q: %q: %w", name, thrown.user, ErrNoUser)
		}
	}
	if row.State != "" {
		return t.changeState(row, thrown.user)
	}
	faults := slices.Clone(row.Faults)
	for i := range faults {
		faults[i].Name, faults[i].User = row.Name, thrown.user
		if thrown.times != nil {
			faults[i].Times = *thrown.times
		}
	}
	t.faults.Set(faults...)
	return nil
}

func (t *Tenant) changeState(row Switch, user string) error {
	t.ClearSwitch(row.Name)
	undo, err := states[row.State](t, user)
	if err != nil {
		return fmt.Errorf("switch %q: %w", row.Name, err)
	}
	if undo == nil {
		return nil // done once and for all
	}
	t.board.mu.Lock()
	defer t.board.mu.Unlock()
	t.board.on = append(t.board.on, stateOn{SwitchState{Name: row.Name, User: user}, undo})
	return nil
}

// ClearSwitch switches one off. What was done for good (rotated keys, revoked sessions, withdrawn consent) stays done.
func (t *Tenant) ClearSwitch(name string) {
	t.faults.Clear(name)
	t.board.clear(func(on stateOn) bool { return on.Name == name })
}

// ClearSwitches switches all of them off, and every other fault.
func (t *Tenant) ClearSwitches() {
	t.faults.Clear("")
	t.board.clear(func(stateOn) bool { return true })
	t.board.mu.Lock()
	defer t.board.mu.Unlock()
	t.board.chosen = nil
}

// clear undoes states, the last one first: a user who was disabled and then removed is restored, and then enabled.
func (b *switchBoard) clear(which func(stateOn) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, on := range slices.Backward(b.on) {
		if which(on) {
			on.undo()
			b.on = slices.Delete(b.on, i, i+1)
		}
	}
}

func (b *switchBoard) choose(name, user string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.chosen == nil {
		b.chosen = map[string]string{}
	}
	b.chosen[name] = user
}

func (b *switchBoard) chosenFor(name string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.chosen[name]
}

// SwitchedOn lists what is on, by name.
func (t *Tenant) SwitchedOn() []SwitchState {
	on := map[string]SwitchState{}
	t.board.mu.Lock()
	for _, state := range t.board.on {
		on[state.Name] = state.SwitchState
	}
	t.board.mu.Unlock()
	for _, fault := range t.faults.Active() {
		state, ok := on[fault.Name]
		if !ok || fault.Times == 0 || state.Times != 0 && fault.Times > state.Times {
			on[fault.Name] = SwitchState{Name: fault.Name, User: fault.User, Times: fault.Times}
		}
	}
	list := make([]SwitchState, 0, len(on))
	for _, name := range slices.Sorted(maps.Keys(on)) {
		list = append(list, on[name])
	}
	return list
}

func findSwitch(name string) (Switch, bool) {
	for _, group := range SwitchGroups() {
		for _, row := range group.Switches {
			if row.Name == name {
				return row, true
			}
		}
	}
	return Switch{}, false
}
