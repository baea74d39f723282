package devtenant

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is a failure on demand: pure data, so that a page, an HTTP request and a test can switch the same ones on.
// Each endpoint asks for one first. What several members say happens together: first the delay, then the answer.
//
// What isn't a fault of one answer is a state of the tenant and has a method of its own: RotateKeys, WithdrawKeys,
// MoveClock, RevokeSessions, and the directory's WithdrawConsent and UpdateUser.
type Fault struct {
	Name string // unique: setting another of the same name replaces it
	// Endpoint is where it happens, as [Tenant.Count] names it: "keys", "token:on_behalf_of", "subscriptions". "token"
	// is every grant, "*" every endpoint but the tenant's own page.
	Endpoint string
	Times    int // how many requests it meets; 0: until it is cleared

	Delay time.Duration // before anything else; ends early when the client goes away

	// AADSTS answers as that row of the table of failures, with Claims where the row asks for interaction.
	AADSTS int
	Claims string

	// Status, Header and Body answer with just that. Truncate announces the whole body, sends half and closes.
	Status   int
	Header   http.Header
	Body     []byte
	Truncate bool

	// What follows changes a good answer and leaves the rest alone.
	Lifetime  time.Duration // of access tokens; MSAL's on-behalf-of call refuses less than five minutes
	RefreshIn time.Duration // says refresh_in
	NextLink  string        // of a page of subscriptions, whatever the page
}

// Faults are the failures that are switched on.
type Faults struct {
	mu     sync.Mutex
	active []Fault
}

// Set switches a fault on.
func (f *Faults) Set(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.active = slices.DeleteFunc(f.active, func(o Fault) bool { return o.Name == fault.Name })
	f.active = append(f.active, fault)
}

// Clear switches one fault off; with an empty name, all of them.
func (f *Faults) Clear(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.active = slices.DeleteFunc(f.active, func(o Fault) bool { return name == "" || o.Name == name })
}

// Active lists what is switched on, with what is left of Times.
func (f *Faults) Active() []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.active)
}

// take returns the faults for a request to an endpoint, up to the first that is an answer, and counts them.
func (f *Faults) take(endpoint string) []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var taken []Fault
	for _, fault := range f.active {
		if !fault.meets(endpoint) {
			continue
		}
		taken = append(taken, fault)
		if fault.answers() {
			break
		}
	}
	for _, fault := range taken {
		i := slices.IndexFunc(f.active, func(o Fault) bool { return o.Name == fault.Name })
		switch fault.Times {
		case 0: // until it is cleared
		case 1:
			f.active = slices.Delete(f.active, i, i+1)
		default:
			f.active[i].Times--
		}
	}
	return taken
}

func (f Fault) meets(endpoint string) bool {
	family, _, _ := strings.Cut(endpoint, ":")
	return f.Endpoint == endpoint || f.Endpoint == family || f.Endpoint == "*"
}

// answers says whether the fault is an answer by itself, or only changes a good one.
func (f Fault) answers() bool { return f.AADSTS != 0 || f.Status != 0 || f.Body != nil || f.Truncate }

// Faults are the switches of this tenant.
func (t *Tenant) Faults() *Faults { return &t.faults }

// interfere does what the faults for a request say, and reports whether that was the answer.
func (t *Tenant) interfere(w http.ResponseWriter, r *http.Request) bool {
	c := callOf(r)
	for _, fault := range t.faults.take(c.endpoint) {
		c.faults = append(c.faults, fault)
		if fault.Delay > 0 && !waitFor(r, fault.Delay) {
			return true
		}
		if !fault.answers() {
			continue
		}
		switch {
		case fault.AADSTS == 0:
			writeFault(w, fault)
		case interactive(c.endpoint):
			t.errorPage(w, r, refuse(fault.AADSTS).withClaims(fault.Claims))
		default:
			t.writeRefusal(w, r, refuse(fault.AADSTS).withClaims(fault.Claims))
		}
		return true
	}
	return false
}

func writeFault(w http.ResponseWriter, fault Fault) {
	maps.Copy(w.Header(), fault.Header)
	if fault.Truncate {
		w.Header().Set("Content-Length", strconv.Itoa(len(fault.Body)))
	}
	status := fault.Status
	if status == 0 {
		status = http.StatusOK
	}
	w.WriteHeader(status)
	body := fault.Body
	if fault.Truncate {
		body = body[:len(body)/2]
	}
	_, _ = w.Write(body)
	if fault.Truncate {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler) // the only way to break off an answer that has begun
	}
}

// waitFor waits, unless the client goes away first.
func waitFor(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// interactive says whether a person is in front of an endpoint.
func interactive(endpoint string) bool {
	switch endpoint {
	case "authorize", "sign-in", "second-factor", "consent", "device", "logout":
		return true
	}
	return false
}
